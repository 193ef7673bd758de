import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caller, type Json } from "../fixtures/api-client";
import {
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { RelayServer } from "../fixtures/relay-server";

describe("barriers of the environment's variables, with no camera", function () {
  this.timeout(180_000);
  const relay = new RelayServer();
  let app: RunningApplication;

  before(async () => {
    const url = await relay.start();
    // The address from the folder's .env, the type from the environment, which goes first.
    const home = mkdtempSync(join(tmpdir(), "plategate-home-"));
    writeFileSync(join(home, ".env"), `BARRIER_TYPE=gpio\nBARRIER_HTTP_ENTRY_URL=${url}\n`);
    app = await startApplication({
      home,
      env: {
        BARRIER_TYPE: "http  # Options: gpio, http",
        BARRIER_HTTP_API_KEY: "key-of-the-relay",
      },
    });
  });
  after(async () => {
    await discard(app);
    await relay.stop();
  });

  it("are there, and open by hand as reference 1 has it", async () => {
    const response = await app.get("/api/v1/barriers");
    const { items } = (await response.json()) as { items: { id: string; lane_id: string }[] };
    assert.deepEqual(
      items.map(({ id, lane_id }) => [id, lane_id]),
      [["entry", "entry"]],
    );
    const opened = await app.get("/api/v1/barriers/entry/open", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ reason: "delivery" }),
    });
    assert.equal(opened.status, 200);
    const { method, url, body } = relay.requests.at(-1) ?? {};
    assert.deepEqual([method, url, body], ["POST", "/open", '{"action":"open"}']);
    assert.equal(relay.changes[0]?.on, true);
    const { headers } = relay.requests.at(-1) ?? {};
    assert.equal(headers?.authorization, "Bearer key-of-the-relay");
  });

  it("write down who asked, from where and by which request", async () => {
    const call = caller(app);
    const made = await call("POST", "/api/v1/api_keys", { name: "admin", scopes: ["control"] });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const byKey = caller(app, { "X-API-Key": String(made.body.key) });
    const asked = await byKey("POST", "/api/v1/barriers/entry/lock", { reason: "night" });
    assert.equal(asked.status, 200, JSON.stringify(asked.body));
    const line = await waitFor(
      async () => {
        const { body } = await call("GET", "/api/v1/audit?action=barrier.lock");
        return (body.items as Json[])[0];
      },
      20_000,
      () => "the line in the audit log",
    );
    assert.equal(line.actor, "key:admin", "a key is not the user of its name");
    assert.equal(line.request_id, asked.headers.get("x-request-id"));
    assert.match(String(line.address), /127\.0\.0\.1$/);
  });
});
