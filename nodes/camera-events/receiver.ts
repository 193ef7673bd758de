import { createHash, timingSafeEqual } from "node:crypto";
import type { Request, Response } from "express";
import type { NodeAPI } from "node-red";
import { ApiError, errorBody } from "../../api/errors";
import { Throttle } from "../../api/auth/throttle";
import { readMultipart } from "../../api/http/multipart";
import { callerAddress, requestId } from "../../api/http/request";
import { isPicture, place } from "../../adapters/pushed/assembler";
import type { PushedImages } from "../../core/pushed/types";

/** What a camera sent in one request. */
export interface Delivery {
  texts: string[];
  images: PushedImages;
}

/** A node that is sent to. */
export interface Receiver {
  secret: string;
  /** @throws RangeError for what is no report; rejects with ApiError where too much waits */
  take(delivery: Delivery): Promise<void>;
}

/** A picture (API-DECISIONS, Limits), and a JSON with pictures in it. */
const MAX_PICTURE = 20 * 1024 * 1024;
const MAX_TEXT = 8 * 1024 * 1024;
/** Requests of one receiver that are read at the same time. */
const AT_ONCE = 8;

const receivers = new Map<string, Receiver>();
const busy = new Map<string, number>();
const served = new WeakSet<object>();
const TRIES_A_MINUTE = 10;
const tries = new Throttle(TRIES_A_MINUTE, 60_000);

/**
 * Listens at `/camera-events/NAME`.
 * @returns ends it
 * @throws Error where another node has the name
 */
export function receive(RED: NodeAPI, name: string, receiver: Receiver): () => void {
  if (receivers.has(name)) throw new Error(`another node listens at /camera-events/${name}`);
  if (!served.has(RED.httpNode)) {
    served.add(RED.httpNode);
    const answer = (request: Request, response: Response): void => void handle(request, response);
    RED.httpNode.post("/camera-events/:name", answer);
    // for cameras that can be told an address and nothing else
    RED.httpNode.post("/camera-events/:name/:secret", answer);
  }
  receivers.set(name, receiver);
  return () => {
    if (receivers.get(name) === receiver) receivers.delete(name);
  };
}

async function handle(request: Request, response: Response): Promise<void> {
  try {
    const name = String(request.params["name"]);
    const receiver = admit(request, name);
    const under = busy.get(name) ?? 0;
    if (under >= AT_ONCE) throw ApiError.unavailable("Too many reports at the same time");
    busy.set(name, under + 1);
    try {
      await receiver.take(await deliveryOf(request));
    } finally {
      busy.set(name, (busy.get(name) ?? 1) - 1);
    }
    response.json({ status: "ok" });
  } catch (error) {
    const known = error instanceof RangeError ? ApiError.invalid(error.message) : error;
    const told = known instanceof ApiError ? known : ApiError.unavailable("Try again");
    response.status(told.status).set(told.extra.headers ?? {});
    response.json(errorBody(told, requestId(request), new Date()));
  }
}

/** @throws ApiError 401 alike for a wrong secret and a name that nobody has, 429 after ten of these */
function admit(request: Request, name: string): Receiver {
  const receiver = receivers.get(name);
  const good = secretsOf(request).some((shown) => receiver && same(shown, receiver.secret));
  if (receiver && good) return receiver;
  const wait = tries.take(callerAddress(request) ?? "", Date.now());
  if (wait > 0) throw ApiError.tooMany("Too many tries; wait a minute", wait, TRIES_A_MINUTE);
  throw new ApiError(401, "AUTHENTICATION_FAILED", "The secret is missing or wrong", {
    headers: { "WWW-Authenticate": 'Basic realm="plategate"' },
  });
}

/** Wherever cameras and services can put a secret. */
function secretsOf({ headers, params, query }: Request): string[] {
  const { authorization = "" } = headers;
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1];
  const password =
    basic &&
    Buffer.from(basic, "base64")
      .toString()
      .replace(/^[^:]*:/, "");
  const bearer = /^Bearer (.+)$/i.exec(authorization)?.[1];
  const given = [headers["x-webhook-secret"], headers["x-api-key"], bearer, password];
  return [...given, params["secret"], query["token"]].filter((one) => typeof one === "string");
}

/** Compared by their hashes: neither length nor beginning shows in the time. */
function same(shown: string, secret: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(shown), hash(secret));
}

async function deliveryOf(request: Request): Promise<Delivery> {
  const type = request.headers["content-type"] ?? "";
  if (/^multipart\/form-data/i.test(type)) return ofForm(request);
  const body = await readBody(request);
  return { texts: [body.toString("utf8")], images: { frame: null, crop: null } };
}

async function ofForm(request: Request): Promise<Delivery> {
  const limits = { fileSize: MAX_PICTURE, fieldSize: MAX_TEXT, files: 10 };
  const { fields, files } = await readMultipart(request, limits);
  const images: PushedImages = { frame: null, crop: null };
  const texts = Object.values(fields);
  for (const { field, name, data } of files) {
    if (isPicture(data)) place(images, data, `${field} ${name}`);
    else if (data.length <= MAX_TEXT) texts.push(data.toString("utf8"));
  }
  return { texts, images };
}

async function readBody(request: Request): Promise<Buffer> {
  // outside of the standalone application something may have read it already
  const read: unknown = request.body;
  if (Buffer.isBuffer(read)) return read;
  if (typeof read === "string") return Buffer.from(read);
  if (request.readableEnded) return Buffer.from(JSON.stringify(read ?? ""));
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on("data", (part: Buffer) => {
      size += part.length;
      // what is beyond is read and thrown away, so that the sender hears the answer
      if (size <= MAX_TEXT) parts.push(part);
      else parts.length = 0;
    });
    request.once("end", () => {
      if (size <= MAX_TEXT) resolve(Buffer.concat(parts));
      else reject(new ApiError(413, "PAYLOAD_TOO_LARGE", `At most ${MAX_TEXT} bytes are taken`));
    });
    request.once("error", () => reject(ApiError.invalid("The report was broken off")));
  });
}
