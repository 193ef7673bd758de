import type { StoredEvent } from "../../core/events/event";
import { exportedEvent } from "../../core/events/export";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import { DEFAULT_RETRY, type Outcome, type RetryPolicy } from "../../core/outbox/types";
import { Outbound } from "../outbound/outbound";
import { outcomeOfAnswer, outcomeOfError } from "../outbound/outcome";
import { webhookHeaders, type WebhookSecrets } from "./signature";

export interface EventWebhook extends WebhookSecrets {
  url: string;
}

/** The webhook of reference 1: each final event as JSON, once, in the order of its lane. */
export class EventWebhookTarget implements OutboxTarget {
  readonly name = "webhook";
  readonly retry: RetryPolicy = DEFAULT_RETRY;
  readonly concurrency = 4;
  readonly batch = 1;
  private readonly outbound = new Outbound();

  constructor(
    readonly id: string,
    private readonly webhook: EventWebhook,
  ) {}

  wants(): boolean {
    return true;
  }

  laneOf(event: StoredEvent): string {
    return event.laneId ?? event.cameraId ?? "";
  }

  deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]> {
    return Promise.all(deliveries.map((delivery) => this.post(delivery, signal)));
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  private async post({ item, event }: Delivery, signal: AbortSignal): Promise<Outcome> {
    if (!event) return { result: "skipped", reason: "the event was deleted" };
    const body = JSON.stringify(exportedEvent(event));
    try {
      const answer = await this.outbound.send(this.webhook.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "ALPR-System/1.0 Plategate",
          ...webhookHeaders(item.id, body, this.webhook, Date.now()),
        },
        body,
        signal,
      });
      return outcomeOfAnswer(answer);
    } catch (error) {
      return outcomeOfError(error);
    }
  }
}
