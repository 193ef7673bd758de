import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { deciding } from "../../adapters/access/deciding";
import type { Store } from "../../adapters/store/store";
import type { EventRecord } from "../../adapters/events/records";
import type { WriteResult } from "../../adapters/events/writer";
import { eventOfPassage } from "../../core/events/event";
import { StoreError } from "../../core/events/errors";
import { parseEventQuery } from "../../core/events/filters";
import { requireConfig, type SiteNode, type StoreNode } from "../shared/config-nodes";
import { NodeStatus, onClose, onInput, type PlategateMessage, type Send } from "../shared/kit";

const OPERATIONS = ["store", "query", "get", "delete"] as const;
type Operation = (typeof OPERATIONS)[number];

interface EventStoreConfig extends NodeDef {
  store: string;
  site: string;
  /** One of the operations, or "topic": `msg.topic` says which. */
  operation: string;
  zoneId: string;
}

/** A passage waits so long for its decision before it is stored without. */
const DECISION_MS = 100;
/** How often the status looks whether events that waited are stored. */
const WATCH_MS = 1_000;

/** Stores passages with their decisions and pictures; finds and deletes events. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("event-store", function (this: Node, config: EventStoreConfig) {
    RED.nodes.createNode(this, config);
    const status = new StoreStatus(new NodeStatus(RED, this));

    onInput(this, async (message, send) => {
      try {
        const source = requireConfig<StoreNode>(RED, config.store, RED._("event-store.store"));
        const store = await source.store();
        const operation = operationOf(config.operation, message.topic);
        if (operation === "store") {
          await storeMessage(store, message, send, placeOf(RED, config), status);
        } else {
          await OTHER[operation](store, message, this);
          status.done();
          send(message);
        }
      } catch (error) {
        status.failed(error);
        throw error;
      }
    });

    onClose(this, () => status.close());
  });
};

function operationOf(configured: string, topic: unknown): Operation {
  const wanted = configured === "topic" ? topic : configured;
  return OPERATIONS.find((operation) => operation === wanted) ?? "store";
}

function placeOf(
  RED: NodeAPI,
  config: EventStoreConfig,
): { siteId: string | null; zoneId: string | null } {
  const site = config.site ? (RED.nodes.getNode(config.site) as SiteNode | null) : null;
  return { siteId: site?.siteId ?? null, zoneId: config.zoneId || null };
}

async function storeMessage(
  store: Store,
  message: PlategateMessage,
  send: Send,
  place: { siteId: string | null; zoneId: string | null },
  status: StoreStatus,
): Promise<void> {
  const record = await decided(recordOf(message, place), message, store, place);
  const result = await store.writer.write(record);
  status.wrote(store, result);
  const known = result.waiting ? null : result.event;
  const id = record.kind === "event" ? record.event.id : record.eventId;
  message.event = {
    id,
    storedAt: known?.updatedAt ?? Date.now(),
    frame: known?.frame ?? null,
    crop: known?.crop ?? null,
    ...(result.waiting ? { waiting: true } : {}),
  };
  send(message);
}

/**
 * A passage that is final waits for the gate that is deciding about it, so that what tells
 * of final events (alerts, webhooks, streams) tells what was decided. Where that takes
 * long it is stored in the meantime as one that is not final yet.
 */
async function decided(
  record: EventRecord,
  message: PlategateMessage,
  store: Store,
  place: { siteId: string | null; zoneId: string | null },
): Promise<EventRecord> {
  if (record.kind !== "event" || record.event.state !== "final") return record;
  if (record.event.decision !== null) return record;
  await nextTurn(); // the same message may be on its way to the gate
  const pending = deciding.of(record.event.id);
  if (!pending) return record;
  if ((await Promise.race([pending, sleep(DECISION_MS, "late", { ref: false })])) === "late") {
    await store.writer.write({ ...record, event: { ...record.event, state: "preliminary" } });
  }
  const decision = await pending;
  return decision ? recordOf({ ...message, decision }, place) : record;
}

function recordOf(
  message: PlategateMessage,
  place: { siteId: string | null; zoneId: string | null },
): EventRecord {
  const { passage, decision, barrier } = message;
  if (passage) {
    // a decision or outcome of another vehicle must not end up in this one's record
    const own = decision?.passageId === passage.id ? decision : null;
    const outcome = barrier?.passageId === passage.id ? barrier : null;
    const event = eventOfPassage(passage, own, outcome, place);
    return { kind: "event", event, images: passage.images };
  }
  if (barrier?.passageId) {
    return { kind: "barrier", eventId: barrier.passageId, outcome: barrier };
  }
  throw new StoreError("invalid", "neither msg.passage nor a barrier's outcome for one");
}

/** The operations besides storing: what they find goes to `msg.payload`. */
const OTHER: Record<
  Exclude<Operation, "store">,
  (store: Store, message: PlategateMessage, node: Node) => Promise<void>
> = {
  query: async (store, message, node) => {
    const { filter, page } = parseEventQuery(message.payload);
    const { events } = await store.open();
    await lookUp(store, message, node, { action: "event.query", detail: { filter, page } });
    message.payload = { ...(await events.list(filter, page)), skip: page.skip, limit: page.limit };
  },
  get: async (store, message, node) => {
    const id = idOf(message);
    const { events } = await store.open();
    await lookUp(store, message, node, { action: "event.get", subject: `event:${id}`, detail: {} });
    message.payload = await events.get(id);
  },
  delete: async (store, message, node) => {
    const id = idOf(message);
    await lookUp(store, message, node, {
      action: "event.delete",
      subject: `event:${id}`,
      detail: {},
    });
    message.payload = { id, deleted: await store.deleteEvent(id) };
  },
};

/** Notes a look-up in the audit log before it is answered. */
async function lookUp(
  store: Store,
  message: PlategateMessage,
  node: Node,
  entry: { action: string; subject?: string; detail: Record<string, unknown> },
): Promise<void> {
  const { purpose } = message as { purpose?: unknown };
  const { audit } = await store.open();
  await audit.append({
    id: randomUUID(),
    at: Date.now(),
    actor: `flow:${node.name ?? node.id}`,
    organisation: null,
    action: entry.action,
    subject: entry.subject ?? null,
    purpose: typeof purpose === "string" ? purpose : null,
    result: "ok",
    address: null,
    requestId: null,
    detail: entry.detail,
  });
}

function idOf(message: PlategateMessage): string {
  const { payload, event } = message;
  const id = typeof payload === "string" ? payload : event?.id;
  if (!id) throw new StoreError("invalid", "the event's id belongs in msg.payload");
  return id;
}

/** Shows what is stored and what waits; looks again while something waits. */
class StoreStatus {
  private stored = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly status: NodeStatus) {}

  wrote(store: Store, result: WriteResult): void {
    if (!result.waiting && result.changed) this.stored++;
    if (store.writer.waiting() > 0) this.watch(store);
    else this.done();
  }

  done(): void {
    if (!this.timer) this.status.ok("stored", { count: this.stored });
  }

  failed(error: unknown): void {
    const code = error instanceof StoreError ? error.code : "";
    this.status.error(code === "bound" || code === "full" ? "full" : "failed");
  }

  close(): void {
    if (this.timer) clearInterval(this.timer);
    this.status.clear();
  }

  private watch(store: Store): void {
    this.status.warn("waiting", { count: store.writer.waiting() });
    this.timer ??= setInterval(() => {
      const count = store.writer.waiting();
      if (count > 0) return this.status.warn("waiting", { count });
      if (this.timer) clearInterval(this.timer);
      this.timer = null;
      this.done();
    }, WATCH_MS);
    this.timer.unref();
  }
}
