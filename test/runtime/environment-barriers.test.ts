import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
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
    app = await startApplication({ home, env: { BARRIER_TYPE: "http  # Options: gpio, http" } });
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
  });
});
