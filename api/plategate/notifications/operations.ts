import { z } from "zod";
import { templateProblems } from "../../../adapters/notify/templates";
import { signingSecretProblem } from "../../../adapters/webhooks/signature";
import { tryRule } from "../../../adapters/notify/try-rule";
import type { NotificationRuleFields } from "../../../core/notify/types";
import type { ConfigKind } from "../../config/kind";
import { configOperations } from "../../config/operations";
import { ApiError, type FieldError } from "../../errors";
import { json, operation, type Operation } from "../../operations";
import { instant, text } from "../../schemas";
import { ruleSchema } from "./schemas";

/** How long a test may take. */
const TEST_MS = 20_000;

/** `/api/v1/notification_rules`: who is told of what. */
const ruleKind: ConfigKind<"notification_rules"> = {
  kind: "notification_rules",
  dialect: "plategate",
  path: "/api/v1/notification_rules",
  one: "notification rule",
  method: "patch",
  rights: { read: "system", create: "system", update: "system", remove: "system" },
  body: ruleSchema,
  reply: ruleSchema.extend({
    id: z.string(),
    channel: z.record(z.string(), z.unknown()).describe("secrets masked"),
    created_at: instant,
    updated_at: instant,
  }),
  query: z.object({}),
  filter: () => ({}),
  view: ({ fields }) => ({ ...fields }),
  check: (fields) => [
    ...templateProblems(fields.templates),
    ...addressProblems(fields),
    ...kindProblems(fields),
    ...signingProblems(fields),
  ],
};

const testRule = operation({
  id: "plategate.notification_rules.test",
  permission: "system",
  summary: "Send a test to each recipient of a notification rule",
  method: "post",
  path: "/api/v1/notification_rules/:id/test",
  input: { params: z.object({ id: text(128) }) },
  replies: {
    200: {
      description: "What came of it",
      body: z.object({
        status: z.enum(["success", "failed"]),
        recipients: z.array(
          z.object({ address: z.string(), ok: z.boolean(), error: z.string().nullable() }),
        ),
      }),
    },
  },
  async handle({ services }, { params: { id } }) {
    const found = await services.resources.notification_rules.get(id);
    if (!found) throw ApiError.notFound("Notification rule not found");
    const recipients = await tryRule({ ...found.fields, id }, Date.now(), TEST_MS);
    const status = recipients.every(({ ok }) => ok) ? "success" : "failed";
    return json({ status, recipients });
  },
});

export const notificationOperations: Operation[] = [...configOperations(ruleKind), testRule];

const ADDRESS = {
  email: { pattern: /^[^\s@<>,;"]+@[^\s@<>,;"]+$/, message: "is no email address" },
  telegram: { pattern: /^(-?\d{1,20}|@\w{4,64})$/, message: "is no chat id or @channel" },
};

/** A flow's texts reach the node "notify" alone: a rule of that kind would never tell anything. */
function kindProblems({ kinds }: NotificationRuleFields): FieldError[] {
  const index = kinds.indexOf("message");
  if (index < 0) return [];
  const message = 'message is for the node "notify" in a flow: take it out of the kinds';
  return [{ field: `kinds.${index}`, message }];
}

function signingProblems({ channel }: NotificationRuleFields): FieldError[] {
  const message = channel.type === "webhook" ? signingSecretProblem(channel.signing_secret) : null;
  return message === null ? [] : [{ field: "channel.signing_secret", message }];
}

function addressProblems({ channel, recipients }: NotificationRuleFields): FieldError[] {
  if (channel.type !== "email" && channel.type !== "telegram") return [];
  const { pattern, message } = ADDRESS[channel.type];
  return recipients.flatMap(({ address }, i) =>
    pattern.test(address) ? [] : [{ field: `recipients.${i}.address`, message }],
  );
}
