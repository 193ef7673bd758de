import type { Request } from "express";
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Access, Principal } from "./auth/permissions";
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

/** Schemas of what a request holds: they validate it and describe it in the OpenAPI document. */
export interface InputSchemas {
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** The JSON (or form) body. */
  body?: z.ZodType;
}

/** What the schemas make of a request. */
export type InputOf<S extends InputSchemas> = {
  [K in keyof S]: S[K] extends z.ZodType ? z.output<S[K]> : undefined;
};

/** Parts of a multipart body; described for the OpenAPI document, read by the operation itself. */
export interface FormParts {
  fields?: z.ZodObject;
  /** Part name → what it holds. */
  files: Record<string, { description: string; required: boolean }>;
}

/** One answer of an operation, for the OpenAPI document. */
export interface ReplySchema {
  description: string;
  /** JSON body; none for an empty answer or another content type. */
  body?: z.ZodType;
  /** Where it is not JSON, e.g. "image/jpeg". */
  contentType?: string;
}

/**
 * One thing the API does. It stands behind an http-in node as `api-operation`;
 * the right is checked by the guard before it and again by the operation.
 */
export interface Operation {
  /** Dialect and name, e.g. "guide.recognize". */
  id: string;
  /** What the caller needs. */
  permission: Access;
  /** For the editor's list and the OpenAPI document. */
  summary: string;
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Path in Express form, e.g. "/events/:event_id". */
  path: string;
  /** Shows what is recorded of people: the name under which the audit log has its calls. */
  lookUp?: string;
  input?: InputSchemas;
  /** Multipart; with `input.body` the operation takes both, and reads this one itself. */
  form?: FormParts;
  /** What an answer to input that breaks a rule says, where a reference words it. */
  invalid?: string;
  /** Answers beside the errors that every operation may give. */
  replies?: Record<number, ReplySchema>;
  handle(context: OperationContext, input: never): Promise<Reply> | Reply;
}

/** An operation whose handler gets what its schemas made of the request. */
export interface OperationWith<S extends InputSchemas> extends Omit<Operation, "input" | "handle"> {
  input: S;
  handle(context: OperationContext, input: InputOf<S>): Promise<Reply> | Reply;
}

/** Defines an operation with checked input. */
export function operation<S extends InputSchemas>(definition: OperationWith<S>): Operation {
  return definition;
}

export function json(body: unknown, status = 200): Reply {
  return { status, body };
}
