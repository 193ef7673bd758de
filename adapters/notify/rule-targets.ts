import type { NotificationRule, Notice } from "../../core/notify/types";
import type { OutboxService } from "../outbox/service";
import { senderOf } from "./senders";
import { holdsBack, isUrgent, RecipientTarget, targetId, type NotifyParts } from "./target";

/** A rule whose recipients are targets of the outbox. */
export interface OpenRule {
  readonly rule: NotificationRule;
  /**
   * Queues a notice for every recipient, durably.
   * @param key the same notice again (the same key) is sent once
   * @returns how many were queued
   */
  tell(notice: Notice, key?: string): Promise<number>;
  /** Takes the targets away; what waits for them stays. */
  close(): Promise<void>;
}

/**
 * Makes a rule's recipients targets.
 * @param options.events whether stored events are told as well, or `tell` alone
 */
export function openRule(
  outbox: OutboxService,
  rule: NotificationRule,
  options: { events: boolean },
  parts: NotifyParts,
): OpenRule {
  const sender = senderOf(rule.channel);
  const unregister = rule.recipients.flatMap((_, index) =>
    (holdsBack(rule) ? [true, false] : [false]).map((urgent) =>
      outbox.register(new RecipientTarget(rule, index, { urgent, ...options }, sender, parts)),
    ),
  );
  return {
    rule,
    async tell(notice, key) {
      const urgent = isUrgent(rule, notice);
      for (const index of rule.recipients.keys()) {
        await outbox.enqueue(targetId(rule.id, index, urgent), {
          lane: "",
          kind: "notice",
          eventId: notice.eventId,
          payload: notice,
          ...(key === undefined ? {} : { key }),
        });
      }
      return rule.recipients.length;
    },
    async close() {
      await Promise.all(unregister.map((stop) => stop()));
      await sender.close();
    },
  };
}
