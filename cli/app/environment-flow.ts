import { createHash } from "node:crypto";

/** A node of a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** The gates of reference 1: what is installed of the environment variables, by id. */
const SIDES = ["entry", "exit"] as const;
type Side = (typeof SIDES)[number];

/** Lines, coils and the length of the opening, as reference 1 has them. */
const PINS: Record<Side, string> = { entry: "17", exit: "27" };
const COILS: Record<Side, string> = { entry: "1", exit: "2" };
const GPIO_PULSE_MS = 5_000;

/**
 * The barriers that `BARRIER_TYPE` and its variables describe (reference 1), as a flow
 * of their own: `entry` and `exit`, for the dashboard, the API and whatever is wired to
 * them. Values are named, not copied: a changed variable counts at the next start.
 * @returns no nodes where the variables name no barrier
 * @throws RangeError for a type that there is not
 */
export function environmentFlow(env: NodeJS.ProcessEnv): FlowNode[] {
  const type = env.BARRIER_TYPE?.trim().toLowerCase() ?? "";
  if (type === "") return [];
  const tab = idOf("tab");
  const barriers = SIDES.flatMap((side, index): FlowNode[] => {
    const own = deviceOf(type, side, env);
    if (!own) return [];
    const place = { z: tab, x: 500, y: 120 + index * 100 };
    const wires = [[idOf("link out")], []];
    const common = { barrierId: side, laneId: side, ...TIMES, ...own, wires };
    return [
      { id: idOf(side), ...place, name: `${side} barrier`, ...common, type: String(own.type) },
    ];
  });
  if (barriers.length === 0) return [];
  const info = "Made of BARRIER_TYPE and its variables at the start. Changed here, it is yours.";
  const page = { id: tab, type: "tab", label: "Barriers of the environment", info };
  return [page, ...wiring(tab, barriers), ...barriers];
}

/** Decisions of the tab *Cameras* go to the barrier of their lane, and what it did goes back. */
function wiring(tab: string, barriers: FlowNode[]): FlowNode[] {
  const lanes = barriers.map(({ barrierId }) => barrierId);
  return [
    {
      id: idOf("link in"),
      type: "link in",
      ...{ z: tab, x: 95, y: 160, name: "opens", links: [shippedId("link cameras opens")] },
      wires: [[idOf("lanes")]],
    },
    {
      id: idOf("lanes"),
      type: "switch",
      ...{ z: tab, x: 270, y: 160, name: "lane", property: "decision.laneId" },
      ...{ propertyType: "msg", checkall: "false", repair: false, outputs: lanes.length },
      rules: lanes.map((lane) => ({ t: "eq", v: lane, vt: "str" })),
      wires: barriers.map(({ id }) => [id]),
    },
    {
      id: idOf("link out"),
      type: "link out",
      ...{ z: tab, x: 705, y: 160, name: "what they did", mode: "link" },
      links: [shippedId("link cameras outcomes")],
      wires: [],
    },
  ];
}

const TIMES = {
  pulseMs: 500,
  openingMs: 3000,
  openMs: 8000,
  closingMs: 4000,
  retries: 2,
  pollMs: 1000,
  autoClose: false,
  closeWithoutSensors: false,
  trustMessages: false,
};

function deviceOf(
  type: string,
  side: Side,
  env: NodeJS.ProcessEnv,
): Record<string, unknown> | null {
  switch (type) {
    case "http":
      return httpOf(`BARRIER_HTTP_${side.toUpperCase()}_URL`, env);
    case "gpio": {
      const pin = named(`BARRIER_${side.toUpperCase()}_PIN`, PINS[side], env);
      const chip = { method: "auto", chip: "gpiochip0", chipBase: "", activeLow: false };
      const times = { pulseMs: GPIO_PULSE_MS };
      return { type: "barrier-gpio", ...chip, pin, closePin: "", inputLines: "", ...times };
    }
    case "modbus":
      return { ...modbusOf(env), address: COILS[side] };
    default:
      throw new RangeError(`BARRIER_TYPE is gpio, http or modbus, not "${type}"`);
  }
}

function httpOf(variable: string, env: NodeJS.ProcessEnv): Record<string, unknown> | null {
  if (!env[variable]) return null;
  const fixed = { preset: "generic", channel: "", timeoutMs: 3000, ca: "" };
  const auth = env.BARRIER_HTTP_API_KEY ? "bearer" : "none";
  const rules = {
    acceptAnyCertificate: false,
    followRedirects: false,
    actions: "",
    inputRules: "",
  };
  return { type: "barrier-http", ...fixed, ...rules, auth, url: `\${${variable}}` };
}

function modbusOf(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const tcp = Boolean(env.BARRIER_MODBUS_HOST);
  return {
    type: "barrier-modbus",
    preset: "coil",
    transport: tcp ? "tcp" : "rtu",
    host: tcp ? "${BARRIER_MODBUS_HOST}" : "",
    port: named("BARRIER_MODBUS_TCP_PORT", "502", env),
    path: named("BARRIER_MODBUS_PORT", "/dev/ttyUSB0", env),
    baudRate: 9600,
    parity: "none",
    stopBits: 1,
    unit: 1,
    kind: "coil",
    closeAddress: "",
    onValue: "",
    offValue: "",
    flash: false,
    flashAddress: "",
    flashUnitMs: "",
    inputKind: "discrete",
    inputLines: "",
    timeoutMs: 2000,
  };
}

/** The variable by its name where it is set, so that a flow does not hold its value; else the default. */
function named(variable: string, fallback: string, env: NodeJS.ProcessEnv): string {
  return env[variable] ? `\${${variable}}` : fallback;
}

function idOf(name: string): string {
  return shippedId(`environment ${name}`);
}

/** As scripts/flows/ids.mjs makes the ids of the shipped flows. */
function shippedId(name: string): string {
  return createHash("sha256").update(`plategate:${name}`).digest("hex").slice(0, 16);
}
