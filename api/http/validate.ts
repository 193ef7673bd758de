import type { z } from "zod";
import { ApiError } from "../errors";

/**
 * What a schema makes of a part of a request.
 * @param status the engine dialect answers 400, the others 422
 * @param detail what the answer says in general
 * @throws ApiError with one entry per field that breaks a rule
 */
export function parseInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
  status: 400 | 422,
  detail = "Request validation failed",
): z.output<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => {
    const field = issue.path.join(".") || "body";
    const missing = issue.code === "invalid_type" && issue.input === undefined;
    return { field, message: missing ? `${field} is required` : issue.message };
  });
  throw new ApiError(status, "VALIDATION_ERROR", detail, { errors });
}
