import { z } from "zod";
import { text } from "../schemas";

/** Pieces of the bodies of configured things. */

export const idSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
    "must be 1 to 64 letters, digits or . _ : - and begin with a letter or digit",
  );

export const nameSchema = text(200).min(1, "must not be empty");

/** Bytes of JSON that free fields may hold. */
const FREE_BYTES = 64 * 1024;

/** An object of the caller's own. */
export const freeSchema = z
  .record(z.string().max(100), z.unknown())
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= FREE_BYTES,
    `must be at most ${FREE_BYTES} bytes of JSON`,
  );

export const finite = (from: number, to: number) => z.number().min(from).max(to);
export const whole = (from: number, to: number) => z.int().min(from).max(to);

/** A flag in a query. */
export const queryFlag = z.stringbool();

/**
 * The schema of a merge patch (RFC 7396) for what `schema` takes: every field may be
 * left out or null, also inside of objects.
 */
export function patchOf(schema: z.ZodObject): z.ZodObject {
  const fields = Object.entries(schema.shape) as [string, z.ZodType][];
  return z.object(Object.fromEntries(fields.map(([name, field]) => [name, patched(field)])));
}

function patched(field: z.ZodType): z.ZodType {
  const inner = bare(field);
  return (inner instanceof z.ZodObject ? patchOf(inner) : inner).nullish();
}

/** A field without its defaults and permissions to be absent or null. */
function bare(field: z.ZodType): z.ZodType {
  const wrapped =
    field instanceof z.ZodDefault ||
    field instanceof z.ZodOptional ||
    field instanceof z.ZodNullable;
  return wrapped ? bare(field.unwrap() as z.ZodType) : field;
}
