import type { Node } from "node-red";
import type { BarrierStatus } from "../../core/barrier/ports";
import type { NodeStatus } from "./kit";

const SHAPES: Record<BarrierStatus["state"], [fill: "green" | "red" | "yellow" | "blue" | "grey"]> =
  {
    closed: ["grey"],
    opening: ["blue"],
    open: ["green"],
    closing: ["blue"],
    held: ["green"],
    locked: ["yellow"],
    fault: ["red"],
    unknown: ["yellow"],
  };

/** Faults that have a text of their own; the others are what the device or its way says. */
const NAMED = ["reported", "did_not_open", "did_not_close"];
const REASON_LENGTH = 60;
/** Warnings of one fault: a device may fail with one text after the other. */
const MOST_WARNINGS = 5;

/** A barrier's state as its node's status, with the reason of a fault; each new reason warns once. */
export class BarrierShown {
  private readonly told = new Set<string>();

  constructor(
    private readonly node: Node,
    private readonly status: NodeStatus,
  ) {}

  show({ state, trouble }: BarrierStatus): void {
    const [fill] = SHAPES[state];
    if (state !== "fault" || trouble === null) {
      if (state !== "fault") this.told.clear();
      this.status.set(fill, state === "unknown" ? "ring" : "dot", state);
      return;
    }
    if (NAMED.includes(trouble)) this.status.set(fill, "dot", trouble);
    else this.status.set(fill, "dot", "unreachable", { reason: shortened(trouble) });
    if (this.told.has(trouble) || this.told.size >= MOST_WARNINGS) return;
    this.told.add(trouble);
    this.node.warn(trouble);
  }
}

function shortened(text: string): string {
  return text.length > REASON_LENGTH ? `${text.slice(0, REASON_LENGTH - 1)}…` : text;
}
