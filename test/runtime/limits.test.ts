import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  type RunningApplication,
} from "../fixtures/application";

type Json = Record<string, unknown>;

describe("limits of the API", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({
      env: {
        RATE_LIMITS: "events=5,config=3",
        PLATEGATE_API_KEY: "edge-key-of-this-test",
        BODY_TIMEOUT_SECONDS: "1",
        TRUST_PROXY: "loopback",
        CORS_ORIGINS: "https://front.example",
      },
    });
  });
  after(() => discard(app));

  /** Sends bytes as they are and gives everything that comes back. */
  async function raw(...parts: (string | Buffer)[]): Promise<string> {
    const socket = connect(Number(new URL(app.address).port), "127.0.0.1");
    await once(socket, "connect");
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("error", () => undefined); // it may be cut while we send
    for (const part of parts) socket.write(part);
    await once(socket, "close");
    return answer;
  }
  const bodyOf = (answer: string): Json =>
    JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as Json;

  it("counts requests per user and per key, and says so", async () => {
    const first = await app.get("/events");
    assert.equal(first.headers.get("x-ratelimit-limit"), "5");
    assert.equal(first.headers.get("x-ratelimit-remaining"), "4");
    const reset = Number(first.headers.get("x-ratelimit-reset")) - Date.now() / 1000;
    assert.ok(reset > 50 && reset <= 61, String(reset));
    for (let i = 0; i < 4; i += 1) assert.equal((await app.get("/events")).status, 200);
    const over = await app.get("/events");
    const body = (await over.json()) as Json;
    assert.equal(over.status, 429);
    assert.equal(body.error_code, "RATE_LIMIT_EXCEEDED");
    assert.equal((await app.get("/EVENTS")).status, 429, "the same path");
    assert.equal(body.limit, 5);
    assert.equal(body.window_seconds, 60);
    assert.equal(String(body.retry_after_seconds), over.headers.get("retry-after"));
    const key = { headers: { "X-API-Key": "edge-key-of-this-test" } };
    assert.equal(
      (await fetch(`${app.address}/events`, key)).status,
      403,
      "a key counts for itself",
    );
    assert.equal((await app.get("/config/cameras")).headers.get("x-ratelimit-limit"), "3");
    assert.equal((await app.get("/api/v1/me")).headers.get("x-ratelimit-limit"), "1000");
    assert.equal((await app.get("/healthz")).headers.get("x-ratelimit-limit"), null);
  });

  it("counts refusals per address", async () => {
    const guess = () => fetch(`${app.address}/events`, { headers: { "X-API-Key": "guess" } });
    const states: number[] = [];
    for (let i = 0; i < 6; i += 1) states.push((await guess()).status);
    assert.equal(states.at(-1), 429, states.join(" "));
    const elsewhere = { headers: { "X-API-Key": "guess", "X-Forwarded-For": "198.51.100.7" } };
    assert.equal((await fetch(`${app.address}/events`, elsewhere)).status, 401);
  });

  it("answers 405 with the methods of a known path, 404 for an unknown one", async () => {
    const cases: [string, string, string][] = [
      ["DELETE", "/auth/token", "POST"],
      ["PUT", "/healthz", "GET, HEAD"],
      ["POST", "/api/v1/me", "GET, HEAD"],
      ["PUT", "/api/v1/vehicles/x", "GET, HEAD, PATCH, DELETE"],
      ["GET", "/recognize", "POST"],
      ["GET", "/events/ingest", "POST"],
      ["PUT", "/api/users", "POST, GET, HEAD"],
    ];
    for (const [method, path, allow] of cases) {
      const response = await fetch(`${app.address}${path}`, { method });
      assert.equal(response.status, 405, path);
      assert.equal(response.headers.get("allow"), allow);
      assert.equal(((await response.json()) as Json).error_code, "METHOD_NOT_ALLOWED");
    }
    assert.equal((await fetch(`${app.address}/api/v1/nothing`, { method: "PUT" })).status, 404);
    assert.equal((await app.get("/events/stream")).status, 426);
  });

  it("refuses large bodies, also such that do not say how large they are", async () => {
    const large = Buffer.alloc(1_200_000, 97);
    const chunked = await raw(
      "POST /auth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n",
      `${large.length.toString(16)}\r\n`,
      large,
      "\r\n0\r\n\r\n",
    );
    assert.match(chunked, /^HTTP\/1\.1 413 /);
    assert.equal(bodyOf(chunked).error_code, "PAYLOAD_TOO_LARGE");
    const form = new FormData();
    for (let i = 0; i < 60; i += 1) form.append(`field${i}`, "x");
    assert.equal((await app.get("/recognize", { method: "POST", body: form })).status, 413);
    const packed = await fetch(`${app.address}/auth/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Content-Encoding": "compress" },
      body: "{}",
    });
    assert.equal(packed.status, 415);
  });

  it("gives up on bodies that stand still or trickle", async () => {
    const head =
      "POST /auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n";
    const still = await raw(head, '{"username":');
    assert.match(still, /^HTTP\/1\.1 408 /);
    assert.equal(bodyOf(still).error_code, "REQUEST_TIMEOUT");
    const dripping = connect(Number(new URL(app.address).port), "127.0.0.1");
    let answer = "";
    dripping.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    dripping.on("error", () => undefined); // it is cut while we send
    dripping.write(head);
    const drip = setInterval(() => dripping.write("1"), 100);
    await once(dripping, "close");
    clearInterval(drip);
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  it("answers what is no HTTP, and headers that are too large, in the error format", async () => {
    const broken = await raw("HELO there\r\n\r\n");
    assert.match(broken, /^HTTP\/1\.1 400 /);
    assert.equal(bodyOf(broken).error_code, "INVALID_REQUEST");
    const large = await raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`);
    assert.match(large, /^HTTP\/1\.1 431 /);
    for (const path of ["/%", "/events/%ff", "/api/v1/vehicles/%00"]) {
      const response = await app.get(path);
      assert.ok([400, 404, 429].includes(response.status), `${path}: ${response.status}`);
      assert.ok(((await response.json()) as Json).error_code, path);
    }
  });

  it("lets only the sites that are named read answers", async () => {
    const ask = (origin: string, method = "GET") =>
      fetch(`${app.address}/healthz`, {
        method,
        headers: { Origin: origin, "Access-Control-Request-Method": "GET" },
      });
    const named = await ask("https://front.example");
    assert.equal(named.headers.get("access-control-allow-origin"), "https://front.example");
    assert.match(named.headers.get("access-control-expose-headers") ?? "", /X-Request-Id/);
    assert.equal(named.headers.get("access-control-allow-credentials"), null);
    assert.equal(
      (await ask("https://evil.example")).headers.get("access-control-allow-origin"),
      null,
    );
    const preflight = await ask("https://front.example", "OPTIONS");
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /PATCH/);
  });

  it("tells browsers what its answers may do", async () => {
    const data = await fetch(`${app.address}/healthz`);
    assert.equal(data.headers.get("x-content-type-options"), "nosniff");
    assert.match(data.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal(data.headers.get("strict-transport-security"), null);
    assert.equal(data.headers.get("x-powered-by"), null);
    const editor = await fetch(`${app.address}/admin/`);
    assert.match(editor.headers.get("content-security-policy") ?? "", /frame-ancestors 'self'/);
    const secure = await fetch(`${app.address}/auth/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Forwarded-Proto": "https" },
      body: JSON.stringify({ username: "admin", password: ADMIN_PASSWORD }),
    });
    assert.match(secure.headers.get("strict-transport-security") ?? "", /max-age=\d{7}/);
    assert.match(secure.headers.get("set-cookie") ?? "", /Secure/, "the proxy's word counts");
  });
});
