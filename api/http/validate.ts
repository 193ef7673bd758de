import type { z } from "zod";
import { ApiError } from "../errors";

/**
 * What a schema makes of a part of a request.
 * @param status the engine dialect answers 400, the others 422
 * @throws ApiError with one entry per field that breaks a rule
 */
export function parseInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
  status: 400 | 422,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    field: issue.path.join(".") || "body",
    message: issue.message,
  }));
  throw new ApiError(status, "VALIDATION_ERROR", "Request validation failed", { errors });
}
