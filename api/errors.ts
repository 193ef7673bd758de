import { StoreError } from "../core/events/errors";

/** Stable codes of the error format (docs/api.md). */
export type ErrorCode =
  | "INVALID_REQUEST"
  | "VALIDATION_ERROR"
  | "AUTHENTICATION_FAILED"
  | "PERMISSION_DENIED"
  | "RESOURCE_NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "DUPLICATE_RESOURCE"
  | "CONFLICT"
  | "REQUEST_TIMEOUT"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "RATE_LIMIT_EXCEEDED"
  | "INTERNAL_ERROR"
  | "SERVICE_UNAVAILABLE"
  | "INSUFFICIENT_STORAGE";

export interface FieldError {
  field: string;
  message: string;
}

/** An answer that says what went wrong; anything else thrown becomes a 500 without details. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    detail: string,
    readonly extra: { errors?: FieldError[]; headers?: Record<string, string>; body?: object } = {},
  ) {
    super(detail);
    this.name = "ApiError";
  }

  static unauthenticated(detail = "Not authenticated"): ApiError {
    return new ApiError(401, "AUTHENTICATION_FAILED", detail, {
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }

  static forbidden(detail = "You do not have the right to do this"): ApiError {
    return new ApiError(403, "PERMISSION_DENIED", detail);
  }

  static notFound(detail = "Resource not found"): ApiError {
    return new ApiError(404, "RESOURCE_NOT_FOUND", detail);
  }

  static invalid(detail: string, errors?: FieldError[]): ApiError {
    return new ApiError(400, "INVALID_REQUEST", detail, errors ? { errors } : {});
  }

  /**
   * Too many of something. The headers are those of the count that is used up, in place of
   * the caller's general ones.
   */
  static tooMany(detail: string, waitMs: number, limit: number, windowSeconds = 60): ApiError {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    return new ApiError(429, "RATE_LIMIT_EXCEEDED", detail, {
      headers: {
        "Retry-After": String(seconds),
        "X-RateLimit-Limit": String(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": String(Math.ceil((Date.now() + waitMs) / 1000)),
      },
      body: { retry_after_seconds: seconds, limit, window_seconds: windowSeconds },
    });
  }

  static unavailable(detail: string): ApiError {
    return new ApiError(503, "SERVICE_UNAVAILABLE", detail);
  }

  static full(detail: string): ApiError {
    return new ApiError(507, "INSUFFICIENT_STORAGE", detail);
  }
}

/**
 * Any error as an answer: what the store says of waiting and of data it cannot hold;
 * null for what nobody has foreseen.
 */
export function answerOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (!(error instanceof StoreError)) return null;
  if (error.code === "invalid") return ApiError.invalid("This cannot be stored");
  if (error.code === "conflict") {
    return new ApiError(409, "DUPLICATE_RESOURCE", "Something of this name exists");
  }
  return new ApiError(503, "SERVICE_UNAVAILABLE", "The record is not available, try again later", {
    headers: { "Retry-After": "5" },
  });
}

/** The error format of reference 2: detail, error_code, timestamp, request_id, errors. */
export function errorBody(error: ApiError, requestId: string, now: Date): Record<string, unknown> {
  return {
    detail: error.message,
    error_code: error.code,
    timestamp: now.toISOString(),
    request_id: requestId,
    ...(error.extra.errors ? { errors: error.extra.errors } : {}),
    ...error.extra.body,
  };
}
