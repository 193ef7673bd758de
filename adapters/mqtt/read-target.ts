import type { StoredEvent } from "../../core/events/event";
import type { ImageStore } from "../../core/events/ports";
import { decisionMessage, isLate, readMessage } from "../../core/mqtt/messages";
import type { Topics } from "../../core/mqtt/topics";
import { DEFAULT_RETRY, type Outcome } from "../../core/outbox/types";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import { readPicture } from "../images/read";
import type { MqttSession } from "./session";

export interface ReadTargetParts {
  session: Pick<MqttSession, "publish">;
  topics: Topics;
  images: Pick<ImageStore, "open">;
  pictures: boolean;
  clock: () => number;
  log: (level: "warn" | "error", message: string) => void;
}

/** Decisions that are remembered as told; a lane has a handful under way. */
const REMEMBERED = 5_000;

/**
 * Reads and decisions of final events, through the outbox: at least once, in order,
 * also after an outage. A decision is told at once as well, by {@link tellDecision}.
 */
export class ReadTarget implements OutboxTarget {
  readonly name = "MQTT";
  readonly retry = DEFAULT_RETRY;
  readonly concurrency = 4;
  readonly batch = 1;
  /** Event → the decision that was told. */
  private readonly told = new Map<string, string>();

  constructor(
    readonly id: string,
    private readonly parts: ReadTargetParts,
  ) {}

  wants(): boolean {
    return true;
  }

  /** Publishes a decision that was just made, unless it is told already or too late to matter. */
  async tellDecision(event: StoredEvent): Promise<void> {
    const { clock } = this.parts;
    if (event.decision === null || this.isTold(event) || isLate(event, clock())) return;
    this.remember(event);
    const outcome = await this.publishDecision(event);
    if (outcome.result !== "delivered") this.told.delete(event.id);
  }

  async deliver(deliveries: readonly Delivery[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const { event } of deliveries) {
      outcomes.push(event ? await this.send(event) : { result: "skipped", reason: "no event" });
    }
    return outcomes;
  }

  close(): Promise<void> {
    return Promise.resolve(); // the session is its owner's
  }

  private async send(event: StoredEvent): Promise<Outcome> {
    const { session, topics, clock, pictures } = this.parts;
    if (event.decision !== null && !this.isTold(event)) {
      const outcome = await this.publishDecision(event);
      if (outcome.result !== "delivered") return outcome;
      this.remember(event);
    }
    const site = event.siteId ?? topics.site;
    const lane = laneOf(event);
    const read = JSON.stringify(readMessage(event, clock()));
    const sent = await session.publish(topics.ofLane(lane, "read", site), read);
    if (sent.result === "delivered" && pictures && !isLate(event, clock())) {
      await this.sendPicture(event, topics.ofLane(lane, "picture", site));
    }
    return sent;
  }

  /** A picture is of the moment: one that does not go is not tried again. */
  private async sendPicture({ frame, crop }: StoredEvent, topic: string): Promise<void> {
    const path = frame ?? crop;
    if (!path) return;
    try {
      const picture = await readPicture(this.parts.images, path);
      if (picture) await this.parts.session.publish(topic, picture, { qos: 0 });
    } catch (error) {
      this.parts.log("warn", `a picture cannot be read: ${String(error)}`);
    }
  }

  private publishDecision(event: StoredEvent): Promise<Outcome> {
    const { session, topics } = this.parts;
    const topic = topics.ofLane(laneOf(event), "decision", event.siteId ?? topics.site);
    return session.publish(topic, JSON.stringify(decisionMessage(event)));
  }

  private isTold(event: StoredEvent): boolean {
    return this.told.get(event.id) === decisionKey(event);
  }

  private remember(event: StoredEvent): void {
    this.told.delete(event.id);
    this.told.set(event.id, decisionKey(event));
    const [oldest] = this.told.keys();
    if (this.told.size > REMEMBERED && oldest !== undefined) this.told.delete(oldest);
  }
}

function decisionKey({ decision, reason }: StoredEvent): string {
  return `${decision} ${reason}`;
}

/** Where an event's messages go; without a lane, below its camera. */
function laneOf({ laneId, cameraId }: StoredEvent): string {
  return laneId ?? cameraId ?? "none";
}
