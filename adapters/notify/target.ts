import type { StoredEvent } from "../../core/events/event";
import type { ImageStore } from "../../core/events/ports";
import { digestAt, quietUntil } from "../../core/notify/hours";
import { matches, noticeOfEvent } from "../../core/notify/notice";
import { retryPolicy } from "../../core/outbox/backoff";
import { Throttling } from "../../core/notify/throttle";
import type { NotificationRule, Notice, Recipient } from "../../core/notify/types";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import type { Outcome, RetryPolicy } from "../../core/outbox/types";
import { readPicture } from "../images/read";
import type { ChannelSender, OutgoingMessage } from "./channels";
import type { placeNames } from "./place-names";
import { render } from "./templates";
import { textsOf } from "./texts";

export interface NotifyParts {
  images: Pick<ImageStore, "open">;
  clock: () => number;
  /** What people call lanes and cameras; without it they are told by their ids. */
  names?: ReturnType<typeof placeNames>;
  log: (level: "info" | "warn" | "error", message: string) => void;
}

/** Notices in one digest. */
const DIGEST_SIZE = 200;
/** How long after its time a digest may still begin; then it waits for the next. */
const DIGEST_GRACE_MS = 10_000;

/** The id of what waits for a recipient of a rule; the address itself may be a person's. */
export function targetId(ruleId: string, index: number, urgent: boolean): string {
  return `rule:${ruleId}:${index}${urgent ? ":urgent" : ""}`;
}

/** One recipient of a notification rule, as a target of the outbox. */
export class RecipientTarget implements OutboxTarget {
  readonly id: string;
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly concurrency = 1;
  readonly batch: number;
  private readonly throttling: Throttling;
  private digestDue: number | null = null;

  /**
   * @param urgent this target takes the kinds that are told in quiet hours too, at once;
   * the rest is another target's
   * @param events false where only a flow's messages are sent, not stored events
   */
  constructor(
    private readonly rule: NotificationRule,
    private readonly index: number,
    private readonly options: { urgent: boolean; events: boolean },
    private readonly sender: ChannelSender,
    private readonly parts: NotifyParts,
  ) {
    this.id = targetId(rule.id, index, options.urgent);
    this.name = `${rule.name} (${rule.channel.type})`;
    this.retry = retryPolicy(rule.retry_config);
    this.batch = this.digest === null ? 1 : DIGEST_SIZE;
    this.throttling = new Throttling(rule.throttle);
  }

  wants(event: StoredEvent): boolean {
    return this.options.events && this.takes(noticeOfEvent(event));
  }

  /** Whether a notice is for this target. */
  takes(notice: Notice): boolean {
    return isUrgent(this.rule, notice) === this.options.urgent && matches(this.rule, notice);
  }

  /** All notices of a recipient in one order. */
  laneOf(): string {
    return "";
  }

  opensAt(now: number): number {
    if (this.options.urgent) return now;
    const quiet = quietUntil(this.rule.quiet_hours, now, this.rule.time_zone);
    if (quiet > now || this.digest === null) return quiet;
    if (this.digestDue === null || now > this.digestDue + DIGEST_GRACE_MS) {
      this.digestDue = digestAt(this.digest, now);
    }
    return Math.max(now, this.digestDue);
  }

  async deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]> {
    const now = this.parts.clock();
    const notices = deliveries.map(noticeOf);
    const going = notices.map((notice, i) => {
      const goes = notice.kind === "test" || this.throttling.allows(notice.plate, now);
      if (!goes) this.throttling.skipped(deliveries[i]?.item.id ?? "");
      return goes;
    });
    const chosen = deliveries.filter((_, i) => going[i]);
    let sent: Outcome = { result: "delivered" };
    if (chosen.length > 0) {
      sent = await this.sender.send(await this.messageOf(chosen, now), signal);
      this.digestDue = null;
    }
    return deliveries.map((_, i) => {
      if (!going[i]) return { result: "skipped", reason: "throttled" };
      if (sent.result === "delivered") this.throttling.went(notices[i]?.plate ?? null, now);
      return sent;
    });
  }

  close(): Promise<void> {
    return Promise.resolve(); // the sender is shared by the rule's recipients
  }

  private get digest(): number | null {
    return this.options.urgent ? null : this.rule.digest_minutes;
  }

  private get recipient(): Recipient {
    return this.rule.recipients[this.index] ?? { address: "", language: "en" };
  }

  private async messageOf(deliveries: Delivery[], now: number): Promise<OutgoingMessage> {
    const { rule, recipient } = this;
    const notices = await Promise.all(
      deliveries.map(async (delivery, i) => {
        const notice = noticeOf(delivery);
        const picture = rule.picture ? await this.pictureOf(delivery) : null;
        const names = await this.parts.names?.(notice);
        const cid = picture ? (i === 0 ? "plate_image" : `plate_image_${i}`) : null;
        const rendered = render(
          notice,
          rule.templates[notice.kind],
          {
            language: recipient.language,
            address: recipient.address,
            timeZone: rule.time_zone,
            suppressed: i === 0 ? this.throttling.suppressed : 0,
            pictureCid: cid,
            ...(names ? { names } : {}),
          },
          (problem) => this.parts.log("warn", `template of rule ${rule.name}: ${problem}`),
        );
        return { notice, rendered, picture, cid };
      }),
    );
    const [first] = notices;
    const many = textsOf(recipient.language).digest.replace("{{ count }}", String(notices.length));
    return {
      id: deliveries[0]?.item.id ?? String(now),
      notices,
      subject: notices.length === 1 ? (first?.rendered.subject ?? "") : many,
      recipient,
    };
  }

  /** The plate's picture, else the whole frame; a store that is away costs the picture alone. */
  private async pictureOf({ event }: Delivery): Promise<Buffer | null> {
    for (const path of [event?.crop, event?.frame]) {
      if (!path) continue;
      try {
        const picture = await readPicture(this.parts.images, path);
        if (picture) return picture;
      } catch (error) {
        this.parts.log("warn", `a notification goes without its picture: ${String(error)}`);
      }
    }
    return null;
  }
}

/** Whether a rule holds notices back: then what is urgent has a target of its own. */
export function holdsBack(rule: NotificationRule): boolean {
  return rule.quiet_hours !== null || rule.digest_minutes !== null;
}

/** Whether it is told in quiet hours too, and not gathered. */
export function isUrgent(rule: NotificationRule, notice: Notice): boolean {
  if (!holdsBack(rule)) return false;
  return notice.kind === "test" || (rule.quiet_hours?.except.includes(notice.kind) ?? false);
}

function noticeOf({ item, event }: Delivery): Notice {
  if (item.payload !== null) return item.payload as Notice;
  if (!event) throw new Error("an item has neither a payload nor an event");
  return noticeOfEvent(event);
}
