import { setTimeout as delay } from "node:timers/promises";
import { updateId } from "../../core/telegram/updates";
import type { TelegramAnswer, TelegramApi } from "../notify/telegram-api";

export type PollerState = "listening" | "refused" | "conflict" | "away";

export interface PollerCallbacks {
  /** One after the other. What it throws is told as trouble and the update is done. */
  update: (update: unknown) => Promise<void>;
  state: (state: PollerState, reason: string) => void;
}

/** How long Telegram holds a question open, in seconds. */
const HOLD_S = 25;
/** Updates in one answer: an answer that is too big would come again and again. */
const MOST = 20;
const RETRY_MS = { away: 3_000, conflict: 15_000, refused: 60_000 };

/** Asks the Bot API for what people say to the bot, for as long as it is open. */
export class TelegramPoller {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private offset = 0;

  constructor(
    private readonly api: Pick<TelegramApi, "call">,
    private readonly callbacks: PollerCallbacks,
  ) {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const answer = await this.ask();
        if (answer.ok) await this.take(answer.result);
        else await this.refused(answer);
      } catch (error) {
        if (signal.aborted) return;
        this.callbacks.state("away", error instanceof Error ? error.message : String(error));
        await this.pause(RETRY_MS.away);
      }
    }
  }

  private ask(): Promise<TelegramAnswer> {
    const parameters = {
      offset: this.offset,
      timeout: HOLD_S,
      limit: MOST,
      allowed_updates: ["message", "callback_query"],
    };
    const timeoutMs = (HOLD_S + 10) * 1000;
    return this.api.call("getUpdates", parameters, { timeoutMs, signal: this.stopping.signal });
  }

  private async take(result: unknown): Promise<void> {
    this.callbacks.state("listening", "");
    for (const update of Array.isArray(result) ? (result as unknown[]) : []) {
      const id = updateId(update);
      // first counted, then done: one that fails does not come again and again
      if (id !== null) this.offset = Math.max(this.offset, id + 1);
      await this.callbacks.update(update);
    }
  }

  /** 409: another program asks for the same bot; 401 and 404: the token is not good. */
  private async refused({ status, description, retryAfter }: TelegramAnswer): Promise<void> {
    const state =
      status === 409 ? "conflict" : status === 401 || status === 404 ? "refused" : "away";
    this.callbacks.state(state, `Telegram: ${description}`);
    await this.pause(Math.max(RETRY_MS[state], (retryAfter ?? 0) * 1000));
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
