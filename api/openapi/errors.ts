import type { ErrorCode } from "../errors";
import type { Operation } from "../operations";
import type { JsonSchema } from "./schema";

interface ErrorAnswer {
  status: number;
  code: ErrorCode;
  description: string;
  detail: string;
  extra?: Record<string, unknown>;
  headers?: Record<string, JsonSchema>;
}

const retry: Record<string, JsonSchema> = {
  "Retry-After": { description: "seconds", schema: { type: "integer" } },
};

const ANSWERS = {
  Invalid: {
    status: 400,
    code: "INVALID_REQUEST",
    description: "The request cannot be read, or in the engine dialect breaks a rule",
    detail: "The body cannot be parsed",
  },
  Unauthenticated: {
    status: 401,
    code: "AUTHENTICATION_FAILED",
    description: "No credential, or one that is no longer good",
    detail: "Not authenticated",
  },
  Forbidden: {
    status: 403,
    code: "PERMISSION_DENIED",
    description: "The caller is known and may not",
    detail: "You do not have the right to do this",
  },
  NotFound: {
    status: 404,
    code: "RESOURCE_NOT_FOUND",
    description: "There is no such thing",
    detail: "Resource not found",
  },
  Conflict: {
    status: 409,
    code: "DUPLICATE_RESOURCE",
    description: "It stands in the way of something that is there",
    detail: "This name is taken",
  },
  TooLarge: {
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    description: "Too large; nothing of it is kept",
    detail: "A body may have at most 1048576 bytes",
  },
  Unsupported: {
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
    description: "What was sent is of a kind that is not taken",
    detail: "This is no video of a kind that can be read",
  },
  Rules: {
    status: 422,
    code: "VALIDATION_ERROR",
    description: "A field breaks a rule",
    detail: "Request validation failed",
    extra: { errors: [{ field: "plate", message: "has no letter or digit" }] },
  },
  TooMany: {
    status: 429,
    code: "RATE_LIMIT_EXCEEDED",
    description: "More than the limit; see the headers",
    detail: "Rate limit exceeded",
    extra: { retry_after_seconds: 60, limit: 1000, window_seconds: 60 },
    headers: retry,
  },
  Failed: {
    status: 500,
    code: "INTERNAL_ERROR",
    description: "A fault of ours; the log has it under the request's id",
    detail: "Internal server error",
  },
  Full: {
    status: 507,
    code: "INSUFFICIENT_STORAGE",
    description: "There is no room for it on the disk of the server",
    detail: "The disk of the server is nearly full; the rest of it is kept for the gate",
  },
  Unavailable: {
    status: 503,
    code: "SERVICE_UNAVAILABLE",
    description: "A part is away; try again",
    detail: "The database does not answer",
  },
} satisfies Record<string, ErrorAnswer>;

/** The answers from 400 on, for `components.responses`. */
export function errorResponses(): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(ANSWERS).map(([name, answer]: [string, ErrorAnswer]) => [
      name,
      {
        description: answer.description,
        ...(answer.headers ? { headers: answer.headers } : {}),
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/Error" },
            example: {
              detail: answer.detail,
              error_code: answer.code,
              timestamp: "2026-11-22T04:00:00.000Z",
              request_id: "req-5b0c3f0e-6f0f-4a53-8d6d-0a4c6f1f2f55",
              ...answer.extra,
            },
          },
        },
      },
    ]),
  );
}

/** Which of them an operation may give, beside what its own replies say. */
export function errorsOf({ id, permission, input, form, replies }: Operation): JsonSchema {
  const changes = input?.body !== undefined || form !== undefined;
  const engine = id.startsWith("engine.");
  const names: (keyof typeof ANSWERS)[] = ["Failed", "TooMany", "Unavailable"];
  if (permission !== "public") names.push("Unauthenticated", "Forbidden");
  else if (input?.body) names.push("Unauthenticated"); // logins
  if (input?.params) names.push("NotFound");
  if (changes) names.push("Invalid", "TooLarge", "Conflict");
  if (form) names.push("Unsupported", "Full");
  if (input?.query) names.push(engine ? "Invalid" : "Rules");
  if (changes && !engine) names.push("Rules");
  return Object.fromEntries(
    [...new Set(names)]
      .map(
        (name) =>
          [String(ANSWERS[name].status), { $ref: `#/components/responses/${name}` }] as const,
      )
      .filter(([status]) => replies?.[Number(status)] === undefined)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}
