import { deciding, type EndLook } from "../../adapters/access/deciding";
import type { Gate } from "../../adapters/access/gate";
import type { FactorToken } from "../../core/access/types";
import type { Decision } from "../../core/messages";
import type { NodeStatus, PlategateMessage, Send } from "../shared/kit";
import { asError } from "../shared/kit";
import type { GateMessage, ModeCommand } from "./gate-config";

/** How messages are understood, and where problems go. */
export interface DeskOptions {
  token: (message: GateMessage) => FactorToken | null;
  mode: (message: GateMessage) => ModeCommand | null;
  warn: (key: "tooManyPins") => void;
  error: (error: Error) => void;
}

interface Waiting {
  message: PlategateMessage;
  send: Send;
  timer: NodeJS.Timeout;
  /** Until then the passage counts as being decided about. */
  end: EndLook;
}

/** Most passages that wait for more at once; a lane has a handful. */
const MAX_WAITING = 100;
/** How long a passage that is not final is kept for a second factor, in milliseconds. */
const KEEP_MS = 60_000;

const OUTPUTS: readonly Decision["result"][] = ["open", "deny", "review"];

/** Takes the node's messages, and looks again at passages that wait for a second factor. */
export class PassageDesk {
  private readonly waiting = new Map<string, Waiting>();
  private closed = false;

  constructor(
    private readonly gate: Gate,
    private readonly status: NodeStatus,
    private readonly options: DeskOptions,
  ) {}

  /** @throws Error where the message holds nothing that the node understands, or something it must refuse */
  async take(message: PlategateMessage & GateMessage, send: Send): Promise<void> {
    const command = this.options.mode(message);
    if (command) {
      await this.gate.setMode(command.mode, command);
      this.showMode(command.mode);
    }
    const token = this.options.token(message);
    if (token) await this.hear(token);
    if (message.passage) await this.consider(message, send);
    else if (!command && !token) {
      throw new Error("no msg.passage: connect plate-track before allowlist-check");
    }
  }

  private async hear(token: FactorToken): Promise<void> {
    if (!this.gate.hear(token)) {
      this.options.warn("tooManyPins");
      return;
    }
    for (const { message, send } of [...this.waiting.values()]) await this.consider(message, send);
  }

  private async consider(message: PlategateMessage, send: Send): Promise<void> {
    const { passage } = message;
    if (!passage) return;
    const end = deciding.begin(passage.id);
    try {
      const considered = await this.gate.consider(passage);
      this.forget(passage.id);
      if (this.closed) return;
      if (considered.kind === "decided") {
        end(considered.decision);
        this.tell(message, send, considered.decision);
      } else if (considered.reason?.startsWith("second_factor_")) {
        const also = deciding.begin(passage.id);
        this.wait({ message, send, end: also }, passage.id, considered.until);
      }
    } finally {
      end(null);
    }
  }

  private tell(message: PlategateMessage, send: Send, decision: Decision): void {
    message.decision = decision;
    message.payload = decision;
    const plate = decision.plate || "?";
    if (decision.result === "open") this.status.ok("open", { plate });
    else this.status.warn(decision.result, { plate });
    send(OUTPUTS.map((output) => (output === decision.result ? message : null)));
  }

  private wait(kept: Omit<Waiting, "timer">, passageId: string, until: number | null): void {
    const delay = until === null ? KEEP_MS : Math.max(0, until - Date.now()) + 1;
    const timer = setTimeout(() => {
      if (until === null) return this.forget(passageId);
      this.waiting.delete(passageId);
      this.consider(kept.message, kept.send)
        .catch((error: unknown) => this.options.error(asError(error)))
        .finally(() => kept.end(null));
    }, delay);
    this.waiting.set(passageId, { ...kept, timer });
    const oldest = this.waiting.keys().next();
    if (this.waiting.size > MAX_WAITING && !oldest.done) this.forget(oldest.value);
  }

  private forget(passageId: string): void {
    const waiting = this.waiting.get(passageId);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(passageId);
    waiting.end(null);
  }

  private showMode(mode: ModeCommand["mode"]): void {
    if (mode === "normal") this.status.ok("normal");
    else this.status.error(mode);
  }

  close(): void {
    this.closed = true;
    for (const id of [...this.waiting.keys()]) this.forget(id);
  }
}
