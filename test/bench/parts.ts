import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ExporterTarget } from "../../adapters/exporters/target";
import { openRule, type OpenRule } from "../../adapters/notify/rule-targets";
import type { Store } from "../../adapters/store/store";
import { EventWebhookTarget } from "../../adapters/webhooks/event-target";
import type { ExporterFields } from "../../core/config/types";
import type { Channel, NoticeKind } from "../../core/notify/types";
import { aRule } from "../fixtures/notify-kit";
import type { Heard, Kind, Question } from "./world";

export type Ports = Record<Kind, number>;

/** The other side, in a process of its own. */
export class World {
  private constructor(private readonly child: ChildProcess) {}

  static start(): World {
    return new World(fork(join(__dirname, "world.js")));
  }

  /** @param ports 0 for any; the broker's as it is. @returns where each listens */
  open(ports: Ports, lanes: number): Promise<Ports> {
    return this.ask<Ports>({ ask: "open", ports, lanes });
  }

  report(): Promise<Record<Kind, Heard>> {
    return this.ask<Record<Kind, Heard>>({ ask: "report" });
  }

  stop(): void {
    this.child.kill();
  }

  private async ask<T>(question: Question): Promise<T> {
    const answer = once(this.child, "message") as Promise<[T]>;
    this.child.send(question);
    return (await answer)[0];
  }
}

const RETRY: ExporterFields["retry_config"] = {
  ...{ enabled: true, max_attempts: 5, backoff_strategy: "exponential" },
  ...{ initial_delay_ms: 1_000, max_delay_ms: 60_000 },
};

function exporter(changes: Partial<ExporterFields>): ExporterFields {
  const blank = { enabled: true, headers: {}, auth: null, config: {}, metadata: {} };
  return { ...blank, name: "bench", type: "rest", url: "", retry_config: RETRY, ...changes };
}

/** Every event to the broker, as the exporter does it. */
export function toBroker(store: Store, port: number): void {
  const fields = exporter({ type: "mqtt", url: `mqtt://127.0.0.1:${port}`, config: { qos: 1 } });
  register(store, "broker", fields);
}

/** Every event to another Plategate. */
export function toCentral(store: Store, port: number): void {
  const auth = { type: "api_key", api_key: "key of the bench" } as const;
  register(
    store,
    "central",
    exporter({ type: "plategate", url: `http://127.0.0.1:${port}`, auth }),
  );
}

function register(store: Store, id: string, fields: ExporterFields): void {
  const { home, images, outbox } = store;
  outbox.register(new ExporterTarget(id, fields, true, { home, images, env: {}, clock: Date.now }));
}

/** Every event to reference 1's webhook. */
export function toWebhook(store: Store, port: number): void {
  const secrets = { secret: "s3cret of the bench", signingSecret: "" };
  const url = `http://127.0.0.1:${port}/events`;
  store.outbox.register(new EventWebhookTarget("webhook", { url, ...secrets }));
}

/** Notices of some kinds by a channel, to one recipient. The same id again is the same rule. */
export function notify(
  store: Store,
  channel: Channel,
  kinds: NoticeKind[],
  address: string,
  id: string = channel.type,
): OpenRule {
  const recipients = [{ address, language: "en" as const }];
  const rule = aRule(channel, { id, kinds, recipients, retry_config: { ...RETRY } });
  const parts = { images: store.images, clock: Date.now, log: () => undefined };
  return openRule(store.outbox, rule, { events: true }, parts);
}
