import assert from "node:assert/strict";
import { caller, type Call, type Json } from "../fixtures/api-client";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

/** What is set beside the hours of events, where nobody has set anything. */
const OTHERS = { file_hours: 72, audit_days: 730, review_below: 0.8 };

describe("sites, lanes and settings of /api/v1", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge-key" } });
    call = caller(app);
  });
  after(() => discard(app));

  it("keeps sites and their lanes", async () => {
    const site = await call("POST", "/api/v1/sites", {
      id: "north",
      name: "North gate",
      time_zone: "Europe/Vienna",
    });
    assert.equal(site.status, 201, JSON.stringify(site.body));
    assert.deepEqual([site.body.id, site.body.latitude], ["north", null]);
    const lane = await call("POST", "/api/v1/lanes", {
      name: "Way in",
      site_id: "north",
      direction: "entry",
      barrier_id: "entry",
    });
    assert.equal(lane.status, 201, JSON.stringify(lane.body));
    assert.equal(lane.body.id, "lane-001");
    const changed = await call("PATCH", "/api/v1/lanes/lane-001", { enabled: false });
    assert.deepEqual([changed.body.enabled, changed.body.direction], [false, "entry"]);
    const listed = await call("GET", "/api/v1/lanes?site_id=north&enabled=false");
    assert.deepEqual(
      (listed.body.items as Json[]).map(({ id }) => id),
      ["lane-001"],
    );
    assert.equal((await call("GET", "/api/v1/lanes?site_id=south")).body.total, 0);
  });

  it("refuses what cannot be, with 422", async () => {
    const cases: [string, Json, string][] = [
      ["/api/v1/sites", { name: "S", time_zone: "Mars/Olympus" }, "time_zone"],
      ["/api/v1/sites", { name: "" }, "name"],
      ["/api/v1/lanes", { name: "L", site_id: "none" }, "site_id"],
      ["/api/v1/lanes", { name: "L", direction: "up" }, "direction"],
    ];
    for (const [path, body, field] of cases) {
      const answer = await call("POST", path, body);
      assert.equal(answer.status, 422, JSON.stringify(answer.body));
      assert.equal((answer.body.errors as { field: string }[])[0]?.field, field);
    }
  });

  it("does not delete what others need", async () => {
    assert.equal((await call("DELETE", "/api/v1/sites/north")).status, 409);
    const camera = await call("POST", "/config/cameras", {
      name: "C",
      rtsp_url: "rtsp://127.0.0.1:9/x",
      lane_id: "lane-001",
      enabled: false,
    });
    assert.equal((await call("DELETE", "/api/v1/lanes/lane-001")).status, 409);
    assert.equal((await call("DELETE", `/config/cameras/${String(camera.body.id)}`)).status, 204);
    assert.equal((await call("DELETE", "/api/v1/lanes/lane-001")).status, 204);
    assert.equal((await call("DELETE", "/api/v1/sites/north")).status, 204);
  });

  it("shows and changes how long events are kept", async () => {
    const before = await call("GET", "/api/v1/settings");
    assert.deepEqual(before.body, {
      retention_hours: { unknown: 72, allowed: 720, denied: 720 },
      ...OTHERS,
    });
    const changed = await call("PATCH", "/api/v1/settings", { retention_hours: { unknown: 48 } });
    assert.deepEqual(changed.body, {
      retention_hours: { unknown: 48, allowed: 720, denied: 720 },
      ...OTHERS,
    });
    const bad = await call("PATCH", "/api/v1/settings", { retention_hours: { unknown: 0 } });
    assert.equal(bad.status, 422);
    const back = await call("PATCH", "/api/v1/settings", { retention_hours: { unknown: null } });
    assert.deepEqual(back.body, before.body);
    assert.equal((await caller(app, {})("GET", "/api/v1/settings")).status, 401);
    const edge = caller(app, { "X-API-Key": "edge-key" });
    assert.equal((await edge("PATCH", "/api/v1/settings", {})).status, 403);
  });
});
