import assert from "node:assert/strict";
import { waitFor } from "../fixtures/application";
import { ask, lprKit, next, type LprKit } from "../fixtures/lpr-kit";

describe("who may use the LPR server, and how much", function () {
  this.timeout(180_000);
  let kit: LprKit;

  beforeEach(async () => {
    kit = await lprKit();
  });
  afterEach(() => kit.close());

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${kit.url}${path}`, { headers });
    return { status: response.status, headers: response.headers };
  };

  it("asks others than this machine's programs for a key, and keys for their scope", async () => {
    const proxied = { "X-Forwarded-For": "203.0.113.9" };
    assert.equal((await get("/api/records", proxied)).status, 401);
    const refused = kit.connect({ extraHeaders: proxied, reconnection: false });
    const error = await new Promise<Error & { data?: { code?: string } }>((resolve) =>
      refused.once("connect_error", resolve),
    );
    assert.equal(error.data?.code, "AUTHENTICATION_FAILED");

    const ingest = await kit.key(["ingest"]);
    const read = await kit.key(["read", "stream"]);
    assert.equal((await get("/api/records", { ...proxied, "X-API-Key": ingest })).status, 403);
    assert.equal((await get("/api/records", { ...proxied, "X-API-Key": read })).status, 200);
    assert.equal((await get("/api/records", { "X-API-Key": "wrong" })).status, 401);
    const camera = kit.connect({ extraHeaders: proxied, auth: { api_key: ingest } });
    await next(camera, "status");
    assert.equal(
      (await ask(camera, "join_dashboard", undefined, "error")).code,
      "PERMISSION_DENIED",
    );
    const watcher = kit.connect({ extraHeaders: proxied, auth: { api_key: read } });
    await next(watcher, "status");
    const shown = next(watcher, "new_detection"); // without joining, as the manual's page does
    const sending = setInterval(
      () => camera.emit("lpr_data", { camera_id: "C", plate_number: "AB1" }),
      100,
    );
    assert.equal((await shown).plate_number, "AB1");
    clearInterval(sending);
    const data = { camera_id: "C", plate_number: "AB1" };
    assert.equal((await ask(watcher, "lpr_data", data, "error")).code, "PERMISSION_DENIED");
  });

  it("stops showing passages to whom the right was taken away", async () => {
    await kit.restart({ recheckMs: 20 });
    const proxied = { "X-Forwarded-For": "192.0.2.1" };
    const key = await kit.key(["read", "stream"]);
    const watcher = kit.connect({ extraHeaders: proxied, auth: { api_key: key } });
    await ask(watcher, "join_dashboard", undefined, "status");
    let shown = 0;
    watcher.on("new_detection", () => (shown += 1));
    const camera = kit.connect();
    const say = () =>
      ask(camera, "lpr_data", { camera_id: "C", plate_number: "AB1" }, "lpr_response");
    await say();
    await waitFor(
      () => shown === 1 || undefined,
      20_000,
      () => "the first passage",
    );
    await kit.narrow("read,stream", ["read"]);
    await waitFor(
      async () => {
        const said = (await watcher.emitWithAck("join_dashboard")) as { code?: string };
        return said.code === "PERMISSION_DENIED" || undefined;
      },
      60_000,
      () => "the right to be gone",
    );
    const before = shown;
    await say();
    await ask(watcher, "ping", undefined, "pong"); // whatever was sent before has come
    assert.equal(shown, before);
  });

  it("counts what a key says on all its connections together", async () => {
    const auth = { api_key: await kit.key(["ingest"]) };
    const cameras = [kit.connect({ auth }), kit.connect({ auth })];
    let errors = 0;
    let pongs = 0;
    await Promise.all(cameras.map((camera) => next(camera, "status")));
    for (const camera of cameras) {
      camera.on("error", () => (errors += 1));
      camera.on("pong", () => (pongs += 1));
    }
    for (let i = 0; i < 1_010; i += 1) cameras[i % 2]?.emit("ping");
    await waitFor(
      () => errors + pongs === 1_010 || undefined,
      20_000,
      () => "answers",
    );
    assert.equal(errors, 10);
  });

  it("lets no page of a browser in whose origin is not listed, and no other name for this machine", async () => {
    const evil = { Origin: "https://evil.example" };
    assert.equal((await get("/api/records", evil)).status, 403);
    const page = kit.connect({
      extraHeaders: evil,
      transports: ["websocket"],
      reconnection: false,
    });
    await new Promise((resolve) => page.once("connect_error", resolve));
    const listed = await get("/api/records", { Origin: "http://localhost:5173" });
    assert.equal(listed.status, 200);
    assert.equal(listed.headers.get("access-control-allow-origin"), "http://localhost:5173");
    const rebound = kit.connect({
      extraHeaders: { Host: "rebound.example" },
      transports: ["websocket"],
      reconnection: false,
    });
    await new Promise((resolve) => rebound.once("connect_error", resolve));
  });

  it("bounds what one connection may say in a minute", async () => {
    const camera = kit.connect();
    await next(camera, "status");
    let errors = 0;
    let pongs = 0;
    camera.on(
      "error",
      ({ code }: { code: string }) => (errors += +(code === "RATE_LIMIT_EXCEEDED")),
    );
    camera.on("pong", () => (pongs += 1));
    for (let i = 0; i < 1_010; i += 1) camera.emit("ping");
    await waitFor(
      () => (errors + pongs === 1_010 ? true : undefined),
      20_000,
      () => "answers",
    );
    assert.equal(errors, 10);
  });
});
