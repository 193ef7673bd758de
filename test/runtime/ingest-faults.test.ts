import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApplication, stopProcess, type RunningApplication } from "../fixtures/application";
import { testDatabase } from "../fixtures/databases";
import { Line } from "../fixtures/line";

const KEY = "edge-key-of-the-fault-test";
/** `npm run test:faults` kills more often; a start takes some seconds. */
const KILLS = Math.max(1, Math.round(Number(process.env["PLATEGATE_KILLS"] ?? 8) / 8));

function post(address: string, event: Record<string, unknown>): Promise<Response> {
  return fetch(`${address}/events/ingest`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-API-Key": KEY },
    body: JSON.stringify({ plate_text: "FLT123", ...event }),
  });
}

async function total(app: RunningApplication, query = ""): Promise<number> {
  const page = (await (await app.get(`/events?limit=0${query}`)).json()) as { total: number };
  return page.total;
}

describe("ingest when things break", function () {
  this.timeout(120_000 + KILLS * 60_000);
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "plategate-faults-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("keeps each acknowledged event once over kills in mid-work", async () => {
    const acknowledged: string[] = [];
    let next = 0;
    for (let round = 0; round <= KILLS; round++) {
      const app = await startApplication({
        home,
        env: { PLATEGATE_API_KEY: KEY, RATE_LIMITS: "off" },
      });
      const last = round === KILLS;
      const goal = acknowledged.length + 60;
      const client = async () => {
        for (;;) {
          const id = `http-${next++}`;
          try {
            if ((await post(app.address, { event_id: id })).status !== 202) continue;
          } catch {
            return; // killed: whether it is stored is unknown
          }
          acknowledged.push(id);
          if (acknowledged.length === goal) app.process.kill(last ? "SIGTERM" : "SIGKILL");
        }
      };
      await Promise.all(Array.from({ length: 8 }, client));
      await stopProcess(app.process, "SIGKILL");
    }
    const app = await startApplication({
      home,
      env: { PLATEGATE_API_KEY: KEY, RATE_LIMITS: "off" },
    });
    const stored = new Set<string>();
    for (let skip = 0; skip < (await total(app)); skip += 1000) {
      const response = await app.get(`/events?limit=1000&skip=${skip}&sort_order=asc`);
      const { items } = (await response.json()) as { items: { id: string }[] };
      for (const { id } of items) {
        assert.ok(!stored.has(id), `${id} is there twice`);
        stored.add(id);
      }
    }
    assert.deepEqual(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    );
    await stopProcess(app.process, "SIGTERM");
  });

  it("takes events while the database is away, up to the bound, and stores each once", async function () {
    const made = await testDatabase("postgres");
    if (typeof made === "string") {
      this.test!.title += ` (skipped: ${made})`;
      return this.skip();
    }
    const line = new Line(made.url);
    const app = await startApplication({
      home,
      env: {
        DATABASE_URL: await line.up(),
        PLATEGATE_API_KEY: KEY,
        PLATEGATE_SPOOL_MB: "1",
        RATE_LIMITS: "off",
      },
    });
    try {
      assert.equal((await post(app.address, { event_id: "before" })).status, 202);
      await line.down();
      const states = new Map<number, number>();
      const metadata = { note: "x".repeat(20_000) };
      let next = 0;
      const client = async () => {
        while (!states.has(503) && next < 3_000) {
          const { status } = await post(app.address, { event_id: `away-${next++}`, metadata });
          states.set(status, (states.get(status) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: 8 }, client));
      assert.deepEqual([...states.keys()].sort(), [202, 503]);
      const accepted = states.get(202) ?? 0;
      // as many as the reserved megabyte holds: what is in memory alone is not acknowledged
      assert.ok(accepted >= 40 && accepted <= 60, `${accepted} were taken`);
      assert.equal((await post(app.address, { event_id: "away-0" })).status, 409);
      const health = await fetch(`${app.address}/healthz`);
      assert.equal(health.status, 503);
      await line.up();
      for (const end = Date.now() + 90_000; ;) {
        if ((await total(app).catch(() => -1)) === accepted + 1) break;
        assert.ok(Date.now() < end, `${await total(app)} of ${accepted + 1} are there`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      assert.equal((await fetch(`${app.address}/healthz`)).status, 200);
    } finally {
      await stopProcess(app.process, "SIGTERM");
      await line.down();
      await made.drop();
    }
  });
});
