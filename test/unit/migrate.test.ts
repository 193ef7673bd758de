import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { openDatabase } from "../../adapters/database/open";
import { repositoriesOf, type Repositories } from "../../adapters/store/repositories";
import { secretBox } from "../../adapters/config/secret-box";
import { NEWEST_FIRST } from "../../core/events/filters";
import { PROGRAM } from "../fixtures/application";
import { testDatabase } from "../fixtures/databases";
import { platePicture } from "../fixtures/plate-picture";

const run = promisify(execFile);

interface Table {
  table: string;
  target: string | null;
  added: number;
  known: number;
  refused_rows: number;
  refused: { line: number; reason: string }[];
  ignored: string[];
}

describe("plategate import", function () {
  this.timeout(120_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "plategate-import-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const environment = () => ({
    ...process.env,
    PLATEGATE_HOME: join(folder, "home"),
    DATABASE_URL: "",
  });
  async function take(...args: string[]): Promise<{ code: number; tables: Table[] }> {
    const options = { env: environment() };
    const done = await run(process.execPath, [PROGRAM, "import", "--json", ...args], options).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string; stderr: string }) => {
        assert.ok(error.stdout, error.stderr);
        return error;
      },
    );
    const { tables } = JSON.parse(done.stdout) as { tables: Table[] };
    return { code: done.code, tables };
  }
  const of = (tables: readonly Table[], name: string): Table | undefined =>
    tables.find(({ table }) => table === name);

  async function record<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    const home = join(folder, "home");
    const database = await openDatabase({ home, log: () => undefined });
    try {
      const hashing = { key: null, hide: false };
      return await work(repositoriesOf(database, hashing, secretBox(home, environment())));
    } finally {
      await database.close();
    }
  }

  it("takes over what pg_dump wrote, once however often", async function () {
    const made = await testDatabase("postgres");
    if (typeof made === "string") return this.skip();
    try {
      const client = new Client({ connectionString: made.url });
      await client.connect();
      await client.query(CITY_SCHEMA);
      await client.end();
      const dump = join(folder, "backup.sql");
      await run("pg_dump", ["--no-owner", "-n", "city", "-f", dump, made.url]).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") this.skip(); // no client here
          throw error;
        },
      );
      const dry = await take("--from", "city", "--dry-run", dump);
      assert.equal(of(dry.tables, "events")?.added, 3);
      const first = await take("--from", "city", dump);
      assert.equal(first.code, 1, "a row was refused");
      assert.deepEqual(
        [of(first.tables, "events")?.added, of(first.tables, "events")?.refused.length],
        [3, 1],
      );
      const corrections = of(first.tables, "corrections");
      assert.deepEqual(
        [corrections?.added, corrections?.known, corrections?.refused.map(({ reason }) => reason)],
        [1, 1, ["no corrected plate", "there is no event of this id"]],
      );
      assert.match(of(first.tables, "events")?.refused[0]?.reason ?? "", /no plate/);
      assert.deepEqual(
        [of(first.tables, "cameras")?.added, of(first.tables, "bolos")?.added],
        [2, 1],
      );
      const again = await take("--from", "city", dump);
      assert.deepEqual(
        [of(again.tables, "events")?.added, of(again.tables, "events")?.known],
        [0, 3],
      );
      assert.deepEqual(
        [of(again.tables, "cameras")?.known, of(again.tables, "bolos")?.known],
        [2, 1],
      );
      await record(async ({ events, resources, access, reviews }) => {
        const { items } = await events.list({}, NEWEST_FIRST);
        const [corrected] = items;
        assert.deepEqual(corrected?.vehicleInfo, { type: "van", color: "red" });
        assert.deepEqual(corrected.metadata, { note: "tow bar", imported: { from: "city" } });
        const [read, other] = [corrected.candidates[0], corrected.candidates[1]];
        assert.deepEqual([read?.text, other?.text, other?.confidence], ["KX48PL6", "KX48PLG", 0.4]);
        const review = (await reviews.of([corrected.id])).get(corrected.id);
        assert.deepEqual(
          [review?.verdict, review?.actor, review?.reviewedAt],
          ["corrected", "import:city", Date.UTC(2026, 4, 3, 8)],
        );
        const zero = items[2]?.id ?? "";
        assert.equal((await reviews.of([zero])).get(zero)?.notes, "zero", "the latest counts");
        const pending = await reviews.pending({ below: null }, { skip: 0, limit: 10 });
        assert.deepEqual(
          pending.items.map(({ plateText }) => plateText),
          ["AB12CDE"],
        );
        assert.deepEqual(
          items.map(({ plateText, rawText, confidence }) => [plateText, rawText, confidence]),
          [
            ["KX48PLG", "KX48PL6", 0.7],
            ["AB12CDE", null, 0.95],
            ["0X48PLG", "QX48PLG", 0.6],
          ],
        );
        const cameras = await resources.cameras.all();
        assert.deepEqual(
          cameras.map(({ fields }) => [fields.name, fields.latitude, fields.rtsp_url]).sort(),
          [
            ["Bridge", 48.2, ""],
            ["Tunnel", null, "rtsp://user:pass@10.0.0.2/1"],
          ],
        );
        const [entry] = await access.watch.list();
        assert.deepEqual(
          [entry?.pattern, entry?.priority, entry?.emails, entry?.webhookUrl],
          ["KX*", "high", ["a@example.com", "b@example.com"], "https://example.com/hook"],
        );
      });
    } finally {
      await made.drop();
    }
  });

  it("takes CSV with pictures, JSON, and what SQLite's .dump wrote", async () => {
    await mkdir(join(folder, "data/events"), { recursive: true });
    await writeFile(join(folder, "data/events/1.jpg"), await platePicture("KX48 PLG"));
    const csv = join(folder, "events.csv");
    await writeFile(
      csv,
      "id,plate_number,event_type,camera_id,confidence,barrier_action,image_path,timestamp\n" +
        "1,KX48 PLG,entry,entry_camera,93.0,opened,data/events/1.jpg,2026-05-01 10:00:00\n" +
        "2,ZZ 99,exit,exit_camera,80,denied,../../etc/passwd,2026-05-01 11:00:00\n",
    );
    const events = await take("--from", "guide", "--pictures", folder, csv);
    assert.deepEqual([events.code, of(events.tables, "events")?.added], [0, 2]);
    await record(async ({ events: stored }) => {
      assert.ok((await stored.get("guide-1"))?.frame);
      assert.equal((await stored.get("guide-2"))?.frame, null);
    });
    const json = join(folder, "export.json");
    const vehicles = [
      { license_plate: "KX48 PLG", owner_name: "Kim", status: "active" },
      { license_plate: "XY 12 ABC", owner_name: "Lee", status: "nonsense" },
    ];
    await writeFile(json, JSON.stringify({ vehicles, sessions: [{ id: 1 }] }));
    const taken = await take("--from", "guide", json);
    assert.deepEqual(
      [of(taken.tables, "vehicles")?.added, of(taken.tables, "vehicles")?.refused.length],
      [1, 1],
    );
    assert.equal(of(taken.tables, "sessions")?.target, null);
    const sqlite = join(folder, "galaxy.sql");
    await writeFile(
      sqlite,
      `PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;
CREATE TABLE detections (id INTEGER PRIMARY KEY, plate VARCHAR, confidence FLOAT, timestamp DATETIME);
INSERT INTO detections VALUES(1,'GAL 1X',0.88,'2026-04-01 08:00:00');
CREATE TABLE locations (id INTEGER, name TEXT, latitude REAL, longitude REAL);
INSERT INTO locations VALUES(5,'Car park; "North"',13.7,100.5);\nCOMMIT;\n`,
    );
    const galaxy = await take("--from", "galaxy", sqlite);
    assert.deepEqual(
      [galaxy.code, of(galaxy.tables, "detections")?.added, of(galaxy.tables, "locations")?.added],
      [0, 1, 1],
    );
  });

  it("takes an ordinary table of vehicles, the barred ones as such", async () => {
    const file = join(folder, "registered_vehicles.csv");
    await writeFile(
      file,
      "license_plate,owner_name,phone,email,is_active,blocked,expires_at\n" +
        "TA 11 AAA,Kim,123,kim@example.com,t,f,\n" +
        "TB 22 BBB,Lee,,,f,f,\n" +
        "TC 33 CCC,Ray,,,t,t,2026-05-01 10:00:00\n",
    );
    const { code, tables } = await take("--from", "guide", file);
    const report = of(tables, "registered_vehicles");
    assert.deepEqual([code, report?.added, report?.ignored], [0, 3, ["email"]]);
    await record(async ({ access }) => {
      const { vehicles } = await access.snapshot();
      const taken = ["TA11AAA", "TB22BBB", "TC33CCC"].map((plate) =>
        vehicles.find((vehicle) => vehicle.plate === plate),
      );
      assert.deepEqual(
        taken.map((vehicle) => [vehicle?.status, vehicle?.contact, vehicle?.validUntil]),
        [
          ["active", "123", null],
          ["suspended", null, null],
          ["blocked", null, Date.UTC(2026, 4, 1, 10)],
        ],
      );
    });
  });

  it("takes all rows of dumps with backslashes", async () => {
    const dump = join(folder, "slashes.sql");
    const row = (number: number) =>
      `INSERT INTO detections (plate, path, timestamp) VALUES ('SL ${number}','C:\\','2026-05-01 10:00:00');\n`;
    await writeFile(dump, row(1) + row(2) + row(3));
    const { code, tables } = await take("--from", "other", dump);
    assert.deepEqual([code, of(tables, "detections")?.added], [0, 3]);
    const maria = join(folder, "maria.sql");
    await writeFile(
      maria,
      "/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `detections` (\n  `plate` text,\n  `path` text,\n" +
        "  `timestamp` datetime\n) ENGINE=InnoDB;\nINSERT INTO `detections` VALUES\n" +
        "('MA 1','C:\\\\','2026-05-01 10:00:00'),\n('MA 2','it\\'s; (\n','2026-05-01 10:00:00');\n",
    );
    const taken = await take("--from", "galaxy", maria);
    assert.deepEqual([taken.code, of(taken.tables, "detections")?.added], [0, 2]);
  });

  it("refuses a broken line by itself and counts all refused", async () => {
    const file = join(folder, "detections.jsonl");
    const good = JSON.stringify({ plate: "JL 1", timestamp: "2026-05-01T10:00:00Z" });
    await writeFile(file, ["{broken", "7", ...Array<string>(1100).fill("{}"), good].join("\n"));
    const { code, tables } = await take("--from", "other", file);
    const report = of(tables, "detections");
    assert.deepEqual(
      [code, report?.added, report?.refused_rows, report?.refused.length],
      [1, 1, 1102, 1000],
    );
    assert.match(report?.refused[0]?.reason ?? "", /not JSON/);
  });

  it("reports and notes what it took when it is stopped halfway", async () => {
    const dump = join(folder, "cut.sql");
    await writeFile(
      dump,
      "INSERT INTO events (plate, timestamp) VALUES ('CUT 1', '2026-05-01 10:00:00');\n" +
        "INSERT INTO events (plate, timestamp) VALUES ('CUT 2', '2026-05-01\n",
    );
    const args = [PROGRAM, "import", "--json", "--from", "engine", dump];
    const failed = await run(process.execPath, args, { env: environment() }).then(
      () => assert.fail("a cut file was taken for a whole one"),
      (error: { stdout: string; stderr: string }) => error,
    );
    assert.match(failed.stderr, /line 2: .*no end/);
    const told = JSON.parse(failed.stdout) as { stopped: string; tables: Table[] };
    assert.match(told.stopped, /no end/);
    assert.equal(of(told.tables, "events")?.added, 1);
    await record(async ({ audit }) => {
      const { items } = await audit.list({ action: "system.import" }, { skip: 0, limit: 1 });
      assert.deepEqual([items[0]?.result, items[0]?.detail.added], ["failed", 1]);
    });
  });

  it("says what it cannot read", async () => {
    const odd = join(folder, "odd.bin");
    await writeFile(odd, "PGDMP");
    await assert.rejects(
      run(process.execPath, [PROGRAM, "import", "--from", "city", odd], { env: environment() }),
      /a file ending in/,
    );
  });
});

/** A database as reference 3's installation has it, in a schema of its own. */
const CITY_SCHEMA = `
  create schema city;
  create table city.cameras (id uuid primary key, name text, latitude float, longitude float,
    bearing float, rtsp_url text, created_at timestamptz default now());
  create table city.events (id uuid primary key, camera_id uuid, plate text, confidence float,
    captured_at timestamptz, corrected_plate text, bbox jsonb, vehicle_type text,
    vehicle_color text, candidates jsonb, metadata jsonb, reviewed_at timestamptz);
  create table city.bolos (id uuid primary key, plate_pattern text, description text, priority text,
    webhook_url text, emails text[], active boolean, expires_at timestamptz);
  create table city.corrections (id serial primary key, event_id uuid, original_plate text,
    corrected_plate text, notes text, created_at timestamptz);
  create table city.alembic_version (version_num text);
  insert into city.cameras (id, name, latitude, longitude, bearing, rtsp_url) values
    ('11111111-1111-4111-8111-111111111111', 'Bridge', 48.2, 16.4, 90, null),
    ('22222222-2222-4222-8222-222222222222', 'Tunnel', null, null, null, 'rtsp://user:pass@10.0.0.2/1');
  insert into city.events values
    ('33333333-3333-4333-8333-333333333333', '11111111-1111-4111-8111-111111111111', 'AB12 CDE', 0.95,
     '2026-05-01 10:00:00+02', null, '{"x1": 1}', null, null, null, null, null),
    ('44444444-4444-4444-8444-444444444444', '22222222-2222-4222-8222-222222222222', 'KX48PL6', 0.7,
     '2026-05-02 10:00:00+02', 'KX48PLG', null, 'van', 'red',
     '["KX48PL6", {"plate": "KX48PLG", "confidence": 40}]', '{"note": "tow bar"}',
     '2026-05-03 10:00:00+02'),
    ('77777777-7777-4777-8777-777777777777', null, 'QX48PLG', 0.6,
     '2026-04-30 10:00:00+02', null, null, null, null, null, null, null),
    ('55555555-5555-4555-8555-555555555555', null, null, 0.1, now(), null, null, null, null, null, null, null);
  insert into city.bolos values ('66666666-6666-4666-8666-666666666666', 'KX*', E'stolen\\tred', 'high',
    'https://example.com/hook', '{a@example.com,b@example.com}', true, null);
  insert into city.corrections (event_id, original_plate, corrected_plate, notes, created_at) values
    ('77777777-7777-4777-8777-777777777777', 'QX48PLG', 'OX48PLG', 'dirt', '2026-05-04 10:00:00+00'),
    ('77777777-7777-4777-8777-777777777777', 'QX48PLG', '0X48PLG', 'zero', '2026-05-05 10:00:00+00'),
    ('88888888-8888-4888-8888-888888888888', 'AB1', 'AB2', null, '2026-05-05 10:00:00+00'),
    ('33333333-3333-4333-8333-333333333333', 'AB1', null, null, '2026-05-05 10:00:00+00');
  insert into city.alembic_version values ('abc');
`;
