import { z } from "zod";
import { isTimeZone } from "../../../core/access/wall-clock";
import { REASON_CODES } from "../../../core/messages";
import { LANGUAGES, NOTICE_KINDS } from "../../../core/notify/types";
import { freeSchema, nameSchema, whole } from "../../config/schemas";
import { text } from "../../schemas";

const secret = text(4000);
const pem = text(20_000).default("").describe("PEM, where a private authority signed it");
const httpUrl = text(2000).regex(/^https?:\/\/[^\s/]+/i, "must begin with http:// or https://");
const clock = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, "must be HH:MM");

const email = z.object({
  type: z.literal("email"),
  host: text(255).min(1),
  port: whole(1, 65_535).default(587),
  security: z.enum(["starttls", "tls", "none"]).default("starttls"),
  user: text(255).default(""),
  password: secret.default(""),
  from: text(255).default("").describe("default: the user"),
  oauth2: z
    .object({
      client_id: text(500),
      client_secret: secret,
      refresh_token: secret,
      access_url: httpUrl,
    })
    .nullable()
    .default(null),
  ca: pem,
});

const telegram = z.object({
  type: z.literal("telegram"),
  token: secret.min(1),
  api_url: httpUrl.default("https://api.telegram.org"),
});

const headerValue = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]{0,4000}$/, "holds what a header cannot");

const webhook = z.object({
  type: z.literal("webhook"),
  url: httpUrl,
  headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/), headerValue).default({}),
  secret: secret.default("").describe("sent in X-Webhook-Secret, signs X-Hub-Signature-256"),
  signing_secret: secret.default("").describe("Standard Webhooks: whsec_…, two during a rotation"),
});

const mqtt = z.object({
  type: z.literal("mqtt"),
  url: text(2000).regex(/^mqtts?:\/\/[^\s/]+/i, "must begin with mqtt:// or mqtts://"),
  username: text(200).default(""),
  password: secret.default(""),
  topic: text(500)
    .min(1)
    .regex(/^[^+#]*$/, "must not contain + or #"),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
  ca: pem,
});

const template = z.object({
  subject: text(500).optional(),
  text: text(4000).optional(),
  html: text(20_000).optional(),
});

const kind = z.enum(NOTICE_KINDS);
const ids = z.array(text(128).min(1)).max(200).default([]);

/** The body of a notification rule. */
export const ruleSchema = z.object({
  name: nameSchema,
  enabled: z.boolean().default(true),
  kinds: z.array(kind).min(1).describe("what is told"),
  reasons: z.array(z.enum(REASON_CODES)).default([]).describe("empty: all"),
  lanes: ids.describe("empty: all"),
  cameras: ids.describe("empty: all"),
  channel: z.discriminatedUnion("type", [email, telegram, webhook, mqtt]),
  recipients: z
    .array(z.object({ address: text(255).default(""), language: z.enum(LANGUAGES).default("en") }))
    .min(1)
    .max(50)
    .default([{ address: "", language: "en" }])
    .describe("email addresses or chat ids; one with an empty address for webhook and mqtt"),
  templates: z.partialRecord(kind, template).default({}).describe("Liquid, by kind"),
  picture: z.boolean().default(true),
  time_zone: z.string().refine(isTimeZone, "is no IANA time zone").default("UTC"),
  quiet_hours: z
    .object({
      from: clock,
      to: clock,
      days: z.array(whole(1, 7)).default([]).describe("1 = Monday; empty: each day"),
      except: z.array(kind).default([]).describe("told also then"),
    })
    .nullable()
    .default(null),
  throttle: z
    .object({
      max: whole(0, 10_000).describe("0: any number"),
      per_seconds: whole(1, 86_400).default(60),
      same_plate_seconds: whole(0, 86_400).default(0),
    })
    .nullable()
    .default(null),
  digest_minutes: whole(1, 1440).nullable().default(null),
  retry_config: freeSchema.default({}),
});
