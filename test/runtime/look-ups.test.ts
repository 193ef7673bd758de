import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

interface AuditLine {
  actor: string;
  action: string;
  subject: string | null;
  purpose: string | null;
  result: string;
  request_id: string | null;
  detail: { query?: Record<string, string>; repeats?: number };
}

describe("look-ups and the rights of people recorded", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge-key-of-look-ups" } });
    for (const id of ["seen-1", "seen-2"]) await ingest({ event_id: id, plate_text: "PRV 123" });
  });
  after(() => discard(app));

  const send = (path: string, method: string, body?: unknown) =>
    app.get(path, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ingest = async (event: unknown) =>
    assert.equal((await send("/events/ingest", "POST", event)).status, 202);
  const audit = async (query: string) => {
    const response = await app.get(`/api/v1/audit?${query}`);
    assert.equal(response.status, 200);
    return ((await response.json()) as { items: AuditLine[] }).items;
  };

  it("are written down with who, what and why", async () => {
    await app.get("/events?plate_text=prv-123&camera_id=cam-9", {
      headers: { "X-Purpose": "stolen car, case 17" },
    });
    await app.get("/events/seen-1?purpose=asked%20by%20the%20owner");
    await app.get("/events/not-there");
    const [query] = await audit("subject=plate:PRV123&action=event.query");
    assert.equal(query?.actor, "admin");
    assert.equal(query.purpose, "stolen car, case 17");
    assert.deepEqual(query.detail.query, { plate_text: "prv-123", camera_id: "cam-9" });
    assert.match(query.request_id ?? "", /^req-/);
    const [detail] = await audit("subject=event:seen-1");
    assert.deepEqual([detail?.action, detail?.purpose], ["event.get", "asked by the owner"]);
    const [missing] = await audit("subject=event:not-there");
    assert.equal(missing?.result, "failed");
  });

  it("are written down in the words of every dialect", async () => {
    await app.get("/api/events?plate=PRV123&purpose=city");
    await app.get("/api/v1/decisions?plate=PRV123&purpose=decisions");
    const purposes = (await audit("subject=plate:PRV123")).map(({ purpose }) => purpose);
    assert.ok(purposes.includes("city") && purposes.includes("decisions"), purposes.join());
    await app.get("/api/v1/passages/seen-2");
    await app.get("/outputs/uploaded/seen-2.jpg");
    const lines = (await audit("subject=event:seen-2")).map(({ action }) => action);
    assert.deepEqual(lines.sort(), ["event.get", "event.picture"]);
  });

  it("of the same list again and again are one line", async () => {
    for (let i = 0; i < 5; i++) await app.get("/api/v1/passages?limit=7");
    const lines = (await audit("action=event.query")).filter(
      ({ detail }) => detail.query?.["limit"] === "7",
    );
    assert.equal(lines.length, 1);
  });

  it("are for who has the right alone", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/audit"],
      ["GET", "/api/v1/plates/PRV123/export"],
      ["POST", "/api/v1/plates/PRV123/erase"],
      ["POST", "/api/v1/events/seen-1/hold"],
      ["DELETE", "/api/v1/events/seen-1/hold"],
    ] as const) {
      assert.equal((await fetch(`${app.address}${path}`, { method })).status, 401, path);
      const headers = { "X-API-Key": "edge-key-of-look-ups" };
      assert.equal((await fetch(`${app.address}${path}`, { method, headers })).status, 403, path);
    }
  });

  it("a held event outlasts an erasure, a released one does not", async () => {
    assert.equal((await send("/api/v1/events/seen-1/hold", "POST", {})).status, 422);
    assert.equal((await send("/api/v1/events/none/hold", "POST", { reason: "x" })).status, 404);
    const held = await send("/api/v1/events/seen-1/hold", "POST", { reason: "court" });
    assert.deepEqual(await held.json(), { id: "seen-1", held: true, hold_reason: "court" });
    const exported = await app.get("/api/v1/plates/prv-123/export?purpose=request%20of%203%20May");
    const record = (await exported.json()) as {
      events: { id: string }[];
      look_ups: { action: string; purpose: string | null }[];
    };
    assert.deepEqual(record.events.map(({ id }) => id).sort(), ["seen-1", "seen-2"]);
    assert.ok(record.look_ups.some(({ purpose }) => purpose === "stolen car, case 17"));
    assert.equal((await send("/api/v1/plates/PRV123/erase", "POST", {})).status, 422);

    const erase = async () => {
      const response = await send("/api/v1/plates/PRV123/erase", "POST", { purpose: "request" });
      const { events, held: left } = (await response.json()) as { events: number; held: number };
      return [response.status, events, left];
    };
    assert.deepEqual(await erase(), [200, 1, 1]);
    assert.equal((await send("/api/v1/events/seen-1/hold", "DELETE")).status, 200);
    assert.deepEqual(await erase(), [200, 1, 0]);
    assert.equal((await app.get("/events/seen-1")).status, 404);
    const list = (await (await app.get("/events?plate_text=PRV123")).json()) as { total: number };
    assert.equal(list.total, 0);
    const lines = await audit("subject=plate:PRV123&action=person.");
    assert.deepEqual(
      lines.map(({ action, purpose }) => [action, purpose]),
      [
        ["person.erase", "request"],
        ["person.erase", "request"],
        ["person.export", "request of 3 May"],
      ],
    );
  });
});
