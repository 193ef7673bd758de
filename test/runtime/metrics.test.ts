import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

describe("/metrics", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge-key-of-this-test" } });
  });
  after(() => discard(app));

  it("shows what this process has done, by route and not by path", async () => {
    const secret = "plate-in-a-path";
    await app.get(`/api/v1/passages/${secret}/frame.jpg`);
    await fetch(`${app.address}/no/such/${secret}`);
    const text = await (await fetch(`${app.address}/metrics`)).text();
    const route = "/api/v1/passages/:id/:picture(frame|crop).jpg";
    assert.match(text, /^plategate_http_requests_total\{.*status="404"\} 1$/m);
    assert.ok(text.includes(`route="${route}"`));
    assert.ok(text.includes('route="none"'));
    assert.ok(!text.includes(secret));
    for (const name of [
      "plategate_http_request_seconds_bucket",
      "plategate_database_seconds_count",
      "plategate_frames_given_up_total",
      "plategate_decisions_total",
      "plategate_barrier_requests_total",
      "plategate_inference_waiting",
      "nodejs_eventloop_lag_p99_seconds",
      "process_resident_memory_bytes",
      "anpr_events_processed_total",
      "anpr_queue_size 0",
      "plategate_stream_clients 0",
    ]) {
      assert.ok(text.includes(name), name);
    }
  });

  it("is closed to others than this machine, proxied requests included, unless they may", async () => {
    const proxied = { headers: { "X-Forwarded-For": "127.0.0.1" } };
    assert.equal((await fetch(`${app.address}/metrics`, proxied)).status, 401);
    assert.equal((await app.get("/metrics", proxied)).status, 200);
    const key = { ...proxied.headers, "X-API-Key": "edge-key-of-this-test" };
    assert.equal((await fetch(`${app.address}/metrics`, { headers: key })).status, 403);
  });

  it("is closed to what reverse proxies on this machine send as they come", async () => {
    const { port } = new URL(app.address);
    const status = (head: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), "127.0.0.1", () => {
          socket.write(`GET /metrics ${head}\r\nConnection: close\r\n\r\n`);
        });
        socket.once("data", (data) => resolve(data.toString("latin1").slice(9, 12)));
        socket.once("error", reject);
      });
    const host = `Host: 127.0.0.1:${port}`;
    assert.equal(await status(`HTTP/1.1\r\n${host}`), "200");
    for (const head of [
      `HTTP/1.0\r\n${host}`, // nginx, nothing configured
      `HTTP/1.1\r\n${host}\r\nX-Real-IP: 203.0.113.9`,
      `HTTP/1.1\r\n${host}\r\nForwarded: for=203.0.113.9`,
      `HTTP/1.1\r\n${host}\r\nVia: 1.1 proxy`,
      "HTTP/1.1\r\nHost: gate.example.org", // HAProxy, nothing configured
    ]) {
      assert.equal(await status(head), "401", head);
    }
  });

  it("is closed to callers from the network", async function () {
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ internal, family }) => !internal && family === "IPv4")?.address;
    if (!outside) {
      this.skip(); // this machine has no address but loopback
      return;
    }
    const port = new URL(app.address).port;
    const status = await new Promise((resolve, reject) => {
      request({ host: outside, port, path: "/metrics" }, ({ statusCode }) => resolve(statusCode))
        .on("error", reject)
        .end();
    });
    assert.equal(status, 401);
  });
});
