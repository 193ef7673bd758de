import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DiskImages } from "../../adapters/images/disk";
import { plateHashKey } from "../../adapters/store/hash-key";
import { PersonRecords } from "../../adapters/store/person";
import { secretBox } from "../../adapters/config/secret-box";
import { repositoriesOf, type Repositories } from "../../adapters/store/repositories";
import { RETENTION_SETTING, runRetention } from "../../adapters/store/retention-job";
import { deleteWithPictures } from "../../adapters/store/delete-events";
import { EventPurge } from "../../adapters/database/repositories/retention";
import type { DialectName } from "../../adapters/database/types";
import type { NewEvent } from "../../core/events/event";
import { DEFAULT_RETENTION, retentionPolicy } from "../../core/events/retention";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";

const run = promisify(execFile);
const HOUR = 3_600_000;
/** Files of jobs have a test of their own (jobs.test.ts). */
const NO_FILES = { deleteFiles: () => Promise.resolve(0) };
const asker = { actor: "admin", organisation: "Site Ltd", purpose: "request 7" };

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`retention and the rights of people recorded: ${dialect}`, function () {
    this.timeout(120_000);
    let made: TestDatabase;
    let kept: Repositories;
    let images: DiskImages;

    before(async function () {
      const result = await testDatabase(dialect);
      if (typeof result === "string") return this.skip();
      made = result;
      kept = repositoriesOf(made.database, { key: null, hide: false }, secretBox(made.home, {}));
      images = new DiskImages(join(made.home, "pictures"));
    });
    after(async () => made?.drop());
    beforeEach(() => made.database.db.deleteFrom("events").execute());

    async function store(id: string, ageHours: number, changes: Partial<NewEvent> = {}) {
      const timestamp = MONDAY - ageHours * HOUR;
      const data = { frame: Buffer.from(id), crop: Buffer.from("crop") };
      const paths = await images.put(id, timestamp, data);
      await kept.events.create(anEvent(id, { timestamp, ...paths, ...changes }), timestamp);
    }
    const left = async () => {
      const page = { skip: 0, limit: 100, sortBy: "plate_text", sortOrder: "asc" } as const;
      return (await kept.events.list({}, page)).items.map((event) => event.id).sort();
    };

    it("goes on where files cannot be deleted, and says so", async () => {
      const now = MONDAY - HOUR;
      const line = { actor: "system", action: "retention.test", result: "ok" } as const;
      const none = { organisation: null, subject: null, purpose: null, address: null };
      await kept.audit.append({
        ...line,
        ...none,
        id: "old",
        at: MONDAY - 800 * 24 * HOUR,
        requestId: null,
        detail: {},
      });
      const away = { deleteFiles: () => Promise.reject(new Error("the share is away")) };
      const receipt = await runRetention(kept, images, away, now);
      assert.match(receipt.error ?? "", /the share is away/);
      assert.ok(receipt.audit >= 1, "old lines of the audit log go all the same");
    });

    it("deletes each class in its time, with pictures and a receipt; never what is held", async () => {
      await store("u71", 71);
      await store("u73", 73);
      await store("u99", 99, { held: true, holdReason: "police" });
      await store("a99", 99, { retentionClass: "allowed" });
      await store("a721", 721, { retentionClass: "allowed", plateText: "GONE77" });
      await store("d721", 721, { retentionClass: "denied" });
      // stored late, e.g. after an outage: counts from then
      await kept.events.create(anEvent("late", { timestamp: MONDAY - 99 * HOUR }), MONDAY);
      const receipt = await runRetention(kept, images, NO_FILES, MONDAY);
      assert.deepEqual(receipt.deleted, { unknown: 1, allowed: 1, denied: 1 });
      assert.deepEqual([receipt.pictures, receipt.held, receipt.error], [6, 1, null]);
      assert.deepEqual(await left(), ["a99", "late", "u71", "u99"]);
      assert.equal(await images.info("2026/02/27/u73-frame.jpg"), null);
      assert.equal((await kept.events.list({ plateContains: "ONE7" }, page())).total, 0);
      const grams = await made.database.db.selectFrom("plate_grams").selectAll().execute();
      assert.ok(!grams.some((row) => row.plate_text === "GONE77"));
      const log = await kept.audit.list({ action: "retention.run" }, { skip: 0, limit: 1 });
      assert.deepEqual(log.items[0]?.detail["deleted"], receipt.deleted);

      assert.equal(await kept.events.setHold("u99", null, MONDAY), true);
      assert.equal((await runRetention(kept, images, NO_FILES, MONDAY)).deleted.unknown, 1);
      await kept.settings.set(RETENTION_SETTING, { unknown: 24 }, 1);
      assert.equal((await runRetention(kept, images, NO_FILES, MONDAY)).deleted.unknown, 1);
      assert.deepEqual(await left(), ["a99", "late"]);
      await kept.settings.delete(RETENTION_SETTING);
    });

    it("a hold that is set while a run goes on keeps the event and its pictures", async () => {
      await store("free", 99);
      await store("late-hold", 99);
      const found = await new EventPurge(made.database).expired("unknown", MONDAY, 10);
      await kept.events.setHold("late-hold", "police", MONDAY);
      const done = await deleteWithPictures(kept, images, found, false);
      assert.deepEqual(done, { events: 1, pictures: 2 });
      assert.deepEqual(await left(), ["late-hold"]);
      const event = await kept.events.get("late-hold");
      assert.ok(await images.info(event?.frame ?? ""));
      assert.ok(await images.info(event?.crop ?? ""));
      assert.equal((await deleteWithPictures(kept, images, found, true)).events, 1);
    });

    it("a run that was broken off leaves no picture behind", async () => {
      await store("broken", 99);
      const frame = (await kept.events.get("broken"))?.frame ?? "";
      class Away extends DiskImages {
        override delete = () => Promise.reject(new Error("the share is away"));
      }
      const away = new Away(join(made.home, "pictures"));
      const first = await runRetention(kept, away, NO_FILES, MONDAY);
      assert.match(first.error ?? "", /the share is away/);
      assert.ok(await images.info(frame));
      const second = await runRetention(kept, images, NO_FILES, MONDAY);
      assert.deepEqual([second.error, second.pictures], [null, 2]);
      assert.equal(await images.info(frame), null);
      const names = Object.keys(await kept.settings.all());
      assert.deepEqual(
        names.filter((name) => name.startsWith("deleting")),
        [],
      );
    });

    it("exports and erases a plate, and notes who asked and why", async () => {
      await store("x1", 1, { plateText: "AB123CD" });
      await store("x2", 2, { plateText: "XY9", rawText: "AB123CD" });
      await store("x3", 3, { plateText: "AB123CD", held: true, holdReason: "police" });
      await store("other", 1, { plateText: "OTHER1" });
      const people = new PersonRecords(kept, images, null);
      const record = await people.export("ab-123 cd", asker, MONDAY);
      assert.deepEqual(record.events.map((event) => event.id).sort(), ["x1", "x2", "x3"]);
      const options = { lists: true, held: false };
      const result = await people.erase("ab-123 cd", options, asker, MONDAY + 1);
      assert.deepEqual([result.events, result.pictures, result.held], [2, 4, 1]);
      assert.deepEqual(await left(), ["other", "x3"]);
      const again = await people.erase("AB123CD", { ...options, held: true }, asker, MONDAY + 2);
      assert.equal(again.events, 1);
      const after = await people.export("AB123CD", asker, MONDAY + 3);
      assert.deepEqual(after.events, []);
      assert.deepEqual(
        after.lookUps.map(({ action, purpose }) => `${action} ${purpose}`),
        ["person.export", "person.erase", "person.erase", "person.export"].map(
          (action) => `${action} request 7`,
        ),
      );
      await assert.rejects(people.export(" - ", asker, MONDAY), /no plate/);
    });

    it("hides plates of unknown vehicles, and still finds, exports and erases them", async () => {
      const hashing = plateHashKey(made.home, { PLATEGATE_HASH_UNKNOWN: "1" });
      assert.ok(hashing.key?.equals(plateHashKey(made.home, {}).key ?? Buffer.alloc(0)));
      const hidden = repositoriesOf(made.database, hashing, secretBox(made.home, {}));
      const secret = anEvent("h1", { plateText: "HIDE123", timestamp: MONDAY });
      const candidates = [{ text: "HIDE123", confidence: 0.9, model: null }];
      await hidden.events.create({ ...secret, candidates }, MONDAY);
      await hidden.events.create(
        anEvent("h2", { plateText: "KNOWN12", retentionClass: "allowed" }),
        MONDAY,
      );
      const row = await made.database.db
        .selectFrom("events")
        .selectAll()
        .where("id", "=", "h1")
        .executeTakeFirstOrThrow();
      assert.ok(!JSON.stringify(row).includes("HIDE123"));
      assert.match(row.plate_text, /^~[0-9a-f]{32}$/);
      assert.equal((await hidden.events.get("h2"))?.plateText, "KNOWN12");
      assert.equal((await hidden.events.list({ plate: "HIDE123" }, page())).total, 1);
      const people = new PersonRecords(hidden, images, hashing.key);
      const result = await people.erase("HIDE123", { lists: false, held: false }, asker, MONDAY);
      assert.equal(result.events, 1);
    });

    it("is a command that a person can use", async function () {
      await store("c1", 1, { plateText: "CLI123" });
      const env = { ...process.env, PLATEGATE_HOME: made.home, DATABASE_URL: made.url };
      const command = (...words: string[]) =>
        run(process.execPath, [join(__dirname, "../../cli/plategate.js"), ...words], { env });
      const folder = join(made.home, "out");
      const shown = await command("export", "cli-123", "--out", folder, "--purpose", "request 8");
      assert.match(shown.stdout, /CLI123: 1 events/);
      assert.equal((await readdir(folder)).length, 3);
      const record = JSON.parse(await readFile(join(folder, "record.json"), "utf8")) as {
        events: { id: string }[];
      };
      assert.deepEqual(
        record.events.map((event) => event.id),
        ["c1"],
      );
      await assert.rejects(command("erase", "CLI123"), { code: 1 });
      assert.deepEqual(await left(), ["c1"]);
      const done = await command("erase", "CLI123", "--yes", "--json");
      assert.equal((JSON.parse(done.stdout) as { events: number }).events, 1);
      assert.deepEqual(await left(), []);
    });
  });
}

function page() {
  return { skip: 0, limit: 10, sortBy: "timestamp", sortOrder: "desc" } as const;
}

describe("the retention policy", () => {
  it("takes sensible hours and keeps its defaults for the rest", () => {
    assert.deepEqual(retentionPolicy(null), DEFAULT_RETENTION);
    assert.deepEqual(retentionPolicy({ unknown: 0, allowed: "x", denied: 48 }), {
      ...DEFAULT_RETENTION,
      denied: 48,
    });
    assert.deepEqual(retentionPolicy({ unknown: Infinity, allowed: NaN }), DEFAULT_RETENTION);
  });
});
