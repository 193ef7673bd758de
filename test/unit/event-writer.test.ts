import assert from "node:assert/strict";
import { open, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../adapters/database/open";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import type { Database } from "../../adapters/database/types";
import type { EventRecord } from "../../adapters/events/records";
import { Spool } from "../../adapters/events/spool";
import { EventWriter, WRITER_LIMITS, type WriterLimits } from "../../adapters/events/writer";
import { DiskImages } from "../../adapters/images/disk";
import { eventOfPassage } from "../../core/events/event";
import { StoreError } from "../../core/events/errors";
import type { EventChange, EventRepository } from "../../core/events/ports";
import { aDecision, anOutcome, aPassage } from "../fixtures/events";

const MB = 1024 * 1024;
const SPOOL = { reserveBytes: MB, maxBytes: 2 * MB };
const LIMITS: WriterLimits = { ...WRITER_LIMITS, retryMs: [60_000, 60_000] };
const code = (wanted: string) => (error: unknown) =>
  error instanceof StoreError && error.code === wanted;

function record(id: string, size = 100, revision = 2): EventRecord {
  const images = { frame: Buffer.alloc(size, id), crop: Buffer.from(`crop of ${id}`) };
  const passage = aPassage(id, { revision, images });
  const event = eventOfPassage(passage, aDecision(id), null, { siteId: null, zoneId: null });
  return { kind: "event", event, images };
}

describe("the event writer", function () {
  this.timeout(60_000);
  let home: string;
  let database: Database;
  let events: DatabaseEvents;
  let images: DiskImages;
  let outage: StoreError | null;
  let published: string[];
  const writers: EventWriter[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-writer-"));
    database = await openDatabase({ home, log: () => undefined });
    events = new DatabaseEvents(database);
    images = new DiskImages(join(home, "pictures"));
    outage = null;
    published = [];
  });
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close();
    await database.close();
    await rm(home, { recursive: true, force: true });
  });

  function repository(): Promise<EventRepository> {
    return outage ? Promise.reject(outage) : Promise.resolve(events);
  }

  function writer(spool = new Spool(join(home, "s/events.spool"), SPOOL), limits = LIMITS) {
    const made = new EventWriter({
      repository,
      images,
      spool,
      publish: ({ event, change }: EventChange) => published.push(`${change} ${event.id}`),
      clock: () => 1_000,
      log: () => undefined,
      limits,
    });
    writers.push(made);
    return made;
  }

  const ids = async () =>
    (await events.list({}, { skip: 0, limit: 1000, sortBy: "timestamp", sortOrder: "asc" })).items
      .map((event) => event.id)
      .sort();

  it("stores an event with its pictures and says so after the commit", async () => {
    const result = await writer().write(record("p1"));
    assert.ok(!result.waiting);
    assert.equal(result.event?.frame, "2026/03/02/p1-frame.jpg");
    assert.equal((await images.info("2026/03/02/p1-frame.jpg"))?.size, 100);
    assert.deepEqual(published, ["created p1"]);
  });

  it("lets events wait while the database is gone, and stores each once in order", async () => {
    const made = writer();
    outage = new StoreError("unavailable", "gone");
    for (let i = 0; i < 10; i++) {
      assert.equal((await made.write(record(`p${i}`))).waiting, true);
    }
    await made.write({ kind: "barrier", eventId: "p3", outcome: anOutcome("p3") });
    await made.write(record("p3", 100, 3));
    assert.equal(made.waiting(), 12);
    assert.equal(made.health().status, "degraded");
    assert.equal(made.health().details["waiting_in_memory"], 0);
    await made.flush();
    assert.equal(made.waiting(), 12);
    outage = null;
    await made.flush();
    assert.equal(made.waiting(), 0);
    assert.deepEqual(
      await ids(),
      Array.from({ length: 10 }, (_, i) => `p${i}`),
    );
    assert.equal((await events.get("p3"))?.timeToOpenMs, 400);
    assert.equal(published.filter((line) => line.startsWith("created")).length, 10);
    assert.equal(made.health().status, "healthy");
    const left = await open(join(home, "s/events.spool"));
    const bytes = await left.readFile();
    await left.close();
    assert.ok(
      bytes.every((byte) => byte === 0),
      "no plate stays in the spool file",
    );
  });

  it("keeps what waits over a stop, also one in mid-write", async () => {
    const first = writer();
    outage = new StoreError("unavailable", "gone");
    await first.write(record("p1"));
    await first.write(record("p2"));
    await first.close();
    const path = join(home, "s/events.spool");
    // as a crash in the middle of a third record leaves it
    const used = 2 * (await spoolRecordSize(path));
    const file = await open(path, "r+");
    await file.write(Buffer.from("50475350000000ff00000000ffff", "hex"), 0, 14, used);
    await file.close();
    outage = null;
    const second = writer();
    await second.flush();
    assert.deepEqual(await ids(), ["p1", "p2"]);
  });

  it("refuses beyond the bound, and loses nothing below it", async () => {
    const spool = new Spool(join(home, "s/small.spool"), { reserveBytes: 1000, maxBytes: 9_000 });
    const made = writer(spool, { ...LIMITS, memoryRecords: 2 });
    outage = new StoreError("unavailable", "gone");
    const results: string[] = [];
    for (let i = 0; i < 12; i++) {
      results.push(
        await made.write(record(`p${i}`)).then(
          () => "waits",
          (error: unknown) => (error as StoreError).code,
        ),
      );
    }
    const kept = results.filter((result) => result === "waits").length;
    assert.ok(kept >= 3 && kept < 12, String(kept));
    assert.equal(results.at(-1), "bound");
    assert.equal(made.health().details["refused"], 12 - kept);
    outage = null;
    await made.flush();
    assert.equal((await ids()).length, kept);
  });

  it("waits in memory where not even the spool file can be", async () => {
    await writeFile(join(home, "blocked"), "a file where a folder should be");
    const made = writer(new Spool(join(home, "blocked/x.spool"), SPOOL));
    outage = new StoreError("unavailable", "gone");
    await made.write(record("p1"));
    assert.equal(made.health().details["waiting_in_memory"], 1);
    outage = null;
    await made.flush();
    assert.deepEqual(await ids(), ["p1"]);
  });

  it("takes back what must be on the disk and is not, and what is sent again then is stored", async () => {
    await writeFile(join(home, "blocked"), "a file where a folder should be");
    const made = writer(new Spool(join(home, "blocked/x.spool"), SPOOL));
    outage = new StoreError("unavailable", "gone");
    const once: EventRecord = { ...record("sent"), once: true } as EventRecord;
    await made.write(record("gate"));
    await assert.rejects(made.write(once, "disk"), code("unavailable"));
    assert.equal(made.waiting(), 1, "the passage at the gate waits in memory, the other is gone");
    outage = null;
    await made.flush();
    assert.deepEqual(await ids(), ["gate"]);
    const again = await made.write(once, "disk");
    assert.ok(!again.waiting && again.changed);
    assert.deepEqual(await ids(), ["gate", "sent"]);
  });

  it("refuses what can never be stored at once", async () => {
    const made = writer();
    outage = new StoreError("invalid", "too long");
    await assert.rejects(made.write(record("p1")), code("invalid"));
    assert.equal(made.waiting(), 0);
    await made.close();
    await assert.rejects(made.write(record("p1")), code("closed"));
  });

  it("reserves the spool's room at the start", async () => {
    await writer().flush();
    assert.equal((await stat(join(home, "s/events.spool"))).size, MB);
  });
});

async function spoolRecordSize(path: string): Promise<number> {
  const file = await open(path);
  const header = Buffer.alloc(12);
  await file.read(header, 0, 12, 0);
  await file.close();
  return 12 + header.readUInt32BE(4);
}
