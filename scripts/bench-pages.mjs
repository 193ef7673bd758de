// `npm run bench:pages -- [--events 1000000] [--home /tmp/x] [--runs 10]`
// How long each page's requests take with so many events stored: the whole application, over HTTP, a request at a time.
// With --home the database is kept there; one that is there already is measured as it is (it must be bench:store's fill).
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    home: { type: "string", default: "" },
    runs: { type: "string", default: "10" },
  },
});
const home = values.home || mkdtempSync(join(tmpdir(), "plategate-bench-"));
const PASSWORD = "a password for the benchmark";
/** What a page may take, in ms. */
const LIMIT = 1000;
const DAY = 86_400_000;
/** The end of the filled time (scripts/bench-store.mjs). */
const END = Date.UTC(2026, 0, 1);

const since = (days) => `start_date=${new Date(END - days * DAY).toISOString()}`;
const until = `end_date=${new Date(END).toISOString()}`;
/** Page → what it asks for; the plate is one of the fill. */
const PAGES = {
  "home: figures": "/api/v1/overview",
  "home, records: newest": "/api/v1/passages?limit=25",
  "records: page 4,000": "/api/v1/passages?limit=25&skip=100000",
  "records: camera and month": `/api/v1/passages?limit=25&camera_id=cam-3&${since(31)}&${until}`,
  "records: plate, part": "/api/v1/passages?limit=25&plate=123",
  "records: plate, pattern": "/api/v1/passages?limit=25&plate=A*12",
  "records: plates that look alike": "/api/v1/passages?limit=25&match=looks&plate=ABO1234",
  "records: patterns that look alike": "/api/v1/passages?limit=25&match=looks&plate=AB*34",
  alerts: "/api/v1/alerts?limit=50",
  "statistics: day": `/api/v1/statistics?interval=hour&${since(1)}&${until}`,
  "statistics: week": `/api/v1/statistics?interval=day&${since(7)}&${until}`,
  "statistics: month": `/api/v1/statistics?interval=day&${since(31)}&${until}`,
  "statistics: year": `/api/v1/statistics?interval=week&${since(365)}&${until}`,
  map: "/api/v1/map",
  "map: path of a plate": `/api/v1/map/track?plate=ABC1234&${since(365)}&${until}`,
  "map: flows of a day": `/api/v1/map/flows?${since(1)}&${until}`,
  "map: flows of a month": `/api/v1/map/flows?${since(31)}&${until}`,
  "map: flows of a year": `/api/v1/map/flows?${since(365)}&${until}`,
  reports: "/api/v1/reports?limit=50",
  cameras: "/config/cameras?limit=200",
  "gate: barriers": "/api/v1/barriers",
  "gate: cameras": "/api/v1/live",
  vehicles: "/api/v1/vehicles?limit=50",
  visitors: "/api/v1/visitor_passes?limit=50",
  "watch list": "/api/v1/watch_entries?limit=50",
  schedules: "/api/v1/schedules?limit=1000",
  users: "/api/v1/users",
  "system: audit log": "/api/v1/audit?limit=50",
};

if (!existsSync(join(home, "plategate.db"))) {
  const fill = ["--events", values.events, "--ingest", "0", "--home", home];
  execFileSync(process.execPath, [join(root, "scripts", "bench-store.mjs"), ...fill], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}
const program = spawn(process.execPath, [join(root, "dist", "cli", "plategate.js"), "start"], {
  env: {
    ...process.env,
    PORT: "0",
    LPR_PORT: "0",
    PLATEGATE_HOME: home,
    PLATEGATE_ADMIN_PASSWORD: PASSWORD,
    PLATEGATE_DEMO: "0",
    RATE_LIMITS: "off",
  },
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const address = await started();
  const token = await login(address);
  const slow = [];
  console.log("| page | p50 ms | slowest ms |\n| --- | --- | --- |");
  for (const [page, path] of Object.entries(PAGES)) {
    const times = await timed(`${address}${path}`, token);
    const half = times[Math.floor(times.length / 2)];
    console.log(`| ${page} | ${half.toFixed(0)} | ${times.at(-1).toFixed(0)} |`);
    if (half > LIMIT) slow.push(page);
  }
  if (slow.length > 0) {
    console.error(`slower than ${LIMIT} ms: ${slow.join(", ")}`);
    process.exitCode = 1;
  }
} finally {
  await ended();
  if (!values.home) rmSync(home, { recursive: true, force: true });
}

/** Resolves with the address when the application is ready. */
function started() {
  return new Promise((resolve, reject) => {
    let output = "";
    program.once("exit", (code) => reject(new Error(`it ended with ${code}\n${output}`)));
    program.stdout.on("data", (text) => {
      output += text;
      const found = /Dashboard {2}(http:\/\/\S+)\/dashboard/.exec(output)?.[1];
      if (found) resolve(found);
    });
  });
}

function ended() {
  return new Promise((resolve) => {
    if (program.exitCode !== null) return resolve();
    program.once("exit", resolve);
    program.kill("SIGTERM");
  });
}

async function login(address) {
  const answer = await fetch(`${address}/auth/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "admin", password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).access_token;
}

/** Times of some requests in ms, ascending; the first warms up and is left out. */
async function timed(url, token) {
  const times = [];
  for (let run = 0; run <= Number(values.runs); run++) {
    const at = performance.now();
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
    if (run > 0) times.push(performance.now() - at);
  }
  return times.sort((a, b) => a - b);
}
