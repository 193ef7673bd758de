import { readFileSync } from "node:fs";
import type { GatewayOptions } from "../../adapters/mqtt/gateway";
import { loginOf } from "../../adapters/mqtt/client";
import { COMMAND_MODES, type CommandMode } from "../../api/mqtt/commands";
import { prefixProblem, Topics } from "../../core/mqtt/topics";

/** The node's settings as the editor saves them; what is empty is taken from the environment. */
export interface GatewayFields {
  url?: string;
  user?: string;
  ca?: string;
  topic?: string;
  /** "": the environment's, "off", or where Home Assistant looks. */
  discovery?: string;
  commands?: string;
  pictures?: boolean;
}

export interface GatewaySecrets {
  password?: string;
}

export interface GatewaySettings {
  options: Omit<GatewayOptions, "id">;
  mode: CommandMode;
  actor: string;
}

/**
 * The gateway's settings, from the node and where it leaves them empty from MQTT_URL,
 * MQTT_USERNAME, MQTT_PASSWORD, MQTT_CA, MQTT_TOPIC, MQTT_DISCOVERY, MQTT_COMMANDS. The
 * environment's login goes to the environment's address alone.
 * @returns null where no broker is named
 * @throws Error naming what cannot be
 */
export function gatewaySettings(
  fields: GatewayFields,
  secrets: GatewaySecrets,
  site: { id: string; name: string },
  env: NodeJS.ProcessEnv,
): GatewaySettings | null {
  const own = fields.url?.trim() ?? "";
  const url = own || (env.MQTT_URL?.trim() ?? "");
  if (url === "") return null;
  if (!URL.canParse(url) || !/^mqtts?:$/.test(new URL(url).protocol)) {
    throw new Error("the broker's address is written mqtt://host or mqtts://host");
  }
  const login = own
    ? { username: fields.user, password: secrets.password, ca: fields.ca }
    : { username: env.MQTT_USERNAME, password: env.MQTT_PASSWORD, ca: env.MQTT_CA };
  const address = { url, ...login, ca: authorityOf(login.ca) };
  const prefix = fields.topic?.trim() || env.MQTT_TOPIC?.trim() || "plategate";
  const problem = prefixProblem(prefix);
  if (problem) throw new Error(problem);
  const mode = modeOf(fields.commands || env.MQTT_COMMANDS || "off");
  const user = loginOf(address)?.user ?? null;
  if (mode === "broker" && user === null) {
    throw new Error("commands on the broker's word need a login: one without lets anybody in");
  }
  return {
    mode,
    actor: `mqtt:${user ?? "anonymous"}`,
    options: {
      address,
      topics: new Topics(prefix, site.id),
      siteName: site.name,
      discovery: discoveryOf(fields.discovery || env.MQTT_DISCOVERY || "homeassistant"),
      pictures: fields.pictures !== false,
      commands: mode !== "off",
      buttons: mode === "broker",
    },
  };
}

/** A certificate as PEM, or the path of a file with one. */
function authorityOf(given: string | undefined): string | undefined {
  const text = given?.trim();
  if (!text) return undefined;
  return text.startsWith("-----") ? text : readFileSync(text, "utf8");
}

function modeOf(given: string): CommandMode {
  const mode = COMMAND_MODES.find((one) => one === given.trim().toLowerCase());
  if (!mode) throw new Error(`commands (MQTT_COMMANDS) are ${COMMAND_MODES.join(", ")}`);
  return mode;
}

function discoveryOf(given: string): string | null {
  const prefix = given.trim();
  if (prefix.toLowerCase() === "off") return null;
  const problem = prefixProblem(prefix);
  if (problem) throw new Error(`discovery (MQTT_DISCOVERY): ${problem}`);
  return prefix;
}
