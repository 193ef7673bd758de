import { blankNotice } from "../../core/notify/notice";
import type { NotificationRule } from "../../core/notify/types";
import { randomUUID } from "node:crypto";
import { senderOf } from "./senders";
import { render } from "./templates";

/** What came of a test to one recipient. */
export interface RuleTrial {
  address: string;
  ok: boolean;
  error: string | null;
}

/**
 * Sends a test over a rule's channel at once, to each recipient.
 * @param timeoutMs for everything
 */
export async function tryRule(
  rule: NotificationRule,
  now: number,
  timeoutMs: number,
): Promise<RuleTrial[]> {
  const sender = senderOf(rule.channel);
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<{ result: "unavailable"; error: string }>((resolve) => {
    const give = () => resolve({ result: "unavailable", error: "no answer in time" });
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.all(
      rule.recipients.map(async (recipient) => {
        const notice = blankNotice("test", now);
        const rendered = render(
          notice,
          rule.templates.test,
          {
            language: recipient.language,
            address: recipient.address,
            timeZone: rule.time_zone,
            suppressed: 0,
            pictureCid: null,
          },
          () => undefined,
        );
        const message = {
          id: randomUUID(),
          notices: [{ notice, rendered, picture: null, cid: null }],
          subject: rendered.subject,
          recipient,
        };
        const outcome = await Promise.race([sender.send(message, signal), late]);
        const error = "error" in outcome ? outcome.error : null;
        return { address: recipient.address, ok: outcome.result === "delivered", error };
      }),
    );
  } finally {
    await sender.close();
  }
}
