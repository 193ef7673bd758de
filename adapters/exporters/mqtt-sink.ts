import type { ExporterFields } from "../../core/config/types";
import type { Outcome } from "../../core/outbox/types";
import { MqttConnection } from "../mqtt/connection";
import type { ExportItem, ExportSink } from "./sink";

/**
 * Publishes each event as JSON (reference 2's `mqtt`). In the topic, `{camera_id}`,
 * `{lane_id}`, `{zone_id}` and `{site_id}` stand for the event's. Never retained.
 */
export class MqttSink implements ExportSink {
  readonly concurrency = 4;
  readonly batch = 1;
  private readonly connection: MqttConnection;
  private readonly topic: string;
  private readonly qos: 0 | 1 | 2;

  constructor({ url, config, auth }: ExporterFields) {
    const text = (name: string) => {
      const value = config[name];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    this.connection = new MqttConnection({
      url,
      username: text("username") ?? auth?.username,
      password: text("password") ?? auth?.password,
      ca: text("ca"),
      clientId: text("client_id"),
    });
    this.topic = text("topic") ?? "plategate/events";
    const { qos } = config;
    // without a word in the configuration the broker must confirm
    this.qos = qos === 0 || qos === 2 ? qos : 1;
  }

  write(items: readonly ExportItem[]): Promise<Outcome[]> {
    return Promise.all(
      items.map((item) =>
        this.connection.publish(topicOf(this.topic, item), JSON.stringify(item.data), {
          qos: this.qos,
        }),
      ),
    );
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** Signs that mean something in a topic are taken out of what is filled in. */
function topicOf(topic: string, { data }: ExportItem): string {
  return topic.replace(/\{(camera_id|lane_id|zone_id|site_id)\}/g, (_all, name: string) => {
    const value = data[name];
    return typeof value === "string" && value !== "" ? value.replace(/[+#/\0]/g, "-") : "none";
  });
}
