import type { Node, NodeAPI, NodeDef } from "node-red";
import { EmergencyHold } from "../../adapters/access/emergency-hold";
import { ExternalCheck } from "../../adapters/access/external-check";
import { Gate } from "../../adapters/access/gate";
import { gates } from "../../adapters/access/gates";
import { MemoryState } from "../../adapters/access/memory-state";
import { barriers } from "../../adapters/barriers/registry";
import type { BarrierAudit } from "../../core/barrier/ports";
import { checkGrant } from "../../adapters/grants/grants";
import { listedCollisions } from "../../core/access/identify";
import { inlineSnapshot, parseInlineList } from "../../core/access/inline-list";
import type { Vehicle } from "../../core/access/types";
import { listKeeper, siteOf } from "../shared/access-config";
import { planFlows } from "../shared/flow-plan";
import type { StoreNode } from "../shared/config-nodes";
import { asError, NodeStatus, numberField, onClose, onInput } from "../shared/kit";
import type { PlategateMessage } from "../shared/kit";
import type { GateFields, GateMessage } from "./gate-config";
import { externalOf, gateOptions, readModeCommand, readToken } from "./gate-config";
import { PassageDesk } from "./passage-desk";
import { describeUseless, ScheduleWarnings, type UselessSchedule } from "./schedule-warnings";

type GateConfig = NodeDef & GateFields;
interface GateSecrets {
  externalKey?: string;
}

/** Pairs of typed plates that are told of at a start. */
const MAX_TOLD = 10;

/** Decides about passages: `msg.passage` to `msg.decision`, on the outputs open, deny, review. */
module.exports = function (RED: NodeAPI): void {
  const create = function (this: Node<GateSecrets>, config: GateConfig): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    let parts: ReturnType<typeof assemble>;
    try {
      parts = assemble(RED, this, config, status);
    } catch (error) {
      const reason = asError(error);
      status.error("misconfigured");
      this.error(reason);
      onInput(this, () => {
        throw reason;
      });
      return;
    }
    const { keeper, desk, gate, external, options } = parts;
    const settle = ({ outcome }: BarrierAudit): void => {
      if (!outcome) return;
      gate.settle(outcome).catch((error: unknown) => {
        this.warn(RED._("allowlist-check.error.settle", { reason: asError(error).message }));
      });
    };
    barriers.on("audit", settle);
    const leave = gates.add({ laneId: options.laneId, site: options.site, gate });
    planFlows(RED);
    const place = { siteId: options.site.id, laneId: options.laneId };
    const hold = new EmergencyHold(place, barriers, () => gate.siteMode());
    void keeper.start().then(() => hold.look());
    onInput(this, async (message: PlategateMessage & GateMessage, send) => {
      await desk.take(message, send);
      if (message.access) await hold.look();
    });
    onClose(this, async () => {
      barriers.off("audit", settle);
      leave();
      hold.close();
      desk.close();
      await keeper.close();
      await external?.close();
    });
  };
  offerScheduleProblems(RED);
  RED.nodes.registerType<Node<GateSecrets>, GateConfig, object, GateSecrets>(
    "allowlist-check",
    create,
    { credentials: { externalKey: { type: "password" } } },
  );
};

/** For the form: schedules of a deployed store that let nobody in. */
function offerScheduleProblems(RED: NodeAPI): void {
  RED.httpAdmin.get(
    "/plategate/schedules/:store",
    RED.auth.needsPermission("flows.read"),
    (request, response) => {
      const store = RED.nodes.getNode(String(request.params["store"])) as StoreNode | null;
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const look = async (): Promise<UselessSchedule[]> =>
        store?.type === "plategate-store"
          ? describeUseless(await (await store.access()).snapshot(), timeZone)
          : [];
      look().then(
        (found) => response.json(found),
        () => response.json([]), // the store's own status says that it is gone
      );
    },
  );
}

/** The plates typed into the form; what is odd about them is said once. */
function typedPlates(RED: NodeAPI, node: Node, text: string): Vehicle[] {
  const { vehicles, problems } = parseInlineList(text);
  for (const { line, text: plate, reason } of problems) {
    node.warn(RED._(`allowlist-check.error.${reason}`, { line, plate }));
  }
  const lists = inlineSnapshot({ vehicles, watch: [] }, "typed");
  for (const pair of listedCollisions(lists, MAX_TOLD).pairs) {
    node.warn(RED._("allowlist-check.error.collision", { ...pair }));
  }
  return vehicles;
}

function assemble(RED: NodeAPI, node: Node<GateSecrets>, config: GateConfig, status: NodeStatus) {
  const options = gateOptions(config, siteOf(RED, config.site));
  const graceSeconds = numberField(config.graceSeconds, 300);
  const warnings = new ScheduleWarnings(options.site.timeZone, (name, problem) =>
    node.warn(RED._("allowlist-check.error.schedule", { name, problem })),
  );
  const keeper = listKeeper(
    RED,
    { store: config.store, graceSeconds },
    { vehicles: typedPlates(RED, node, config.plates ?? ""), watch: [] },
    {
      onChange: () => {
        const lists = keeper.current();
        const useless = lists ? warnings.look(lists) : null;
        if (useless === null) status.ok("ready", { count: lists?.vehicles.length ?? 0 });
        else status.warn("schedule", { name: useless });
      },
      onError: (error, news) => {
        status.error(keeper.current() ? "oldLists" : "noLists");
        if (news) node.warn(RED._("allowlist-check.error.store", { reason: error.message }));
      },
    },
  );
  const system = externalOf(config, node.credentials.externalKey ?? "");
  const external = system && new ExternalCheck(system.url, system.key);
  if (external) options.external = (plate) => external.ask(plate);
  const memory = config.store ? null : new MemoryState();
  const gate = new Gate(keeper, () => memory ?? keeper.store, options);
  const desk = new PassageDesk(gate, status, {
    token: (message) => readToken(message, options.laneId, Date.now()),
    mode: (message) => {
      const command = readModeCommand(message);
      if (!command || config.trustMessages) return command;
      const claims = { action: `access:${command.mode}`, subject: options.site.id };
      const refused = checkGrant(message.access?.grant, claims);
      if (refused) throw new Error(RED._("allowlist-check.error.grant", { reason: refused }));
      return command;
    },
    warn: (key) => node.warn(RED._(`allowlist-check.error.${key}`)),
    error: (error) => node.error(error),
  });
  return { keeper, desk, gate, external, options };
}
