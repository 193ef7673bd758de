import type { z } from "zod";
import { ApiError } from "../errors";

/**
 * A body as its schema wants it.
 * @throws ApiError 400 with one entry per field that breaks a rule
 */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    field: issue.path.join(".") || "body",
    message: issue.message,
  }));
  throw new ApiError(400, "VALIDATION_ERROR", "Request validation failed", { errors });
}
