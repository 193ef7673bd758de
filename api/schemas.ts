import { z } from "zod";

/** Pieces that many operations' inputs and answers share. */

/** An instant in an answer. */
export const instant = z.iso.datetime().describe("ISO 8601, UTC");

/** Free text without NUL and halves of characters, which databases refuse. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0\p{Surrogate}]*$/u, "must not contain NUL or broken characters");

/** First and last time that is taken: 1970 to the year 9999. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** An instant in a request, as ms since the epoch; without a zone it is UTC. */
export const timeInput = z.iso
  .datetime({ offset: true, local: true })
  .transform((given) => Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(given) ? given : `${given}Z`))
  .refine((ms) => ms >= 0 && ms <= LAST_TIME, "must be between 1970 and 9999");

/**
 * The first or last instant of a range in a query; a date alone is that day's (UTC)
 * beginning or end. Absent and empty are the same.
 */
export function rangeInput(edge: "start" | "end") {
  const ofDay = edge === "start" ? "00:00:00.000" : "23:59:59.999";
  const day = z.iso.date().transform((date) => Date.parse(`${date}T${ofDay}Z`));
  const absent = z.literal("").transform(() => undefined);
  return z
    .union([absent, timeInput, day.refine((ms) => ms >= 0 && ms <= LAST_TIME)], {
      error: "must be an ISO 8601 date or time between 1970 and 9999",
    })
    .optional();
}

/** A text to filter by; empty is the same as absent. */
export const filterText = (max: number) =>
  text(max)
    .transform((value) => (value === "" ? undefined : value))
    .optional();

/** A whole number in a query; empty is the same as absent. */
function wholeQuery(max: number, absent: number) {
  const number = z.coerce.number().int().min(0).max(max);
  return z.preprocess((given) => (given === "" ? absent : given), number).default(absent);
}

/** `skip` and `limit` of a list; 0 gives the total alone. */
export function pageFields(defaultLimit = 100, maxLimit = 1000) {
  return {
    skip: wholeQuery(Number.MAX_SAFE_INTEGER, 0),
    limit: wholeQuery(maxLimit, defaultLimit).describe(`${defaultLimit} where it is absent`),
  };
}

/** A page of a list, as reference 2 writes it. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    total: z.number().int().describe("how many there are in all"),
    skip: z.number().int(),
    limit: z.number().int(),
  });
}

/** The error format of every answer from 400 on (reference 2). */
export const errorSchema = z.looseObject({
  detail: z.string(),
  error_code: z.string(),
  timestamp: instant,
  request_id: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
