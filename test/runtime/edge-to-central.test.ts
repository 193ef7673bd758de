import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { caller } from "../fixtures/api-client";
import {
  discard,
  startApplication,
  stopProcess,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { freePort } from "../fixtures/mqtt-kit";

/** Pictures of many sizes, so that none stands for another. */
const pictureOf = (n: number): Promise<Buffer> =>
  sharp({ create: { width: 64 + n * 8, height: 48, channels: 3, background: "#456" } })
    .jpeg()
    .toBuffer();

const PLACE = { lane_id: "in", region: "AT", direction: "towards" };

describe("an edge and its central, two processes", function () {
  this.timeout(240_000);
  let central: RunningApplication;
  let edge: RunningApplication;
  let exporter: string;
  let centralAt: { home: string; env: Record<string, string> };

  before(async () => {
    const home = mkdtempSync(join(tmpdir(), "plategate-central-"));
    centralAt = { home, env: { PORT: String(await freePort()) } };
    [central, edge] = await Promise.all([startApplication(centralAt), startApplication()]);
    const key = await caller(central)("POST", "/api/v1/api_keys", {
      name: "edge of the yard",
      scopes: ["ingest"],
    });
    assert.equal(key.status, 201, JSON.stringify(key.body));
    const made = await caller(edge)("POST", "/config/exporters", {
      name: "central",
      type: "plategate",
      url: central.address,
      auth: { type: "api_key", api_key: key.body["key"] },
      config: { signing_secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" },
      retry_config: { initial_delay_ms: 200, max_delay_ms: 1_000 },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    exporter = `/config/exporters/${String(made.body["id"])}`;
  });
  after(async () => {
    await discard(edge);
    await discard(central);
  });

  async function pass(n: number): Promise<void> {
    const form = new FormData();
    const event = { event_id: `edge-${n}`, plate_text: `KX48P${n}`, camera_id: "yard", ...PLACE };
    form.set("event", JSON.stringify(event));
    const frame = new Uint8Array(await pictureOf(n));
    form.set("frame", new Blob([frame], { type: "image/jpeg" }), "frame.jpg");
    const answer = await edge.get("/events/ingest", { method: "POST", body: form });
    assert.equal(answer.status, 202, await answer.text());
  }
  const arrived = async (count: number): Promise<Record<string, unknown>[]> =>
    waitFor(
      async () => {
        const answer = await central.get("/events?limit=50");
        const { items } = (await answer.json()) as { items: Record<string, unknown>[] };
        return items.length >= count ? items : undefined;
      },
      60_000,
      () => `${count} events\n${edge.output()}`,
    );

  it("are tried out with a test that stores nothing at the central", async () => {
    const good = await caller(edge)("POST", `${exporter}/test`);
    assert.deepEqual([good.status, good.body["status"]], [200, "success"], JSON.stringify(good));
    const auth = { type: "api_key", api_key: "pg_wrong" };
    const other = { name: "wrong", type: "plategate", url: central.address, auth, enabled: false };
    const { body } = await caller(edge)("POST", "/config/exporters", other);
    const bad = await caller(edge)("POST", `/config/exporters/${String(body["id"])}/test`);
    assert.deepEqual([bad.status, bad.body["http_status"]], [503, 401]);
    assert.match(String(bad.body["error"]), /key/);
    const { total } = (await (await central.get("/events")).json()) as { total: number };
    assert.equal(total, 0);
  });

  it("hand over each event once with its picture, over outages and kills of both", async () => {
    for (const n of [0, 1]) await pass(n);
    await arrived(2);
    await stopProcess(central.process, "SIGKILL");
    for (const n of [2, 3, 4]) await pass(n);
    await stopProcess(edge.process, "SIGKILL");
    edge = await startApplication({ home: edge.home });
    for (const n of [5]) await pass(n);
    central = await startApplication(centralAt);
    const events = await arrived(6);
    assert.equal(events.length, 6);
    for (const event of events) {
      const n = Number(String(event["event_id"]).slice("edge-".length));
      assert.equal(event["plate_text"], `KX48P${n}`);
      const picture = await fetch(String(event["frame_url"]));
      const { width } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
      assert.equal(width, 64 + n * 8, "the picture of this event");
    }
    const { body: passage } = await caller(central)("GET", "/api/v1/passages/edge-3");
    const { lane_id, region, direction, decision } = passage;
    assert.deepEqual({ lane_id, region, direction }, PLACE, "where it was");
    assert.equal(decision, null, "a lane's name decides nothing at the central");
    const waiting = await waitFor(
      async () => {
        const { body } = await caller(edge)("GET", "/api/v1/outbox?state=waiting");
        return body["total"] === 0 ? body : undefined;
      },
      30_000,
      () => "nothing to wait",
    );
    assert.equal(waiting["total"], 0);
    assert.equal((await caller(edge)("GET", "/api/v1/outbox?state=dead")).body["total"], 0);
  });
});
