import type { Response } from "express";
import { pipeline } from "node:stream/promises";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { requestId } from "../../api/http/request";
import { responseOf, type HttpMessage } from "../shared/api-message";
import { onInput } from "../shared/kit";

/** Sends msg.statusCode, msg.headers and msg.payload or msg.stream as the answer. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("api-reply", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    onInput(this, async (message: HttpMessage) => {
      const response = responseOf(message);
      if (response.headersSent || response.destroyed) return;
      if (message.req) response.setHeader("X-Request-Id", requestId(message.req));
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.status(message.statusCode ?? 200).set(message.headers ?? {});
      await sendBody(response, message);
    });
  });
};

async function sendBody(response: Response, message: HttpMessage): Promise<void> {
  if (message.stream) {
    try {
      await pipeline(message.stream, response);
    } catch {
      // The caller went away, or the source ended: nobody is left to tell.
      response.destroy();
    }
    return;
  }
  const { payload } = message;
  if (payload === undefined || payload === null) response.end();
  else if (Buffer.isBuffer(payload) || typeof payload === "string") response.send(payload);
  else if (/^(GET|HEAD)$/.test(response.req.method)) response.json(payload);
  else sendJson(response, payload);
}

/** What nobody asks for again needs no ETag: to make one costs more than all else of a small answer. */
function sendJson(response: Response, payload: unknown): void {
  const body = Buffer.from(JSON.stringify(payload));
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", body.length);
  response.end(body);
}
