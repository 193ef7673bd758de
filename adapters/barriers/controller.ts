import {
  initialState,
  type BarrierRequest,
  type MachineConfig,
} from "../../core/barrier/machine-types";
import type { MachineEffect, MachineEvent, MachineState } from "../../core/barrier/machine-types";
import { nextTick, step } from "../../core/barrier/machine";
import { shownState } from "../../core/barrier/position";
import {
  BarrierError,
  type BarrierDriver,
  type BarrierHandle,
  type BarrierLocks,
  type BarrierStatus,
  type OpenContext,
} from "../../core/barrier/ports";
import type {
  BarrierCommand,
  BarrierCommandName,
  BarrierOutcome,
  BarrierState,
  Decision,
  RequestOrigin,
} from "../../core/messages";
import { steadyNow } from "../clock/steady";
import { aboutOf, checkGrant, isUsed, markUsed } from "../grants/grants";
import { BarrierNews, type NewsListeners } from "./barrier-news";
import { DriverCalls } from "./driver-calls";
import { InputReader } from "./input-reader";
import { barriers, type BarrierRegistry } from "./registry";

export interface ControllerOptions extends NewsListeners {
  id: string;
  name: string;
  laneId: string | null;
  driver: BarrierDriver;
  /** Without what the driver says of itself (inputs, close, hold). */
  machine: Omit<MachineConfig, "inputs" | "canClose" | "canHold">;
  /** Between two readings of the inputs; 0 reads only when asked. */
  pollMs: number;
  registry?: BarrierRegistry;
  /** Default: a lock ends with the process. */
  locks?: BarrierLocks;
  /** A driver call that takes longer counts as failed. Default 15,000 ms. */
  callTimeoutMs?: number;
}

/** Longest wait for the driver at stop. */
const STOP_LIMIT_MS = 6_000;

interface Waiting {
  asked: Omit<BarrierOutcome, "result" | "reason" | "state" | "confirmedAt">;
  why: string;
  origin: RequestOrigin | undefined;
  grant: string | undefined;
  context: OpenContext;
  resolve: (outcome: BarrierOutcome) => void;
}

/**
 * A barrier at work: the pure machine, its driver, the clock and the audit. Safe at
 * start and stop; every call of the driver is caught, timed and made one at a time.
 */
export class BarrierController implements BarrierHandle {
  readonly id: string;
  readonly name: string;
  readonly laneId: string | null;
  private machine: MachineState = initialState();
  private readonly config: MachineConfig;
  private readonly waiting = new Map<number, Waiting>();
  private readonly registry: BarrierRegistry;
  private tick: NodeJS.Timeout | null = null;
  private readonly calls: DriverCalls;
  private readonly reader: InputReader;
  private readonly news: BarrierNews;
  private nextRequest = 1;
  private trouble: string | null = null;
  private lastOutcome: BarrierOutcome | null = null;
  private lastOpenMs: number | null = null;

  constructor(private readonly options: ControllerOptions) {
    this.id = options.id;
    this.name = options.name;
    this.laneId = options.laneId;
    this.registry = options.registry ?? barriers;
    const { capabilities } = options.driver;
    const { inputs, close, hold } = capabilities;
    this.config = { ...options.machine, inputs, canClose: close, canHold: hold ?? true };
    this.calls = new DriverCalls(options.driver, this.config.pulseMs, options.callTimeoutMs);
    this.reader = new InputReader(this.calls, capabilities, options.pollMs, {
      levels: (levels) => this.feed({ type: "inputs", ...levels }),
      lost: (error) => {
        this.trouble = messageOf(error);
        this.feed({ type: "inputs-lost", detail: this.trouble });
      },
    });
    this.news = new BarrierNews(this, this.registry, options);
  }

  /**
   * Enters the registry and drops the output; locked from the first moment where it was
   * locked before.
   * @throws Error where the id is taken
   */
  start(): void {
    const why = this.options.locks?.why(this.id) ?? null;
    this.machine.locked = why !== null;
    this.registry.add(this);
    this.options.driver.listen?.((event) => {
      if (event.type === "trouble") this.note(event.detail);
      this.feed(event.type === "status" ? { ...event, type: "inputs" } : event);
    });
    this.feed({ type: "start" });
    if (why !== null) void this.command({ action: "lock", actor: "system", reason: why }, true);
    this.reader.ask();
  }

  /** Refuses what waits, drops the output and lets the driver go. Never rejects. */
  async stop(): Promise<void> {
    const read = this.reader.stop();
    this.feed({ type: "stop" });
    if (this.tick) clearTimeout(this.tick);
    // Node-RED waits for us: an unreachable device may not hold up a redeploy.
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, STOP_LIMIT_MS)));
    await Promise.race([Promise.all([this.calls.idle(), read]), late]);
    clearTimeout(limit);
    await this.options.driver.dispose().catch((error: unknown) => this.note(messageOf(error)));
    this.registry.remove(this);
  }

  state(): BarrierState {
    return shownState(this.machine);
  }

  status(): BarrierStatus {
    const { locked, held, emergency, inputs } = this.machine;
    return {
      id: this.id,
      name: this.name,
      laneId: this.laneId,
      kind: this.options.driver.kind,
      state: this.state(),
      locked,
      held,
      emergency,
      trouble: this.machine.fault ? (this.trouble ?? this.machine.fault) : this.staysOpen(),
      inputs: { ...inputs },
      wired: [...this.config.inputs],
      canClose: this.config.canClose,
      lastOutcome: this.lastOutcome,
      lastOpenMs: this.lastOpenMs,
    };
  }

  command(command: BarrierCommand, trusted = false): Promise<BarrierOutcome> {
    const { action, actor, reason, grant, origin } = command;
    const refusal = trusted ? null : this.spend(grant, action);
    return this.ask(action, { actor, why: reason, passageId: null, plate: null, refusal, origin });
  }

  /** A command's grant is good once. @returns why it is not, or null */
  private spend(grant: string | undefined, action: BarrierCommandName): string | null {
    const refusal = checkGrant(grant, { action, subject: this.id });
    if (refusal !== null || grant === undefined) return refusal ?? "no grant";
    if (isUsed(grant, this.id)) return "used grant";
    markUsed(grant, this.id);
    return null;
  }

  openFor(decision: Decision, trusted = false): Promise<BarrierOutcome> {
    const { passageId, plate, reason, result, grant, decidedAt } = decision;
    const wanted = { action: "open", subject: passageId, about: aboutOf(decision) };
    const refusal = trusted ? null : checkGrant(grant, wanted);
    // A redeploy forgets passages, not what was done by this very grant.
    const repeated = refusal === null && grant !== undefined && isUsed(grant, this.id);
    // Not "refused": the barrier of the decision's own lane speaks for the passage.
    const ignored = this.isOfOtherLane(decision) ? "other_lane" : null;
    return this.ask("open", {
      ignored: ignored ?? (repeated ? "already_opened" : null),
      grant,
      actor: `decision:${decision.id}`,
      why: reason,
      passageId,
      plate,
      refusal: result === "open" ? refusal : `the decision is "${result}"`,
      override: reason === "emergency_open",
      since: decidedAt,
    });
  }

  emergency(active: boolean, actor: string, reason: string): void {
    this.news.record({
      kind: "request",
      actor,
      detail: `emergency ${active ? "on" : "off"}: ${reason}`,
    });
    this.feed({ type: "emergency", active });
  }

  lockDown(actor: string, reason: string): void {
    this.news.record({ kind: "request", actor, detail: `lock-down: ${reason}` });
    this.feed({ type: "lock-down" });
  }

  private staysOpen(): string | null {
    const { staysOpen } = this.machine;
    return staysOpen === null ? null : `the lock-down cannot close it: ${staysOpen}`;
  }

  /** Whether both name a lane, and not the same one. */
  private isOfOtherLane({ laneId }: Pick<Decision, "laneId">): boolean {
    const [mine, theirs] = [this.laneId?.trim(), laneId?.trim()];
    return Boolean(mine && theirs) && mine !== theirs;
  }

  private ask(
    action: BarrierCommandName,
    by: {
      actor: string;
      why: string;
      passageId: string | null;
      plate: string | null;
      refusal: string | null;
      /** Why it is none of this barrier's business. */
      ignored?: string | null;
      /** Of a decision: used up once the barrier has opened. */
      grant?: string | undefined;
      override?: boolean;
      since?: number;
      origin?: RequestOrigin | undefined;
    },
  ): Promise<BarrierOutcome> {
    const now = Date.now();
    // A decision made long ago (a clock apart, a queue) counts from now at the latest.
    const requestedAt = Math.min(by.since ?? now, now);
    const asked = {
      barrierId: this.id,
      command: action,
      actor: by.actor,
      passageId: by.passageId,
      requestedAt,
    };
    return new Promise((resolve) => {
      const context = { plate: by.plate, passageId: by.passageId };
      const { why, origin, grant } = by;
      const waiting: Waiting = { asked, why, origin, grant, context, resolve };
      if (by.ignored) {
        this.resolve(waiting, "ignored", by.ignored, null);
        return;
      }
      if (by.refusal !== null) {
        this.resolve(waiting, "refused", by.refusal, null);
        return;
      }
      const id = this.nextRequest++;
      this.waiting.set(id, waiting);
      const request: BarrierRequest = {
        id,
        action,
        passageId: by.passageId,
        override: by.override ?? false,
        at: steadyNow(),
      };
      this.feed({ type: "request", request });
    });
  }

  /** By the steady clock: who sets the time must neither stretch a pulse nor make old inputs fresh. */
  private feed(event: MachineEvent): void {
    const now = steadyNow();
    const { state, effects } = step(this.config, this.machine, event, now);
    const turned = state.locked !== this.machine.locked;
    this.machine = state;
    if (turned) this.keepLock();
    for (const effect of effects) this.carryOut(effect);
    this.schedule(now);
    this.news.announce();
  }

  /** Before the answer: who is told "locked" can rely on it. */
  private keepLock(): void {
    try {
      this.options.locks?.keep(this.id, this.machine.locked);
    } catch (error) {
      const detail = `lock_not_kept: a restart forgets it: ${messageOf(error)}`;
      this.news.record({ kind: "fact", actor: "system", detail });
    }
  }

  private carryOut(effect: MachineEffect): void {
    if (effect.type === "drive") {
      const context = effect.request ? this.waiting.get(effect.request.id)?.context : undefined;
      void this.drive(effect.drive, this.calls.order(effect.call, context));
    } else if (effect.type === "read") {
      this.reader.ask();
    } else if (effect.type === "audit") {
      const detail = effect.detail ? `${effect.what}: ${effect.detail}` : effect.what;
      this.news.record({ kind: "fact", actor: "system", detail });
    } else {
      const waiting = this.waiting.get(effect.request.id);
      this.waiting.delete(effect.request.id);
      const reason = effect.detail ?? effect.reason;
      if (!waiting) return;
      if (effect.result === "done" && waiting.grant) markUsed(waiting.grant, this.id);
      this.resolve(waiting, effect.result, reason, effect.confirmed ? Date.now() : null);
    }
  }

  private resolve(
    waiting: Waiting,
    result: BarrierOutcome["result"],
    reason: string | null,
    confirmedAt: number | null,
  ): void {
    const state = this.state();
    const outcome: BarrierOutcome = { ...waiting.asked, result, reason, state, confirmedAt };
    this.lastOutcome = outcome;
    const confirmedAfterMs = confirmedAt === null ? null : confirmedAt - outcome.requestedAt;
    if (outcome.command === "open" && confirmedAfterMs !== null) this.lastOpenMs = confirmedAfterMs;
    this.news.record({
      kind: "request",
      actor: outcome.actor,
      detail: waiting.why,
      outcome,
      confirmedAfterMs,
      ...(waiting.origin ? { origin: waiting.origin } : {}),
    });
    waiting.resolve(outcome);
  }

  private async drive(id: number, order: Promise<boolean>): Promise<void> {
    try {
      const confirmed = await order;
      this.trouble = null;
      this.feed({ type: "driven", drive: id, confirmed });
    } catch (error) {
      const code = error instanceof BarrierError ? error.code : "unreachable";
      this.trouble = messageOf(error);
      this.feed({ type: "failed", drive: id, code, detail: this.trouble });
    }
  }

  private schedule(now: number): void {
    if (this.tick) clearTimeout(this.tick);
    this.tick = null;
    const at = nextTick(this.machine);
    if (at === null) return;
    const wait = Math.min(Math.max(at - now, 1), 60_000);
    this.tick = setTimeout(() => this.feed({ type: "tick" }), wait);
  }

  private note(detail: string): void {
    this.trouble = detail;
    this.news.record({ kind: "fact", actor: "system", detail });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
