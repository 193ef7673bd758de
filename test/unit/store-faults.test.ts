import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openDatabase } from "../../adapters/database/open";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { DiskImages } from "../../adapters/images/disk";
import { Store } from "../../adapters/store/store";
import { WRITER_LIMITS } from "../../adapters/events/writer";
import { eventOfPassage } from "../../core/events/event";
import { testDatabase } from "../fixtures/databases";
import { aDecision, anEvent, aPassage } from "../fixtures/events";
import { Line } from "../fixtures/line";

const MB = 1024 * 1024;
/** `npm run test:faults` does 1,000. */
const KILLS = Number(process.env["PLATEGATE_KILLS"] ?? 8);
const page = { skip: 0, limit: 1000, sortBy: "timestamp", sortOrder: "asc" } as const;

function record(id: string, bytes: number) {
  const images = { frame: Buffer.alloc(bytes, id), crop: Buffer.from("crop") };
  const place = { siteId: null, zoneId: null };
  const event = eventOfPassage(aPassage(id, { images }), aDecision(id), null, place);
  return { kind: "event" as const, event, images };
}

function storeAt(home: string, url: string): Store {
  return new Store({
    home,
    url,
    env: {},
    log: () => undefined,
    spool: { reserveBytes: MB, maxBytes: 4 * MB },
    writer: { ...WRITER_LIMITS, retryMs: [60_000, 60_000] },
  });
}

describe("the store when things break", function () {
  this.timeout(180_000);
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-faults-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it(`loses and doubles no acknowledged event in ${KILLS} kills`, async function () {
    this.timeout(60_000 + KILLS * 20_000);
    const acknowledged: string[] = [];
    const script = join(__dirname, "../fixtures/store-killed.js");
    for (let round = 0; round < KILLS; round++) {
      const child = spawn(process.execPath, [script, home, String(round)]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const after = 20 + Math.floor(Math.random() * 80);
      let count = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.push(line);
        if (++count === after) child.kill("SIGKILL");
      }
      await ended;
    }
    assert.ok(acknowledged.length >= KILLS * 20);
    assert.equal(new Set(acknowledged).size, acknowledged.length, "one was acknowledged twice");
    const database = await openDatabase({ home, log: () => undefined });
    const events = new DatabaseEvents(database);
    const rows = await database.db.selectFrom("events").select(["id", "frame_path"]).execute();
    const stored = new Set(rows.map((row) => row.id));
    assert.deepEqual(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    );
    const images = new DiskImages(join(home, "pictures"));
    for (const { id, frame_path: frame } of rows) {
      assert.ok(await images.info(frame ?? ""), `${id} has lost its picture`);
    }
    // what the counts say is what is there
    assert.equal((await events.list({}, { ...page, limit: 0 })).total, rows.length);
    await database.close();
  });

  it("lets events wait on a full disk and stores each once when there is room", async function () {
    const disk = join(home, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      this.test!.title += " (skipped: needs root to mount a small disk)";
      return this.skip();
    }
    try {
      const store = storeAt(disk, "");
      const ids = Array.from({ length: 60 }, (_, i) => `full${i}`);
      let waited = 0;
      for (const id of ids) {
        if ((await store.writer.write(record(id, 150_000))).waiting) waited++;
      }
      assert.ok(waited > 10, `${waited} of ${ids.length} waited`);
      const health = await store.health();
      assert.equal(health.queue.status, "degraded");
      assert.equal(health.queue.details["waiting"], waited);
      assert.ok(Number(health.queue.details["spool_bytes"]) > 0, "the reserve is used");
      assert.equal(health.images.status, "unhealthy");

      execFileSync("mount", ["-o", "remount,size=64m", disk]);
      await store.writer.flush();
      assert.equal(store.writer.waiting(), 0);
      const { events } = await store.open();
      const { items } = await events.list({}, page);
      assert.deepEqual(items.map((event) => event.id).sort(), [...ids].sort());
      for (const { frame } of items) {
        assert.equal((await store.images.info(frame ?? ""))?.size, 150_000);
      }
      assert.equal((await store.health()).queue.status, "healthy");
      await store.close();
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });

  for (const dialect of ["postgres", "mysql"] as const) {
    it(`lets events wait while the ${dialect} server is gone`, async function () {
      const made = await testDatabase(dialect);
      if (typeof made === "string") {
        this.test!.title += ` (skipped: ${made})`;
        return this.skip();
      }
      const line = new Line(made.url);
      const url = await line.up();
      const store = storeAt(home, url);
      try {
        await store.open();
        assert.equal((await store.writer.write(record("before", 10))).waiting, false);
        await line.down();
        for (let i = 0; i < 5; i++) {
          assert.equal((await store.writer.write(record(`gone${i}`, 10))).waiting, true);
        }
        const health = await store.health();
        assert.equal(health.database.status, "unhealthy");
        assert.equal(health.queue.details["waiting"], 5);
        await line.up();
        while (store.writer.waiting() > 0) await store.writer.flush();
        const { items } = await new DatabaseEvents(made.database).list({}, page);
        assert.deepEqual(items.map((event) => event.id).sort(), [
          "before",
          "gone0",
          "gone1",
          "gone2",
          "gone3",
          "gone4",
        ]);
        assert.equal((await store.health()).database.status, "healthy");
      } finally {
        await store.close();
        await line.down();
        await made.drop();
      }
    });
  }

  it("waits for another program that holds the database", async () => {
    const database = await openDatabase({ home, log: () => undefined });
    const Libsql = require("libsql") as new (path: string) => {
      exec(sql: string): void;
      close(): void;
    };
    const other = new Libsql(join(home, "plategate.db"));
    other.exec("BEGIN IMMEDIATE");
    const insert = new DatabaseEvents(database).create(anEvent("e1"), 1);
    setTimeout(() => other.exec("COMMIT"), 300);
    assert.equal((await insert)?.change, "created");
    other.close();
    await database.close();
  });
});
