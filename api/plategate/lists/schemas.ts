import { z } from "zod";
import { instant, text } from "../../schemas";
import { VEHICLE_STATUSES, WATCH_PRIORITIES } from "../../../core/access/types";

/** Bodies of /api/v1's lists. Every field may be left out of a partial update. */

const optionalText = (max: number) => text(max).nullable();
const day = z.iso.date().regex(/^[1-9]/, "must be a year from 1000 on");
const time = z
  .union([z.iso.datetime({ offset: true }), day])
  .nullable()
  .describe("an instant, or a date for the whole day at the site: from its start, until its end");
const ids = z.array(text(64).min(1)).max(200);
const clock = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, "must be HH:MM");
const count = z.number().int().min(0).max(1_000_000).nullable();
const plate = text(64).min(1);

export const vehicleSchema = z.strictObject({
  plate,
  region: optionalText(16),
  owner: optionalText(200),
  contact: optionalText(200),
  note: optionalText(2000),
  tags: z.array(text(64)).max(50),
  status: z.enum(VEHICLE_STATUSES),
  groups: ids,
  valid_from: time,
  valid_until: time,
  schedule_id: optionalText(64),
  lanes: ids,
  way: z.enum(["entry", "exit"]).nullable(),
  credentials: z.array(text(64)).max(20),
});

/** What a change may say: null empties a list; the PIN is never shown again. */
export const vehicleChange = vehicleSchema
  .extend({
    tags: vehicleSchema.shape.tags.nullable(),
    groups: ids.nullable(),
    lanes: ids.nullable(),
    credentials: vehicleSchema.shape.credentials.nullable(),
    pin: z
      .string()
      .regex(/^\d{4,12}$/, "must have 4 to 12 digits")
      .nullable()
      .describe("write only: kept as its hash; null takes it away"),
  })
  .partial();

export const groupSchema = z.strictObject({
  name: text(200).min(1),
  schedule_id: optionalText(64),
  lanes: ids,
  occupancy_limit: count,
  permit_spaces: count,
  note: optionalText(2000),
});

export const groupChange = groupSchema.extend({ lanes: ids.nullable() }).partial();

const window = z.strictObject({
  days: z
    .array(
      z.union([
        z.literal(1),
        z.literal(2),
        z.literal(3),
        z.literal(4),
        z.literal(5),
        z.literal(6),
        z.literal(7),
      ]),
    )
    .min(1),
  from: clock,
  to: clock,
});

export const scheduleSchema = z.strictObject({
  name: text(200).min(1),
  time_zone: optionalText(64),
  windows: z.array(window).max(200),
  on_holidays: z.enum(["as_usual", "closed", "windows"]),
  holiday_windows: z.array(z.strictObject({ from: clock, to: clock })).max(50),
  holidays: z.array(text(10)).max(1000),
});

export const passSchema = z.strictObject({
  plate: plate.nullable(),
  visitor: optionalText(200),
  host: optionalText(200),
  note: optionalText(2000),
  status: z.enum(["active", "revoked"]),
  valid_from: time,
  valid_until: time,
  uses_allowed: count,
  schedule_id: optionalText(64),
  lanes: ids,
});

export const passChange = passSchema.extend({ lanes: ids.nullable() }).partial();

export const watchSchema = z.strictObject({
  list: z.enum(["watch", "deny"]),
  pattern: text(64).min(1),
  match: z.enum(["exact", "confusable"]),
  description: optionalText(2000),
  priority: z.enum(WATCH_PRIORITIES),
  webhook_url: z.url({ protocol: /^https?$/ }).nullable(),
  emails: z.array(z.email()).max(50),
  expires_at: time,
  active: z.boolean(),
});

export const watchChange = watchSchema
  .extend({ emails: watchSchema.shape.emails.nullable() })
  .partial();

/** What the server adds to an entry in its answers. */
const madeBy = { created_by: z.string().nullable(), created_at: instant };
const warnings = {
  warnings: z
    .array(z.object({ field: z.string(), code: z.string(), message: z.string() }))
    .optional()
    .describe("what is odd but allowed, in answers to changes"),
};
const entry = { id: z.string(), ...warnings };

export const vehicleReply = z.object({
  ...vehicleSchema.shape,
  ...entry,
  has_pin: z.boolean(),
  created_at: instant,
  updated_at: instant,
});
export const groupReply = z.object({ ...groupSchema.shape, ...entry });
export const scheduleReply = z.object({ ...scheduleSchema.shape, ...entry });
export const passReply = z.object({
  ...passSchema.shape,
  ...entry,
  used: z.number().int(),
  ...madeBy,
});
/** The link is shown this once; the pass keeps its hash. */
export const passCreated = passReply.extend({
  code: z.string().describe("for a visitor who types it"),
  link: z.string().describe("page on which the visitor enters the plate"),
});
export const watchReply = z.object({ ...watchSchema.shape, ...entry, ...madeBy });
