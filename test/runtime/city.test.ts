import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { MailReceiver } from "../fixtures/receivers";
import { caller, type Call, type Json } from "../fixtures/api-client";
import {
  ADMIN_PASSWORD,
  discard,
  PROGRAM,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";

const run = promisify(execFile);

describe("the city dialect", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;
  let clerk: Call;
  let mail: MailReceiver;

  before(async () => {
    mail = await MailReceiver.start();
    const smtp = { SMTP_SERVER: "127.0.0.1", SMTP_PORT: String(mail.port), SMTP_SECURITY: "none" };
    app = await startApplication({ env: { ...smtp, SMTP_FROM: "gate@example.com" } });
    call = caller(app);
    const user = {
      username: "clerk",
      email: "clerk@example.com",
      full_name: "A Clerk",
      password: "correct horse battery",
      role: "clerk",
    };
    assert.equal((await call("POST", "/api/users", user)).status, 201);
    const login = { email: "clerk@example.com", password: user.password };
    const { body } = await caller(app, {})("POST", "/api/auth/login", login);
    clerk = caller(app, { Authorization: `Bearer ${String(body.access_token)}` });
  });
  after(async () => {
    await discard(app);
    await mail.stop();
  });

  const ingest = async (event: Json): Promise<string> => {
    const { status, body } = await call("POST", "/events/ingest", event);
    assert.equal(status, 202, JSON.stringify(body));
    return String(body.id);
  };
  const items = async (path: string, who: Call = call): Promise<Json[]> => {
    const { status, body } = await who("GET", path);
    assert.equal(status, 200, JSON.stringify(body));
    return body.items as Json[];
  };

  it("logs in by username or email and lists users for administrators", async () => {
    const login = { username: "admin", password: ADMIN_PASSWORD };
    const { status, body } = await caller(app, {})("POST", "/api/auth/login", login);
    assert.equal(status, 200);
    assert.ok(body.access_token);
    assert.equal((await items("/api/users")).length, 2);
    assert.equal((await clerk("GET", "/api/users")).status, 403);
  });

  it("keeps cameras with their places and finds them by place", async () => {
    const camera = (name: string, latitude: number, longitude: number) => ({
      name,
      rtsp_url: `rtsp://admin:secret@127.0.0.1:9/${name}`,
      latitude,
      longitude,
      bearing: 90,
      location: "ประตูหน้า",
      enabled: false,
    });
    const made = await call("POST", "/api/cameras", camera("north", 13.7563, 100.5018));
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.rtsp_url, "rtsp://admin:***@127.0.0.1:9/north");
    assert.equal((await call("POST", "/api/cameras", camera("far", 18.7883, 98.9853))).status, 201);
    const id = String(made.body.id);
    const near = await items("/api/cameras?latitude=13.75&longitude=100.5&radius_m=2000");
    assert.deepEqual(
      near.map(({ name }) => name),
      ["north"],
    );
    assert.ok(Number(near[0]?.distance_m) > 500 && Number(near[0]?.distance_m) < 1000);
    const box = await items("/api/cameras?bbox=98,18,99,19");
    assert.deepEqual(
      box.map(({ name }) => name),
      ["far"],
    );
    assert.equal((await call("GET", "/api/cameras?latitude=1")).status, 422);
    const changed = await call("PATCH", `/api/cameras/${id}`, { bearing: 180 });
    assert.equal(changed.body.bearing, 180);
    assert.equal(changed.body.location, "ประตูหน้า");
    assert.equal((await call("GET", `/api/cameras/${id}`)).body.bearing, 180);
    assert.equal((await clerk("GET", "/api/cameras")).status, 200);
    assert.equal((await clerk("POST", "/api/cameras", camera("x", 1, 1))).status, 403);
    assert.equal((await clerk("PATCH", `/api/cameras/${id}`, { bearing: 1 })).status, 403);
    assert.equal((await call("PATCH", `/api/cameras/${id}`, { latitude: 99 })).status, 422);
  });

  it("searches events by plate with wildcards, camera and time", async () => {
    const base = { camera_id: "cam-s", confidence: 0.97 };
    await ingest({ ...base, plate_text: "AB-123-CD", timestamp: "2026-01-02T10:00:00Z" });
    await ingest({ ...base, plate_text: "AB124CD", timestamp: "2026-01-03T10:00:00Z" });
    const plates = async (query: string) =>
      (await items(`/api/events?camera_id=cam-s&${query}`)).map(({ plate }) => plate);
    assert.deepEqual(await plates("plate=ab12%3Fcd"), ["AB124CD", "AB123CD"]);
    assert.deepEqual(await plates("plate=*123*"), ["AB123CD"]);
    assert.deepEqual(await plates("plate=AB124CD"), ["AB124CD"]);
    assert.deepEqual(await plates("start_date=2026-01-03&end_date=2026-01-03"), ["AB124CD"]);
    assert.deepEqual(await plates("limit=1"), ["AB124CD"]);
    assert.equal((await call("GET", "/api/events?limit=5000")).status, 422);
    assert.equal((await call("GET", "/api/events/none")).status, 404);
  });

  it("has unsure reads confirmed and corrected, and keeps the raw read", async () => {
    const wrong = await ingest({ plate_text: "KX48PL6", confidence: 0.55, camera_id: "cam-r" });
    const right = await ingest({ plate_text: "KX50ABC", confidence: 0.6, camera_id: "cam-r" });
    const sure = await ingest({ plate_text: "KX51ABC", confidence: 0.99, camera_id: "cam-r" });
    const pending = async (more = "") =>
      (await items(`/api/feedback/pending?camera_id=cam-r${more}`, clerk)).map(({ id }) => id);
    assert.deepEqual((await pending()).sort(), [wrong, right].sort());
    assert.ok((await pending("&all=true")).includes(sure));

    const confirmed = await clerk("POST", `/api/events/${right}/confirm`);
    assert.equal(confirmed.body.status, "confirmed");
    assert.equal(confirmed.body.reviewed_by, "clerk");
    const correction = { corrected_plate: "kx48 plg", notes: "a dirty G" };
    const corrected = await clerk("POST", `/api/events/${wrong}/correction`, correction);
    assert.equal(corrected.status, 200);
    assert.equal(corrected.body.plate, "KX48PLG");
    assert.equal(corrected.body.raw_plate, "KX48PL6");
    assert.equal(corrected.body.notes, "a dirty G");
    assert.deepEqual(await pending(), []);
    assert.equal((await items("/api/events?plate=KX48PLG"))[0]?.id, wrong);
    assert.equal((await items("/api/events?plate=KX48PL6")).length, 0);

    assert.equal((await clerk("POST", `/api/events/${wrong}/correction`, {})).status, 422);
    const blank = { corrected_plate: "--" };
    assert.equal((await clerk("POST", `/api/events/${wrong}/correction`, blank)).status, 422);
    assert.equal((await clerk("POST", "/api/events/none/confirm")).status, 404);
  });

  it("alerts on a BOLO hit: once for an event, by webhook and mail", async () => {
    const told: Json[] = [];
    const receiver: Server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        told.push(JSON.parse(Buffer.concat(chunks).toString()) as Json);
        response.end("ok");
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const { port } = receiver.address() as AddressInfo;
    try {
      const bolo = {
        plate_pattern: "ZZ*99",
        description: "stolen",
        priority: "high",
        webhook_url: `http://127.0.0.1:${port}/hook`,
        emails: ["desk@example.com"],
        active: true,
      };
      const made = await call("POST", "/api/bolos", bolo);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.equal((await clerk("POST", "/api/bolos", bolo)).status, 403);
      for (const [bad, field, why] of [
        [{ emails: ["x"] }, "emails", /./],
        [{ plate_pattern: "*" }, "plate_pattern", /every plate/],
        [{ webhook_url: "http://169.254.169.254/hook" }, "webhook_url", /not allowed/],
        [{ webhook_url: "http://[fe80::1]/hook" }, "webhook_url", /not allowed/],
      ] as const) {
        const { status, body } = await call("POST", "/api/bolos", { ...bolo, ...bad });
        assert.equal(status, 422, field);
        const [problem] = body.errors as { field: string; message: string }[];
        assert.match(problem?.field ?? "", new RegExp(`^${field}`));
        assert.match(problem?.message ?? "", why);
      }
      assert.equal((await items("/api/bolos")).length, 1);
      await ingest({ plate_text: "AA 10 99", confidence: 0.9 });
      const hit = await ingest({ plate_text: "ZZ 10 99", confidence: 0.9, camera_id: "cam-b" });
      const first = await waitFor(
        () => told[0],
        30_000,
        () => `the webhook:\n${app.output()}`,
      );
      assert.equal(first.type, "bolo_match");
      assert.equal((first.bolo as Json).plate_pattern, "ZZ*99");
      assert.equal((first.event as Json).id, hit);
      const alerts = await waitFor(
        async () => {
          const found = await items("/api/v1/alerts?state=open&kind=watch_hit", clerk);
          return found.length > 0 ? found : undefined;
        },
        30_000,
        () => "the alert",
      );
      assert.deepEqual(
        alerts.map(({ event_id, plate, priority }) => [event_id, plate, priority]),
        [[hit, "ZZ1099", "high"]],
      );
      assert.equal(told.length, 1);
      const letter = await waitFor(
        () => mail.mails[0],
        30_000,
        () => `the mail:\n${app.output()}`,
      );
      assert.deepEqual(letter.to, ["desk@example.com"]);
      assert.match(letter.source, /ZZ1099/);
      assert.match(letter.source, /stolen/);
    } finally {
      receiver.close();
    }
  });

  it("takes licence keys that hold, refuses others, and counts usage with or without", async () => {
    const licence = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, PLATEGATE_HOME: app.home };
      const { stdout } = await run(process.execPath, [PROGRAM, "licence", ...args], { env });
      return stdout.trim();
    };
    const before = await call("POST", "/api/licenses/usage", { metrics: { exports: 3 } });
    assert.equal(before.status, 200);
    const flat = { events_processed: 7, period: "2026-11", timestamp: 1_790_000_000 };
    const { body: counted } = await call("POST", "/api/licenses/usage", flat);
    const { usage } = counted as { usage: Json };
    assert.deepEqual([usage.events_processed, usage.exports, usage.timestamp], [7, 3, undefined]);
    assert.equal(before.body.licensed, false);
    assert.equal((before.body.usage as Json).exports, 3);

    const { body: status } = await call("GET", "/api/licenses");
    const key = await licence(
      "issue",
      "Ö City",
      "--days",
      "30",
      "--limit",
      "exports=4",
      "--installation",
      String(status.installation_id),
    );
    const activate = (license_key: string) =>
      call("POST", "/api/licenses/activate", { license_key });
    const [prefix, payload, signature] = key.split(".");
    const changed = Buffer.from(
      JSON.stringify({
        ...(JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as Json),
        licensee: "X",
      }),
    ).toString("base64url");
    const stranger = await licence("issue", "X", "--folder", `${app.home}/stranger`);
    const elsewhere = await licence("issue", "X", "--installation", "another");
    for (const bad of ["PG1.x.y", `${prefix}.${changed}.${signature}`, stranger, elsewhere]) {
      assert.equal((await activate(bad)).status, 400, bad);
    }
    assert.equal((await call("POST", "/api/licenses/activate", {})).status, 422);
    const good = await activate(key);
    assert.equal(good.status, 200, JSON.stringify(good.body));
    assert.equal(good.body.status, "active");
    assert.equal((good.body.licence as Json).licensee, "Ö City");
    const after = await call("POST", "/api/licenses/usage", { metrics: { exports: 2 } });
    assert.equal(after.body.licensed, true);
    assert.deepEqual(after.body.over_limits, [{ metric: "exports", used: 5, limit: 4 }]);
    assert.ok(Number((after.body.usage as Json).events_per_month) > 0);
    assert.equal((await clerk("POST", "/api/licenses/usage", {})).status, 403);
    assert.equal((JSON.parse(await licence("show", key)) as Json).licensee, "Ö City");
  });

  it("shows health to administrators and the metrics that the reference names", async () => {
    assert.equal((await call("GET", "/api/admin/health")).body.status !== undefined, true);
    assert.equal((await clerk("GET", "/api/admin/health")).status, 403);
    const text = await (await fetch(`${app.address}/metrics`)).text();
    for (const name of [
      "anpr_events_processed_total",
      "anpr_events_failed_total",
      "anpr_queue_size",
    ]) {
      assert.ok(text.includes(name), name);
    }
  });
});
