import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { readdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { caller, type Call, type Json } from "../fixtures/api-client";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { S3rver } from "../fixtures/receivers";
import { freePort } from "../fixtures/mqtt-kit";
import { makeFilm, RtspServer } from "../fixtures/rtsp-server";

/** A camera that asks who it is. */
const LOGIN = { scheme: "digest", user: "viewer", password: "of the camera" } as const;

describe("tests of what is configured by the API", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;
  let rtsp: RtspServer;
  let rtspPort: number;
  const mqttUrl = process.env["PLATEGATE_TEST_MQTT"] ?? "mqtt://127.0.0.1:1883";

  before(async () => {
    app = await startApplication();
    call = caller(app);
    rtsp = new RtspServer({ film: await makeFilm() });
    rtspPort = await rtsp.listen();
  });
  after(async () => {
    await rtsp.close();
    await discard(app);
  });

  const camera = async (url: string): Promise<string> => {
    const body = { name: "Test", rtsp_url: url, enabled: false };
    return String((await call("POST", "/config/cameras", body)).body.id);
  };
  const exporter = async (body: Json): Promise<string> => {
    const made = await call("POST", "/config/exporters", { name: "T", enabled: false, ...body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return `/config/exporters/${String(made.body.id)}/test`;
  };

  it("looks at a camera's stream", async () => {
    const id = await camera(`rtsp://127.0.0.1:${rtspPort}/cam`);
    const { status, body } = await call("POST", `/config/cameras/${id}/test`);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.status, "success");
    assert.equal(typeof body.response_time_ms, "number");
    assert.deepEqual(body.stream_info, { codec: "H.264", width: 320, height: 240, fps: 12 });
  });

  it("says why there is no picture, within the timeout", async () => {
    const silent = new RtspServer({ film: await makeFilm() });
    silent.faults.silent = true;
    const port = await silent.listen();
    const wrong = await camera(`rtsp://u:hidden@127.0.0.1:${rtspPort}/other`);
    const missing = await call("POST", `/config/cameras/${wrong}/test`);
    assert.equal(missing.status, 503);
    assert.equal(missing.body.status, "failed");
    assert.match(String(missing.body.message), /^Failed to connect to RTSP stream: ./);
    assert.doesNotMatch(JSON.stringify(missing.body), /hidden/);

    const unused = await freePort();
    const nobody = await call(
      "POST",
      `/config/cameras/${await camera(`rtsp://127.0.0.1:${unused}/cam`)}/test`,
    );
    assert.equal(nobody.status, 503);
    assert.match(String(nobody.body.message), /refused/);

    const locked = new RtspServer({ film: await makeFilm(), login: LOGIN });
    const lockedPort = await locked.listen();
    const guessed = await camera(`rtsp://${LOGIN.user}:guessed@127.0.0.1:${lockedPort}/cam`);
    const refused = await call("POST", `/config/cameras/${guessed}/test`);
    const known = await camera(
      `rtsp://${LOGIN.user}:${encodeURIComponent(LOGIN.password)}@127.0.0.1:${lockedPort}/cam`,
    );
    const good = await call("POST", `/config/cameras/${known}/test`);
    await locked.close();
    assert.equal(refused.status, 503);
    assert.match(String(refused.body.message), /user or password refused/);
    assert.doesNotMatch(JSON.stringify(refused.body), /guessed/);
    assert.equal(good.status, 200, JSON.stringify(good.body));

    const mute = await camera(`rtsp://127.0.0.1:${port}/cam`);
    const late = await call("POST", `/config/cameras/${mute}/test?timeout=1`);
    await silent.close();
    assert.deepEqual([late.status, late.body.error], [503, "Connection timeout"]);
    assert.equal((await call("POST", "/config/cameras/none/test")).status, 404);
    assert.equal((await call("POST", `/config/cameras/${wrong}/test?timeout=0`)).status, 400);
  });

  it("sends a test event to a REST target with its credentials", async () => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    let status = 200;
    const target = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        seen.push({ request, body });
        response.writeHead(status).end("{}");
      });
    });
    const port = await listening(target);
    const path = await exporter({
      type: "rest",
      url: `http://127.0.0.1:${port}/in`,
      headers: { "X-Site": "north" },
      auth: { type: "bearer", token: "t0ken" },
    });
    const good = await call("POST", path);
    assert.equal(good.status, 200, JSON.stringify(good.body));
    assert.deepEqual([good.body.status, good.body.http_status], ["success", 200]);
    const [first] = seen;
    assert.equal(first?.request.headers.authorization, "Bearer t0ken");
    assert.equal(first?.request.headers["x-site"], "north");
    assert.deepEqual((JSON.parse(first?.body ?? "{}") as Json).metadata, { test: true });
    status = 401;
    const refused = await call("POST", path);
    assert.deepEqual([refused.status, refused.body.http_status], [503, 401]);
    await new Promise((resolve) => target.close(resolve));
    const gone = await call("POST", path);
    assert.deepEqual([gone.status, gone.body.error], [503, "Connection refused"]);
    const metadata = await exporter({ type: "rest", url: "http://169.254.169.254/latest" });
    assert.match(String((await call("POST", metadata)).body.error), /not allowed/);
  });

  it("publishes a test event to an MQTT broker", async function () {
    let listener: MqttClient;
    try {
      listener = await connectAsync(mqttUrl, { reconnectPeriod: 0, connectTimeout: 3_000 });
    } catch {
      this.test!.title += ` (no broker at ${mqttUrl})`;
      return this.skip();
    }
    const topic = `plategate-test/${process.pid}`;
    await listener.subscribeAsync(topic, { qos: 1 });
    const heard = new Promise<Json>((resolve) => {
      listener.on("message", (_topic, payload) => resolve(JSON.parse(payload.toString()) as Json));
    });
    const answer = await call(
      "POST",
      await exporter({ type: "mqtt", url: mqttUrl, config: { topic, qos: 1 } }),
    );
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal((await heard).plate_text, "TEST000");
    await listener.endAsync(true);
    const nowhere = await exporter({ type: "mqtt", url: "mqtt://127.0.0.1:1" });
    const refused = await call("POST", nowhere);
    assert.deepEqual([refused.status, refused.body.error], [503, "Connection refused"]);
  });
});

describe("tests of exporters that store", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;

  before(async () => {
    app = await startApplication();
    call = caller(app);
  });
  after(() => discard(app));

  async function test(body: Json): Promise<{ status: number; body: Json }> {
    const made = await call("POST", "/config/exporters", { name: "T", enabled: false, ...body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return call("POST", `/config/exporters/${String(made.body.id)}/test`);
  }

  it("writes a file and leaves none, or says why it cannot", async () => {
    const good = await test({ type: "file", url: "north/events.jsonl" });
    assert.equal(good.status, 200, JSON.stringify(good.body));
    const folder = join(app.home, "exports");
    assert.deepEqual(readdirSync(join(folder, "north")), []);
    writeFileSync(join(folder, "taken"), "");
    const bad = await test({ type: "file", url: "taken/events.jsonl" });
    assert.equal(bad.status, 503);
    assert.match(String(bad.body.error), /EEXIST|ENOTDIR/);
  });

  it("puts an object into the bucket and deletes it, or says why it cannot", async () => {
    const directory = join(app.home, "s3");
    const server = new S3rver({
      ...{ address: "127.0.0.1", port: 0, silent: true, directory, vhostBuckets: false },
      configureBuckets: [{ name: "events" }],
    });
    const { port } = await server.run();
    const common = {
      type: "s3",
      config: { endpoint: `http://127.0.0.1:${port}` },
      auth: { type: "basic", username: "S3RVER", password: "S3RVER" },
    };
    const good = await test({ ...common, url: "s3://events/gate" });
    assert.equal(good.status, 200, JSON.stringify(good.body));
    const left = readdirSync(directory, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      left.filter((name) => name.includes("plategate-test")),
      [],
    );
    const missing = await test({ ...common, url: "s3://nobody/gate" });
    assert.deepEqual([missing.status, missing.body.http_status], [503, 404]);
    await server.close();
    const gone = await test({ ...common, url: "s3://events/gate" });
    assert.equal(gone.status, 503);
    assert.match(String(gone.body.error), /refused/i);
  });

  it("reaches no broker at an address that is not allowed", async () => {
    const { status, body } = await test({ type: "mqtt", url: "mqtt://169.254.169.254" });
    assert.equal(status, 503);
    assert.match(String(body.error), /not allowed/);
  });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
