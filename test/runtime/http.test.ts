import assert from "node:assert/strict";
import { io } from "socket.io-client";
import sharp from "sharp";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { platePicture, upload } from "../fixtures/plate-picture";

interface ErrorAnswer {
  detail: string;
  error_code: string;
  request_id: string;
  timestamp: string;
}

describe("the API of the standalone application", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge-key-of-this-test" } });
  });
  after(() => discard(app));

  it("is healthy", async () => {
    const response = await fetch(`${app.address}/healthz`);
    const body = (await response.json()) as { status: string; components: Record<string, unknown> };
    assert.equal(response.status, 200);
    assert.equal(body.status, "healthy");
    assert.ok("database" in body.components && "models" in body.components);
  });

  it("answers unknown paths, methods and broken bodies in the error format", async () => {
    const unknown = await fetch(`${app.address}/no/such/path`);
    const error = (await unknown.json()) as ErrorAnswer;
    assert.equal(unknown.status, 404);
    assert.equal(error.error_code, "RESOURCE_NOT_FOUND");
    assert.match(error.request_id, /^req-/);
    assert.ok(!Number.isNaN(Date.parse(error.timestamp)));

    const json = { method: "POST", headers: { "Content-Type": "application/json" } };
    const broken = await fetch(`${app.address}/auth/token`, { ...json, body: "{" });
    assert.equal(broken.status, 400);
    const large = await fetch(`${app.address}/auth/token`, {
      ...json,
      body: JSON.stringify({ username: "x".repeat(1_100_000) }),
    });
    assert.equal(large.status, 413);
    const missing = await fetch(`${app.address}/auth/token`, { ...json, body: "{}" });
    assert.equal(missing.status, 400);
    assert.equal(((await missing.json()) as ErrorAnswer).error_code, "VALIDATION_ERROR");
  });

  it("asks who calls before it looks at the body", async () => {
    const edge = { "X-API-Key": "edge-key-of-this-test" };
    const type = { "Content-Type": "application/json" };
    const bodies = ["{", JSON.stringify({ name: "x".repeat(1_100_000) })];
    for (const body of bodies) {
      const ask = (headers: Record<string, string>, path = "/config/cameras") =>
        fetch(`${app.address}${path}`, { method: "POST", headers: { ...type, ...headers }, body });
      assert.equal((await ask({})).status, 401);
      assert.equal((await ask(edge)).status, 403);
      assert.equal((await ask({}, "/no/such/path")).status, 404);
      assert.equal((await ask({}, "/healthz")).status, 405);
    }
    const sent = await app.get("/config/cameras", { method: "POST", headers: type, body: "{" });
    assert.equal(sent.status, 400);
    assert.equal(((await sent.json()) as ErrorAnswer).error_code, "INVALID_REQUEST");
  });

  it("refuses every operation without a credential or with a bad one", async () => {
    const requests: [string, string][] = [
      ["POST", "/recognize"],
      ["GET", "/api/v1/me"],
      ["GET", "/api/v1/passages"],
      ["GET", "/api/v1/passages/x/frame.jpg"],
      ["GET", "/api/v1/barriers"],
      ["POST", "/api/v1/barriers/gate/open"],
      ["GET", "/api/v1/live"],
      ["GET", "/api/v1/cameras/x/live.mjpg"],
      ["GET", "/api/v1/cameras/x/snapshot.jpg"],
    ];
    for (const [method, path] of requests) {
      for (const headers of [{}, { Authorization: "Bearer x.y.z" }, { "X-API-Key": "wrong" }]) {
        const response = await fetch(`${app.address}${path}`, { method, headers });
        assert.equal(response.status, 401, `${method} ${path}`);
        assert.equal(((await response.json()) as ErrorAnswer).detail, "Not authenticated");
      }
    }
  });

  it("gives the edge key no right to read or to move", async () => {
    const headers = { "X-API-Key": "edge-key-of-this-test" };
    for (const [method, path] of [
      ["GET", "/api/v1/passages"],
      ["POST", "/api/v1/barriers/gate/open"],
    ] as const) {
      assert.equal((await fetch(`${app.address}${path}`, { method, headers })).status, 403, path);
    }
  });

  it("throttles logins", async () => {
    const tries = await Promise.all(
      Array.from({ length: 12 }, () =>
        fetch(`${app.address}/auth/token`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ username: "nobody", password: "x" }),
        }),
      ),
    );
    const states = tries.map(({ status }) => status);
    assert.equal(states.filter((status) => status === 401).length, 10);
    const refused = tries.filter(({ status }) => status === 429);
    assert.equal(refused.length, 2);
    // of the logins, not of the requests in general
    assert.equal(refused[0]?.headers.get("x-ratelimit-limit"), "10");
    assert.equal(refused[0]?.headers.get("x-ratelimit-remaining"), "0");
    const reset = Number(refused[0]?.headers.get("x-ratelimit-reset")) - Date.now() / 1000;
    assert.ok(reset > 0 && reset <= 61, String(reset));
  });

  it("reads the plate of a picture", async () => {
    const response = await app.get("/recognize", upload(await platePicture("KX48 PLG")));
    const body = (await response.json()) as {
      success: boolean;
      count: number;
      results: { plate: string; confidence: number; coordinates: { x: number; y: number }[] }[];
    };
    assert.equal(response.status, 200, JSON.stringify(body));
    assert.equal(body.success, true);
    assert.equal(body.count, body.results.length);
    assert.equal(body.results[0]?.plate, "KX48PLG");
    assert.ok(body.results[0].confidence > 50 && body.results[0].confidence <= 100);
    assert.equal(body.results[0].coordinates.length, 4);
  });

  it("says what is wrong with a picture", async () => {
    const grey = { width: 640, height: 360, channels: 3 as const, background: "#777" };
    const empty = await sharp({ create: grey }).jpeg().toBuffer();
    const large = await sharp({ create: { ...grey, width: 12_000, height: 9_000 } })
      .jpeg({ quality: 10 })
      .toBuffer();
    const cases: [string, Buffer, number][] = [
      ["no plate", empty, 404],
      ["a broken JPEG", (await platePicture("AB12")).subarray(0, 300), 400],
      ["no picture", Buffer.from("hello"), 400],
      ["an empty file", Buffer.alloc(0), 400],
      ["a hundred megapixels", large, 413],
      ["more than 20 MB", Buffer.alloc(21 * 1024 * 1024, 1), 413],
    ];
    for (const [what, picture, status] of cases) {
      const response = await app.get("/recognize", upload(picture));
      assert.equal(response.status, status, what);
      assert.ok(((await response.json()) as ErrorAnswer).error_code, what);
    }
    assert.equal((await app.get("/recognize", upload(empty, "other"))).status, 400);
    assert.equal((await app.get("/recognize", { method: "POST" })).status, 400);
    assert.equal((await fetch(`${app.address}/healthz`)).status, 200);
  });

  it("shows the dashboard only to who is logged in", async () => {
    const page = `${app.address}/dashboard/gate`;
    const html = { headers: { Accept: "text/html" }, redirect: "manual" as const };
    const away = await fetch(page, html);
    assert.equal(away.status, 302);
    assert.match(away.headers.get("location") ?? "", /^\/login\?next=/);
    assert.equal((await fetch(`${app.address}/dashboard/_setup`)).status, 401);
    const cookie = await app.cookie();
    const inside = await fetch(page, { headers: { ...html.headers, Cookie: cookie } });
    assert.equal(inside.status, 200);
    assert.match(await inside.text(), /<html/);
  });

  it("refuses the dashboard's socket to who is not", async () => {
    const connect = (headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const socket = io(app.address, {
          path: "/dashboard/socket.io",
          transports: ["polling", "websocket"],
          extraHeaders: headers,
          reconnection: false,
        });
        socket.on("connect", () => resolve("connected"));
        socket.on("connect_error", (error) => resolve(error.message));
        setTimeout(() => resolve("silence"), 10_000).unref();
      });
    assert.equal(await connect({}), "authentication required");
    assert.equal(await connect({ Cookie: "plategate_session=forged" }), "authentication required");
    const cookie = await app.cookie();
    assert.equal(await connect({ Cookie: cookie }), "connected");
    assert.equal(
      await connect({ Cookie: cookie, Origin: "http://evil.example" }),
      "authentication required",
    );
  });

  it("does not take a browser's cookie from another site's page", async () => {
    const cookie = await app.cookie();
    const response = await fetch(`${app.address}/api/v1/barriers/gate/open`, {
      method: "POST",
      headers: { Cookie: cookie, Origin: "http://evil.example", "Content-Type": "text/plain" },
      body: '{"reason":"x"}',
    });
    assert.equal(response.status, 403);
  });

  it("ends a login for good when the user logs out", async () => {
    const cookie = await app.cookie();
    const me = () => fetch(`${app.address}/api/v1/me`, { headers: { Cookie: cookie } });
    assert.equal((await me()).status, 200);
    await fetch(`${app.address}/auth/session`, { method: "DELETE", headers: { Cookie: cookie } });
    assert.equal((await me()).status, 401);
  });

  it("asks for the admin password at the editor", async () => {
    assert.equal((await fetch(`${app.address}/admin/flows`)).status, 401);
    const login = (password: string) =>
      fetch(`${app.address}/admin/auth/token`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          client_id: "node-red-admin",
          grant_type: "password",
          scope: "*",
          username: "admin",
          password,
        }),
      });
    assert.equal((await login("wrong")).status, 403);
    assert.equal((await login("correct horse battery staple")).status, 200);
  });

  it("stops cleanly on SIGTERM, within ten seconds", async () => {
    const started = Date.now();
    assert.equal(await app.stop(), 0, app.output());
    assert.ok(Date.now() - started < 10_000);
  });
});
