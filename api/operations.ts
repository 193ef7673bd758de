import type { Request } from "express";
import type { Readable } from "node:stream";
import type { Permission, Principal } from "./auth/permissions";
import type { ApiServices } from "./services";

/** What an operation answers with. */
export interface Reply {
  status: number;
  headers?: Record<string, string | string[]>;
  /** A value is sent as JSON; a Buffer, string or stream as it is. */
  body?: unknown;
  stream?: Readable;
}

export interface OperationContext {
  request: Request;
  /** Parsed JSON or form body, or a Buffer of a body Node-RED has read as it is. */
  body: unknown;
  principal: Principal;
  requestId: string;
  services: ApiServices;
}

/**
 * One thing the API does. It stands behind an http-in node as `api-operation`;
 * the right is checked by the guard before it and again by the operation.
 */
export interface Operation {
  /** Dialect and name, e.g. "guide.recognize". */
  id: string;
  /** The right a caller needs, or "public". */
  permission: Permission | "public";
  /** For the editor's list and the OpenAPI document. */
  summary: string;
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Path in Express form, e.g. "/events/:event_id". */
  path: string;
  handle(context: OperationContext): Promise<Reply> | Reply;
}

export function json(body: unknown, status = 200): Reply {
  return { status, body };
}
