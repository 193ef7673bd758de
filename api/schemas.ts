import { z } from "zod";

/** Pieces that many operations' inputs and answers share. */

/** An instant in an answer. */
export const instant = z.iso.datetime().describe("ISO 8601, UTC");

/** Free text without NUL, which databases refuse. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0]*$/, "must not contain NUL");

/** `skip` and `limit` of a list; 0 gives the total alone. */
export function pageFields(defaultLimit = 100, maxLimit = 1000) {
  return {
    skip: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(0).max(maxLimit).default(defaultLimit),
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
