import type { WatchEntry } from "../../core/access/types";
import { boloMatch } from "../../core/bolo/match";
import type { StoredEvent } from "../../core/events/event";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import { DEFAULT_RETRY, type Outcome, type RetryPolicy } from "../../core/outbox/types";
import { Outbound } from "../outbound/outbound";
import { outcomeOfAnswer, outcomeOfError } from "../outbound/outcome";
import { webhookHeaders } from "../webhooks/signature";

/**
 * Sends `{type: "bolo_match", bolo, event}` to a watch entry's address (API-DECISIONS,
 * City). Each entry is a target of its own: one whose address is dead holds up no other.
 */
export class BoloWebhook implements OutboxTarget {
  readonly id: string;
  readonly name: string;
  readonly retry: RetryPolicy = DEFAULT_RETRY;
  readonly concurrency = 1;
  readonly batch = 1;
  private readonly outbound = new Outbound();

  constructor(
    private readonly entry: WatchEntry,
    private readonly url: string,
    private readonly looksFor: (event: StoredEvent) => boolean,
  ) {
    this.id = `bolo:${entry.id}`;
    this.name = `watch list ${entry.pattern}`;
  }

  wants(event: StoredEvent): boolean {
    return this.looksFor(event);
  }

  laneOf(): string {
    return "";
  }

  deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]> {
    const gone: Outcome = { result: "skipped", reason: "the event is gone" };
    return Promise.all(
      deliveries.map(({ item, event }) =>
        event ? this.tell(event, item.id, signal) : Promise.resolve(gone),
      ),
    );
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  private async tell(event: StoredEvent, id: string, signal: AbortSignal): Promise<Outcome> {
    const body = JSON.stringify(boloMatch(event, this.entry));
    const signature = webhookHeaders(id, body, { secret: "", signingSecret: "" }, Date.now());
    try {
      const answer = await this.outbound.send(this.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...signature },
        body,
        signal,
      });
      return outcomeOfAnswer(answer);
    } catch (error) {
      return outcomeOfError(error);
    }
  }
}
