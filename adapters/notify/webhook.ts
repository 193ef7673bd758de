import type { MqttChannel, WebhookChannel } from "../../core/notify/types";
import type { Outcome } from "../../core/outbox/types";
import { lowerCase } from "../outbound/headers";
import { MqttConnection } from "../mqtt/connection";
import { Outbound } from "../outbound/outbound";
import { outcomeOfAnswer, outcomeOfError } from "../outbound/outcome";
import { webhookHeaders } from "../webhooks/signature";
import type { ChannelSender, OutgoingMessage } from "./channels";
import { dataOf } from "./templates";

/** Notices as signed JSON to an address. */
export class WebhookSender implements ChannelSender {
  private readonly outbound = new Outbound();

  constructor(private readonly channel: WebhookChannel) {}

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<Outcome> {
    const { url, headers, secret, signing_secret: signingSecret } = this.channel;
    const body = JSON.stringify(bodyOf(message));
    const signature = webhookHeaders(message.id, body, { secret, signingSecret }, Date.now());
    try {
      const answer = await this.outbound.send(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...lowerCase(headers), ...signature },
        body,
        signal,
      });
      return outcomeOfAnswer(answer);
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  close(): Promise<void> {
    return this.outbound.close();
  }
}

/** Notices as JSON to a broker; never retained, so that nobody hears of an old one as new. */
export class MqttSender implements ChannelSender {
  private readonly connection: MqttConnection;

  constructor(private readonly channel: MqttChannel) {
    this.connection = new MqttConnection(channel);
  }

  send(message: OutgoingMessage): Promise<Outcome> {
    const { topic, qos } = this.channel;
    return this.connection.publish(topic, JSON.stringify(bodyOf(message)), { qos });
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** `type`, `timestamp` and `data`, as Standard Webhooks recommends. */
function bodyOf({ id, notices, subject }: OutgoingMessage): Record<string, unknown> {
  const [first] = notices;
  const told = notices.map(({ notice, rendered }) => ({ ...dataOf(notice), text: rendered.text }));
  const single = notices.length === 1 && first;
  return {
    id,
    type: single ? `notice.${first.notice.kind}` : "notice.digest",
    timestamp: new Date(first?.notice.at ?? 0).toISOString(),
    subject,
    data: single ? told[0] : told,
  };
}
