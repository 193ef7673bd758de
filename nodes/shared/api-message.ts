import type { Request, Response } from "express";
import type { Node } from "node-red";
import type { Readable } from "node:stream";
import { ApiError, answerOf, errorBody } from "../../api/errors";
import { requestId } from "../../api/http/request";
import type { Reply } from "../../api/operations";
import { asError, type PlategateMessage } from "./kit";

/** A message of an http-in node. */
export interface HttpMessage extends PlategateMessage {
  req?: Request;
  res?: { _res?: Response };
  statusCode?: number;
  headers?: Record<string, string | string[]>;
  stream?: Readable;
}

/** The Express request of a message. */
export function requestOf(message: HttpMessage): Request {
  if (!message.req) throw new Error("no msg.req: this node belongs behind an http in node");
  return message.req;
}

/** The Express response of a message. */
export function responseOf(message: HttpMessage): Response {
  const response = message.res?._res;
  if (!response) throw new Error("no msg.res: this node belongs behind an http in node");
  return response;
}

/** Puts an operation's answer on the message, for api-reply. */
export function fillReply(message: HttpMessage, reply: Reply): void {
  message.statusCode = reply.status;
  message.headers = reply.headers ?? {};
  message.payload = reply.body;
  if (reply.stream) message.stream = reply.stream;
  else delete message.stream;
}

/**
 * Puts an error answer on the message. What is no ApiError is logged with the
 * request id; what nobody has foreseen is answered with 500 without details.
 */
export function fillFailure(message: HttpMessage, error: unknown, node: Node): void {
  const id = message.req ? requestId(message.req) : "req-none";
  let answer = answerOf(error);
  if (!(error instanceof ApiError)) node.error(`${id}: ${asError(error).stack ?? String(error)}`);
  answer ??= new ApiError(500, "INTERNAL_ERROR", "Internal server error");
  fillReply(message, {
    status: answer.status,
    headers: answer.extra.headers ?? {},
    body: errorBody(answer, id, new Date()),
  });
}
