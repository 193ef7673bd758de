import type { Node, NodeAPI, NodeDef } from "node-red";
import { BarrierController, type ControllerOptions } from "../../adapters/barriers/controller";
import { wholeNumber } from "../../adapters/barriers/http-fields";
import { keptLocks } from "../../adapters/barriers/kept-locks";
import { DEFAULT_CONFIG, type MachineConfig } from "../../core/barrier/machine-types";
import { BarrierError, type BarrierDriver } from "../../core/barrier/ports";
import type { BarrierCommand, BarrierOutcome, Decision } from "../../core/messages";
import { BarrierShown } from "./barrier-shown";
import { planFlows } from "./flow-plan";
import { homeOf } from "./home";
import { asError, NodeStatus, numberField, onClose, onInput, type PlategateMessage } from "./kit";

/** The fields that every barrier node has; empty ones take the default. */
export interface BarrierNodeDef extends NodeDef {
  barrierId?: string;
  laneId?: string;
  /** Times in milliseconds, as typed. */
  pulseMs?: string | number;
  openingMs?: string | number;
  openMs?: string | number;
  closingMs?: string | number;
  retries?: string | number;
  pollMs?: string | number;
  autoClose?: boolean;
  closeWithoutSensors?: boolean;
  /** Take decisions and commands of this flow without a grant. */
  trustMessages?: boolean;
}

/** What a barrier node has to bring. */
export interface BarrierKit {
  /** Builds the driver; what it throws becomes the node's status. */
  driver: () => BarrierDriver;
  /** Messages that are neither decisions nor commands, e.g. simulated inputs. */
  other?: (message: PlategateMessage) => boolean;
}

/**
 * Runs a barrier node: decisions and commands in, outcomes on the first output,
 * changes of state on the second; safe at start, close and redeploy. A barrier that
 * cannot be built answers every message with an error and stays closed.
 */
export function runBarrier(
  RED: NodeAPI,
  node: Node,
  config: BarrierNodeDef,
  kit: BarrierKit,
): void {
  const status = new NodeStatus(RED, node);
  const shown = new BarrierShown(node, status);
  const trusted = config.trustMessages === true;
  let controller: BarrierController | null = null;
  let failure: Error | null = null;
  planFlows(RED);
  try {
    const driver = kit.driver();
    const locks = keptLocks(homeOf(RED, process.env));
    const started = build(node, config, { driver, locks, change: (now) => shown.show(now) });
    try {
      started.start();
    } catch (error) {
      void driver.dispose().catch((problem: unknown) => node.error(asError(problem)));
      throw error;
    }
    controller = started;
  } catch (error) {
    failure = asError(error);
    node.error(failure.message);
    status.error("configuration");
  }

  onInput(node, async (message, send) => {
    if (!controller) throw failure ?? new Error("the barrier is not configured");
    if (kit.other?.(message)) return;
    const outcome = await act(controller, message, trusted);
    message.barrier = outcome;
    message.payload = outcome;
    send([message, null]);
    if (outcome.result === "failed") throw new Error(`barrier: ${outcome.reason ?? "failed"}`);
  });
  onClose(node, async () => {
    await controller?.stop();
    status.clear();
  });
}

function build(
  node: Node,
  config: BarrierNodeDef,
  { driver, locks, change }: Required<Pick<ControllerOptions, "driver" | "locks" | "change">>,
): BarrierController {
  const pollMs = wholeNumber(config.pollMs, 1_000, "status interval", 0, 60_000);
  if (config.autoClose === true) checkAutoClose(config, driver);
  let last = "";
  return new BarrierController({
    id: config.barrierId?.trim() || node.id,
    name: config.name || config.barrierId?.trim() || node.id,
    laneId: config.laneId?.trim() || null,
    driver,
    locks,
    pollMs,
    machine: {
      ...DEFAULT_CONFIG,
      ...timesOf(config),
      inputMaxAgeMs: pollMs * 2 + 1_000,
      autoClose: config.autoClose === true,
      closeWithoutSensors: config.closeWithoutSensors === true,
    },
    change: (now) => {
      change(now);
      if (now.state === last) return;
      last = now.state;
      node.send([null, { topic: "barrier/state", payload: now.state, barrierStatus: now }]);
    },
  });
}

/** @throws BarrierError "configuration": a barrier that is to close by itself and never could */
function checkAutoClose(config: BarrierNodeDef, { capabilities }: BarrierDriver): void {
  const { close, inputs } = capabilities;
  if (!close) {
    const why = "Plategate is to close the barrier, but there is no close output: name one";
    throw new BarrierError("configuration", `${why}, or leave the closing to the operator`);
  }
  const sees = inputs.includes("loop") || inputs.includes("photocell");
  if (sees || config.closeWithoutSensors === true) return;
  const why = "Plategate would never close the barrier: there is neither a loop nor a photocell";
  throw new BarrierError("configuration", `${why}; connect one, or allow closing without`);
}

/** @throws BarrierError "configuration": a pulse of a wrong length is worse than none */
function timesOf(
  config: BarrierNodeDef,
): Pick<MachineConfig, "pulseMs" | "openingMs" | "openMs" | "closingMs" | "retries"> {
  const { pulseMs, openingMs, openMs, closingMs, retries } = DEFAULT_CONFIG;
  return {
    pulseMs: wholeNumber(config.pulseMs, pulseMs, "pulse", 50, 60_000),
    openingMs: wholeNumber(config.openingMs, openingMs, "opening time", 0, 120_000),
    openMs: wholeNumber(config.openMs, openMs, "open time", 0, 3_600_000),
    closingMs: wholeNumber(config.closingMs, closingMs, "closing time", 0, 120_000),
    retries: wholeNumber(config.retries, retries, "number of retries", 0, 10),
  };
}

async function act(
  controller: BarrierController,
  message: PlategateMessage,
  trusted: boolean,
): Promise<BarrierOutcome> {
  // A command beside a decision is the later word: somebody put it there on purpose.
  if (message.command) return controller.command(checkedCommand(message.command), trusted);
  if (message.decision) return controller.openFor(checkedDecision(message.decision), trusted);
  throw new Error("neither msg.decision nor msg.command in the message");
}

const ACTIONS = ["open", "close", "hold", "release", "lock", "unlock"];

/** A message is plain data from anywhere: nothing of it is believed. */
function checkedCommand(command: BarrierCommand): BarrierCommand {
  const { action, reason, actor, grant } = command as Partial<BarrierCommand>;
  if (!action || !ACTIONS.includes(action)) {
    throw new Error(`msg.command.action must be one of ${ACTIONS.join(", ")}`);
  }
  const text = (value: unknown, fallback: string): string =>
    typeof value === "string" && value !== "" ? value.slice(0, 500) : fallback;
  return {
    action,
    reason: text(reason, "no reason given"),
    actor: text(actor, "flow"),
    ...(typeof grant === "string" ? { grant } : {}),
  };
}

function checkedDecision(decision: Decision): Decision {
  const { passageId, result, decidedAt } = decision as Partial<Decision>;
  if (typeof passageId !== "string" || passageId === "" || typeof result !== "string") {
    throw new Error("msg.decision has no passageId or no result");
  }
  const plate = typeof decision.plate === "string" ? decision.plate : "";
  const laneId = typeof decision.laneId === "string" ? decision.laneId : null;
  return { ...decision, plate, laneId, decidedAt: numberField(decidedAt, Date.now()) };
}
