import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

interface Page {
  items: { id: string }[];
  total: number;
  skip: number;
  limit: number;
}
interface Failure {
  errors?: { field: string; message: string }[];
}

describe("lists and statistics of events", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  const DAY = "2024-03-04";

  const answer = async <T>(path: string): Promise<T> => (await app.get(path)).json() as Promise<T>;
  const post = (body: unknown) =>
    app.get("/events/ingest", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });

  before(async () => {
    app = await startApplication({ env: { TZ: "UTC" } });
    for (let i = 0; i < 12; i++) {
      const response = await post({
        event_id: `list-${i}`,
        timestamp: `${DAY}T${String(8 + i).padStart(2, "0")}:15:00.000Z`,
        camera_id: i % 2 ? "list-odd" : "list-even",
        zone_id: i < 6 ? "list-morning" : "list-evening",
        plate_text: i % 3 ? `LST${i}XY` : "LSTREPEAT",
        confidence: 0.5 + i / 100,
      });
      assert.equal(response.status, 202);
    }
  });
  after(() => discard(app));

  const ids = async (query: string) =>
    (await answer<Page>(`/events?${query}`)).items.map(({ id }) => id.replace("list-", ""));

  it("filters by each filter of the reference", async () => {
    const range = `start_date=${DAY}&end_date=${DAY}`;
    assert.equal((await answer<Page>(`/events?${range}`)).total, 12);
    assert.deepEqual(await ids(`${range}&camera_id=list-odd`), ["11", "9", "7", "5", "3", "1"]);
    assert.deepEqual(await ids("zone_id=list-morning&camera_id=list-even"), ["4", "2", "0"]);
    assert.deepEqual(await ids("plate_text=lst repe"), ["9", "6", "3", "0"]);
    assert.deepEqual(await ids("plate_text=t1"), ["11", "10", "1"]);
    assert.deepEqual(await ids("plate_text=%25"), []);
    assert.deepEqual(await ids(`${range}&min_confidence=0.6`), ["11", "10"]);
    const hours = `start_date=${DAY}T09:15:00Z&end_date=${DAY}T12:15:00%2B01:00`;
    assert.deepEqual(await ids(hours), ["3", "2", "1"]);
    assert.deepEqual(await ids("camera_id=none"), []);
  });

  it("sorts and pages", async () => {
    const zone = "zone_id=list-evening";
    assert.deepEqual(await ids(`${zone}&sort_order=asc`), ["6", "7", "8", "9", "10", "11"]);
    assert.deepEqual(await ids(`${zone}&sort_by=confidence&limit=2`), ["11", "10"]);
    assert.deepEqual(await ids(`${zone}&sort_by=plate_text&sort_order=asc&limit=2`), ["10", "11"]);
    const page = await answer<Page>(`/events?${zone}&skip=4&limit=5`);
    assert.deepEqual([page.total, page.skip, page.limit, page.items.length], [6, 4, 5, 2]);
    const none = await answer<Page>(`/events?${zone}&limit=0`);
    assert.deepEqual([none.total, none.items.length], [6, 0]);
  });

  it("refuses what is no query, with 400 and the field", async () => {
    const cases: [string, string][] = [
      ["limit=1001", "limit"],
      ["limit=-1", "limit"],
      ["limit=ten", "limit"],
      ["skip=-1", "skip"],
      ["skip=1.5", "skip"],
      ["start_date=soon", "start_date"],
      [`start_date=${DAY}&end_date=2024-03-03`, "end_date"],
      ["min_confidence=2", "min_confidence"],
      ["sort_by=password", "sort_by"],
      ["sort_order=up", "sort_order"],
      ["camera_id=a&camera_id=b", "camera_id"],
      ["plate_text[x]=a", "plate_text"],
      [`camera_id=${"x".repeat(200)}`, "camera_id"],
      ["camera_id=%00", "camera_id"],
    ];
    for (const [query, field] of cases) {
      const response = await app.get(`/events?${query}`);
      assert.equal(response.status, 400, query);
      const { errors } = (await response.json()) as Failure;
      assert.deepEqual(
        errors?.map((one) => one.field),
        [field],
        query,
      );
    }
  });

  it("counts, by interval, camera and zone", async () => {
    const stats = await answer<Record<string, unknown>>(
      `/events/stats?start_date=${DAY}&end_date=${DAY}&interval=day`,
    );
    assert.deepEqual(stats, {
      total_events: 12,
      avg_confidence: 0.555,
      min_confidence: 0.5,
      max_confidence: 0.61,
      unique_plates: 9,
      event_rate: { per_second: 0.000139, per_minute: 0.0083, per_hour: 0.5 },
      by_camera: {
        "list-even": { count: 6, avg_confidence: 0.55 },
        "list-odd": { count: 6, avg_confidence: 0.56 },
      },
      by_zone: {
        "list-morning": { count: 6, avg_confidence: 0.525 },
        "list-evening": { count: 6, avg_confidence: 0.585 },
      },
      timeline: [{ timestamp: `${DAY}T00:00:00.000Z`, count: 12, avg_confidence: 0.555 }],
    });
    const hours = await answer<{ timeline: { timestamp: string; count: number }[] }>(
      "/events/stats?zone_id=list-morning",
    );
    assert.deepEqual(
      hours.timeline.map(({ timestamp, count }) => [timestamp.slice(11, 16), count]),
      [8, 9, 10, 11, 12, 13].map((hour) => [`${String(hour).padStart(2, "0")}:00`, 1]),
    );
    assert.equal((await app.get("/events/stats?interval=year")).status, 400);
  });
});
