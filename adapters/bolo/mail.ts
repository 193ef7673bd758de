import type { WatchEntry } from "../../core/access/types";
import type { StoredEvent } from "../../core/events/event";
import { mailRuleFor, type MailServer, type Variables } from "../../core/notify/environment";
import { noticeOfEvent } from "../../core/notify/notice";
import type { NotificationRule } from "../../core/notify/types";
import type { Delivery } from "../../core/outbox/ports";
import type { Outcome } from "../../core/outbox/types";
import type { OutboxService } from "../outbox/service";
import { senderOf } from "../notify/senders";
import { RecipientTarget, type NotifyParts } from "../notify/target";

/** Mail to one address of a watch entry about what the entry looks for. */
class WatchMail extends RecipientTarget {
  constructor(
    private readonly entry: WatchEntry,
    private readonly looksFor: (event: StoredEvent) => boolean,
    ...of: ConstructorParameters<typeof RecipientTarget>
  ) {
    super(...of);
  }

  override wants(event: StoredEvent): boolean {
    return this.looksFor(event);
  }

  override async deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const { item, event } of deliveries) {
      if (!event) {
        outcomes.push({ result: "skipped", reason: "the event is gone" });
        continue;
      }
      const { description, pattern } = this.entry;
      const payload = { ...noticeOfEvent(event), kind: "watch_hit", text: description ?? pattern };
      outcomes.push(...(await super.deliver([{ item: { ...item, payload }, event }], signal)));
    }
    return outcomes;
  }
}

/**
 * Makes a watch entry's addresses targets, over the mail server of `SMTP_…`, else that of
 * a configured rule.
 * @returns takes them away again; null where no mail server is set
 */
export function openWatchMail(
  outbox: OutboxService,
  entry: WatchEntry,
  looksFor: (event: StoredEvent) => boolean,
  parts: NotifyParts & { env: Variables; server: MailServer | null },
): (() => Promise<void>) | null {
  const rule = ruleOf(entry, parts.env, parts.server);
  if (!rule) return null;
  const sender = senderOf(rule.channel);
  const options = { urgent: false, events: true };
  const stops = rule.recipients.map((_, index) =>
    outbox.register(new WatchMail(entry, looksFor, rule, index, options, sender, parts)),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
    await sender.close();
  };
}

/** A mail rule for this entry's addresses alone. */
function ruleOf(
  entry: WatchEntry,
  env: Variables,
  server: MailServer | null,
): NotificationRule | null {
  const rule = mailRuleFor(entry.emails, env, server);
  return rule ? { ...rule, id: `bolo-${entry.id}`, name: `watch list ${entry.pattern}` } : null;
}
