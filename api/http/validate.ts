import type { z } from "zod";
import { ApiError } from "../errors";

/**
 * A body as its schema wants it.
 * @param status the engine dialect answers 400, the others 422
 * @throws ApiError with one entry per field that breaks a rule
 */
export function parseBody<T extends z.ZodType>(
  schema: T,
  body: unknown,
  status: 400 | 422 = 400,
): z.infer<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    field: issue.path.join(".") || "body",
    message: issue.message,
  }));
  throw new ApiError(status, "VALIDATION_ERROR", "Request validation failed", { errors });
}
