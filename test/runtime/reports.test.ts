import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { caller, type Call } from "../fixtures/api-client";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { addUser } from "../fixtures/dashboard";

describe("the reports' API", function () {
  this.timeout(120_000);
  let app: RunningApplication;
  let admin: Call;
  const roles: Record<string, Call> = {};

  before(async () => {
    app = await startApplication();
    admin = caller(app);
    for (const [i, plate_text] of ["AB123", "CD456", "กข1234"].entries()) {
      const timestamp = `2026-03-02T10:0${i}:00Z`;
      const event = { event_id: `r${i}`, plate_text, camera_id: "north", timestamp };
      assert.equal((await admin("POST", "/events/ingest", event)).status, 202);
    }
    for (const role of ["clerk", "analyst", "manager"] as const) {
      await addUser(app, role);
      const login = { username: role, password: ADMIN_PASSWORD };
      const { body } = await caller(app, {})("POST", "/auth/token", login);
      roles[role] = caller(app, { Authorization: `Bearer ${String(body["access_token"])}` });
    }
  });
  after(() => discard(app));

  const as = (role: string): Call => roles[role] ?? admin;
  const report = {
    name: "Day / วัน",
    kind: "passages",
    format: "csv",
    period: "custom",
    start_date: "2026-03-02T00:00:00Z",
    end_date: "2026-03-02T23:59:59Z",
    filter: { plate: "*1*" },
  };
  const done = async (id: unknown): Promise<Record<string, unknown>> =>
    waitFor(
      async () => {
        const { body } = await admin("GET", `/api/v1/reports/${String(id)}`);
        return body["finished_at"] ? body : undefined;
      },
      30_000,
      () => "the report",
    );

  it("is for analysts; schedules are the managers' to change", async () => {
    assert.equal((await as("clerk")("GET", "/api/v1/reports")).status, 403);
    assert.equal((await as("clerk")("POST", "/api/v1/reports", report)).status, 403);
    assert.equal((await as("analyst")("GET", "/api/v1/report_schedules")).status, 200);
    const schedule = { name: "Weekly", report, every: "week", at: "07:30", weekday: 1 };
    assert.equal((await as("analyst")("POST", "/api/v1/report_schedules", schedule)).status, 403);
    const made = await as("manager")("POST", "/api/v1/report_schedules", schedule);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.match(String(made.body["next_at"]), /^\d{4}-.*Z$/);
    const path = `/api/v1/report_schedules/${String(made.body["id"])}`;
    const off = await as("manager")("PATCH", path, { enabled: false, report: { format: "xlsx" } });
    assert.equal(off.body["next_at"], null);
    assert.equal((off.body["report"] as { format: string; name: string }).format, "xlsx");
    assert.equal((off.body["report"] as { name: string }).name, report.name);
    for (const wrong of [{ at: "7:30" }, { weekday: 8 }, { recipients: ["nobody"] }]) {
      assert.equal((await as("manager")("PATCH", path, wrong)).status, 422, JSON.stringify(wrong));
    }
    assert.equal((await as("manager")("DELETE", path)).status, 204);
  });

  it("makes a report in the background, gives its file and notes who took it", async () => {
    const asked = await as("analyst")("POST", "/api/v1/reports", report);
    assert.equal(asked.status, 202, JSON.stringify(asked.body));
    assert.equal(asked.body["file_url"], null);
    const made = await done(asked.body["id"]);
    assert.deepEqual([made["state"], made["rows"], made["progress"]], ["done", 2, 100]);
    const file = await app.get(String(made["file_url"]));
    assert.equal(file.headers.get("content-type"), "text/csv; charset=utf-8");
    assert.match(
      file.headers.get("content-disposition") ?? "",
      /filename\*=UTF-8''Day%20_%20%E0%B8%A7/,
    );
    const text = await file.text();
    assert.ok(text.includes("AB123") && text.includes("กข1234") && !text.includes("CD456"), text);
    const log = (await admin("GET", "/api/v1/audit?action=report.")).body["items"] as {
      action: string;
      actor: string;
    }[];
    const lines = log.map(({ action, actor }) => `${action} ${actor}`);
    assert.ok(lines.includes("report.request analyst"), lines.join());
    assert.ok(lines.includes("report.download admin"), lines.join());

    const path = `/api/v1/reports/${String(made["id"])}`;
    const onDisk = join(app.home, "reports", `${String(made["id"])}.csv`);
    assert.ok(existsSync(onDisk));
    assert.equal((await as("clerk")("GET", `${path}/file`)).status, 403);
    assert.equal((await as("analyst")("DELETE", path)).status, 204);
    assert.ok(!existsSync(onDisk));
    assert.equal((await admin("GET", `${path}/file`)).status, 404);
    assert.equal((await admin("GET", "/api/v1/reports/..%2F..%2Fsecrets/file")).status, 404);
  });

  it("lets others end a report only where they manage", async () => {
    const asked = await admin("POST", "/api/v1/reports", { ...report, format: "pdf" });
    await done(asked.body["id"]);
    const path = `/api/v1/reports/${String(asked.body["id"])}`;
    assert.equal((await as("analyst")("DELETE", path)).status, 403);
    assert.equal((await as("manager")("POST", `${path}/cancel`)).body["state"], "done");
    assert.equal((await as("manager")("DELETE", path)).status, 204);
  });

  it("says what is wrong with a definition", async () => {
    const wrong = async (change: object) =>
      (await admin("POST", "/api/v1/reports", { ...report, ...change })).body["errors"] as {
        field: string;
      }[];
    assert.equal((await wrong({ start_date: null }))[0]?.field, "start_date");
    assert.equal((await wrong({ end_date: "2026-01-01T00:00:00Z" }))[0]?.field, "end_date");
    assert.equal((await wrong({ name: "" }))[0]?.field, "name");
    assert.equal((await wrong({ format: "doc" }))[0]?.field, "format");
    const template = await as("analyst")("POST", "/api/v1/report_templates", report);
    assert.equal(template.status, 201, JSON.stringify(template.body));
    const path = `/api/v1/report_templates/${String(template.body["id"])}`;
    assert.equal((await as("analyst")("PATCH", path, { start_date: null })).status, 422);
    const daily = await as("analyst")("PATCH", path, { period: "yesterday", start_date: null });
    assert.equal(daily.body["period"], "yesterday");
  });
});
