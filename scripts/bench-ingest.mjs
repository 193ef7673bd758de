// `npm run bench:ingest -- [--seconds 15] [--clients 32] [--rate 0] [--profile]`
// How many events the running application takes over HTTP, each durable before it is answered; SQLite unless
// DATABASE_URL says otherwise. This process is the clients, the application is another. With --rate it sends so many a
// second instead of as many as go.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "15" },
    clients: { type: "string", default: "32" },
    rate: { type: "string", default: "0" },
    profile: { type: "boolean", default: false },
  },
});
const KEY = "bench-key-of-this-run-only";
const program = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "cli", "plategate.js");
const home = mkdtempSync(join(tmpdir(), "plategate-bench-"));
const app = spawn(
  process.execPath,
  [...(values.profile ? ["--cpu-prof", "--cpu-prof-dir", home] : []), program, "start"],
  {
    cwd: home,
    env: {
      ...process.env,
      PORT: "0",
      LPR_PORT: "0",
      PLATEGATE_HOME: home,
      PLATEGATE_DEMO: "0",
      PLATEGATE_API_KEY: KEY,
      RATE_LIMITS: "off",
      PLATEGATE_LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "pipe", "inherit"],
  },
);
let output = "";
const address = await new Promise((resolve, reject) => {
  app.stdout.on("data", (chunk) => {
    output += chunk;
    const found = /Dashboard {2}(http:\/\/\S+)\/dashboard/.exec(output)?.[1];
    if (found) resolve(found);
  });
  app.once("exit", (code) => reject(new Error(`the application ended with ${code}:\n${output}`)));
});

const agent = new Agent({ keepAlive: true, maxSockets: Number(values.clients) });
const states = new Map();
let times = [];
let sent = 0;

function send() {
  const n = sent++;
  const body = JSON.stringify({
    event_id: `ingest-${process.pid}-${n}`,
    timestamp: new Date().toISOString(),
    camera_id: `cam-${n % 10}`,
    zone_id: `zone-${n % 3}`,
    plate_text: `B${String((n * 7919) % 100_000).padStart(5, "0")}X`,
    confidence: 0.6 + (n % 40) / 100,
    raw_candidates: [{ text: "B12345X", confidence: 0.9, model: "bench" }],
    metadata: { edge_worker_id: "edge-001", processing_time_ms: 245, frame_number: n },
  });
  const started = performance.now();
  return new Promise((resolve) => {
    const call = request(
      `${address}/events/ingest`,
      {
        agent,
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Content-Length": Buffer.byteLength(body),
          "X-API-Key": KEY,
        },
      },
      (response) => {
        response.resume();
        response.on("end", () => {
          times.push(performance.now() - started);
          states.set(response.statusCode, (states.get(response.statusCode) ?? 0) + 1);
          resolve();
        });
      },
    );
    call.on("error", (error) => {
      states.set(error.code, (states.get(error.code) ?? 0) + 1);
      resolve();
    });
    call.end(body);
  });
}

/** Seconds of CPU that the application has taken so far (Linux), null elsewhere. */
function cpuOfApplication() {
  try {
    const fields = readFileSync(`/proc/${app.pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

async function run(seconds) {
  const end = performance.now() + seconds * 1000;
  const rate = Number(values.rate);
  if (rate > 0) {
    const started = performance.now();
    const calls = [];
    for (let n = 0; performance.now() < end; n++) {
      const wait = started + (n * 1000) / rate - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      calls.push(send());
    }
    await Promise.all(calls);
    return;
  }
  const client = async () => {
    while (performance.now() < end) await send();
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, client));
}

try {
  await run(3); // warm
  times = [];
  states.clear();
  const before = cpuOfApplication();
  const started = performance.now();
  await run(Number(values.seconds));
  const seconds = (performance.now() - started) / 1000;
  const taken = before === null ? null : cpuOfApplication() - before;
  times.sort((a, b) => a - b);
  const at = (share) => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1);
  console.log(
    `${Math.round(times.length / seconds)} requests/s over ${seconds.toFixed(0)} s with ${values.clients} clients, ` +
      `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; ` +
      `answers ${JSON.stringify(Object.fromEntries(states))}; ` +
      (taken === null ? "" : `${((taken * 1000) / times.length).toFixed(2)} ms of CPU a request`),
  );
} finally {
  app.removeAllListeners("exit");
  const ended = new Promise((resolve) => app.once("exit", resolve));
  app.kill("SIGTERM");
  await ended;
  if (!values.profile) rmSync(home, { recursive: true, force: true });
  else console.log(home);
}
