// `npm run bench:store -- [--events 5000000] [--ingest 4000] [--url postgresql://…] [--home /tmp/x] [--keep]`
// With --home the database is kept there; --events 0 measures what is in it.
// How fast events go in, durably, and how fast they are found; results as a Markdown table.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const require = createRequire(import.meta.url);
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const { openDatabase } = require(join(dist, "adapters/database/open.js"));
const { DatabaseEvents } = require(join(dist, "adapters/database/repositories/events.js"));
const { rebuildEventCounts } = require(
  join(dist, "adapters/database/repositories/event-count-rebuild.js"),
);
const { addLookKeys } = require(
  join(dist, "adapters/database/migrations/0014-maps-and-reports.js"),
);
const { sql } = require("kysely");
const { blankEvent } = require(join(dist, "core/events/event.js"));

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "200000" },
    ingest: { type: "string", default: "4000" },
    url: { type: "string", default: "" },
    home: { type: "string", default: "" },
    keep: { type: "boolean", default: false },
  },
});
const home = values.home || mkdtempSync(join(tmpdir(), "plategate-bench-"));
const total = Number(values.events);
const START = Date.UTC(2026, 0, 1);
/** A busy site: this many events in the last month, the rest before. */
const MONTH = 31 * 86_400_000;
const rows = [];

const database = await openDatabase({ url: values.url, home, log: () => {} });
const events = new DatabaseEvents(database);
try {
  await fill();
  if (Number(values.ingest) > 0) {
    await ingest(1);
    await ingest(64);
  }
  await find();
  console.log(`\n${database.dialect}, ${await events.count({})} events\n`);
  console.log("| what | per second | p50 ms | p95 ms | p99 ms |\n| --- | --- | --- | --- | --- |");
  for (const row of rows) console.log(row);
} finally {
  await database.close();
  if (!values.keep && !values.home) rmSync(home, { recursive: true, force: true });
}

/** An event of the n-th vehicle; half a million plates, ten cameras, three zones. */
function event(n, timestamp) {
  const seed = (n * 2654435761) % 500_000;
  const letters = String.fromCharCode(
    65 + (seed % 26),
    65 + ((seed >> 3) % 26),
    65 + ((seed >> 7) % 26),
  );
  const plate = `${letters}${String(seed % 10_000).padStart(4, "0")}`;
  return {
    ...blankEvent(`bench-${process.pid}-${n}`, timestamp, plate),
    cameraId: `cam-${n % 10}`,
    zoneId: `zone-${(n % 10) % 3}`,
    confidence: 0.6 + ((n * 7919) % 4000) / 10_000,
    candidates: [{ text: plate, confidence: 0.9, model: "bench" }],
    decision: n % 3 ? "open" : "deny",
    retentionClass: n % 3 ? "allowed" : "unknown",
    metadata: { edge_worker_id: "edge-001", processing_time_ms: 245, frame_number: n },
  };
}

async function ingest(concurrency) {
  const count = concurrency === 1 ? Math.min(500, Number(values.ingest)) : Number(values.ingest);
  const times = [];
  let next = 0;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const started = performance.now();
  const worker = async () => {
    while (next < count) {
      const n = next++;
      const at = performance.now();
      await events.create(event(1e9 + concurrency * 1e7 + n, START + n), START);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  delay.disable();
  const seconds = (performance.now() - started) / 1000;
  add(
    `ingest, ${concurrency} at a time (loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms)`,
    times,
    count / seconds,
  );
}

/** Made by the database itself, its indexes put back at the end. */
async function fill() {
  if (total === 0) return;
  const { db, dialect } = database;
  if (dialect === "mysql") throw new Error("the fill is written for SQLite and PostgreSQL");
  const lite = dialect === "sqlite";
  // a connection of its own: the application's give a statement a minute
  const client = lite ? null : new (require("pg").Client)({ connectionString: values.url });
  await client?.connect();
  const run = (text) => (client ? client.query(text) : sql.raw(text).execute(db));
  const indexes = await run(
    lite
      ? "select name, sql from sqlite_master where type = 'index' and tbl_name = 'events' and sql is not null"
      : "select indexname as name, indexdef as sql from pg_indexes where tablename = 'events' and schemaname = 'public' and indexname <> 'events_pk'",
  );
  for (const { name } of indexes.rows) await run(`drop index "${name}"`);
  const started = performance.now();
  const seed = "((n * 2654435761) % 500000)";
  const letter = (shift) =>
    lite ? `char(65 + (${seed} / ${shift}) % 26)` : `chr((65 + (${seed} / ${shift}) % 26)::int)`;
  const digits = lite ? `printf('%04d', ${seed} % 10000)` : `lpad((${seed} % 10000)::text, 4, '0')`;
  const plate = `${letter(1)} || ${letter(8)} || ${letter(128)} || ${digits}`;
  const before = START - 12 * MONTH;
  const older = Math.floor((total * 2) / 3);
  // a third of all events lie in the last month
  const time = `case when n < ${older} then ${before} + n * ${11 * MONTH} / ${older}
    else ${START - MONTH} + (n - ${older}) * ${MONTH} / ${total - older} end`;
  const step = 250_000;
  for (let from = 0; from < total; from += step) {
    const to = Math.min(total, from + step);
    const numbers = lite
      ? `with recursive numbers(n) as (select ${from} union all select n + 1 from numbers where n < ${to - 1})`
      : `with numbers as (select generate_series(${from}::bigint, ${to - 1}::bigint) as n)`;
    await run(`insert into events (id, source, occurred_at, created_at, updated_at, camera_id, zone_id, plate_text,
        confidence, direction, state, revision, candidates_json, decision, metadata_json, retention_class, held)
      ${numbers}, made as (select n, ${time} as at, ${plate} as plate from numbers)
      select 'bench-' || n, 'ingest', at, at, at, 'cam-' || (n % 10), 'zone-' || (n % 10 % 3), plate,
        0.6 + ((n * 7919) % 4000) / 10000.0, 'unknown', 'final', 1,
        '[{"text":"' || plate || '","confidence":0.9,"model":"bench"}]',
        case when n % 3 = 0 then 'deny' else 'open' end,
        '{"edge_worker_id":"edge-001","processing_time_ms":245,"frame_number":' || n || '}',
        case when n % 3 = 0 then 'unknown' else 'allowed' end, 0 from made`);
    process.stderr.write(`\r${to} of ${total} events`);
  }
  for (const { sql: text } of indexes.rows) await run(text);
  await rebuildEventCounts(database);
  for (const size of [2, 3]) {
    for (let at = 1; at + size <= 8; at++) {
      await run(`insert into plate_grams (gram, plate_text)
        select distinct substr(plate_text, ${at}, ${size}), plate_text from
          (select distinct plate_text from events) as plates where true on conflict do nothing`);
    }
  }
  await addLookKeys(db, dialect);
  if (!lite) await run("vacuum analyze");
  await client?.end();
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write(`\nfilled in ${Math.round(seconds)} s\n`);
}

async function find() {
  const page = { skip: 0, limit: 100, sortBy: "timestamp", sortOrder: "desc" };
  const month = { from: START - MONTH, to: START };
  const cases = {
    "list, newest": [{}, page],
    "list, camera": [{ cameraId: "cam-3" }, page],
    "list, camera and month": [{ cameraId: "cam-3", ...month }, page],
    "list, zone and week": [{ zoneId: "zone-1", from: START - 7 * 86_400_000, to: START }, page],
    "list, plate part of 5": [{ plateContains: event(77, 0).plateText.slice(1, 6) }, page],
    "list, plate part of 3": [{ plateContains: event(77, 0).plateText.slice(0, 3) }, page],
    "list, plate part of 2": [{ plateContains: "A1" }, page],
    "list, part that no plate has": [{ plateContains: "QQQQ" }, page],
    "list, confidence from 0.95": [{ minConfidence: 0.95 }, page],
    "list, camera, confidence, month": [{ cameraId: "cam-3", minConfidence: 0.95, ...month }, page],
    "list, sorted by confidence": [{}, { ...page, sortBy: "confidence" }],
    "list, sorted by plate, camera": [{ cameraId: "cam-3" }, { ...page, sortBy: "plate_text" }],
    "list, 1000 from 10,000": [{}, { ...page, skip: 10_000, limit: 1000 }],
    "list, camera, oldest 100": [
      { cameraId: "cam-3" },
      { ...page, skip: Math.max(0, (await events.count({ cameraId: "cam-3" })) - 100) },
    ],
    "list, sorted by confidence, camera and month": [
      { cameraId: "cam-3", ...month },
      { ...page, sortBy: "confidence" },
    ],
    "list, plate part of 3, camera and month": [
      { plateContains: event(77, 0).plateText.slice(0, 3), cameraId: "cam-3", ...month },
      page,
    ],
    "list, confidence from 0.9999": [{ minConfidence: 0.9999 }, page],
    "list, an hour, sorted by plate": [
      { from: START - 3_600_000, to: START },
      { ...page, sortBy: "plate_text" },
    ],
    "list, camera that there is not": [{ cameraId: "cam-99" }, page],
  };
  for (const [name, [filter, at]] of Object.entries(cases)) {
    await timed(name, () => events.list(filter, at));
  }
  for (const interval of ["hour", "day"]) {
    await timed(
      `statistics of the month by ${interval}`,
      () => events.statistics({ filter: month, interval, timeZone: "Europe/Vienna" }),
      20,
    );
  }
}

async function timed(name, work, runs = 100) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const at = performance.now();
    await work();
    times.push(performance.now() - at);
    if (performance.now() - at > 5_000) break;
  }
  add(name, times, null);
}

function add(name, times, perSecond) {
  times.sort((a, b) => a - b);
  const at = (share) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  const row = `| ${name} | ${perSecond === null ? "" : Math.round(perSecond)} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} |`;
  rows.push(row);
  process.stderr.write(`\n${row}`);
}
