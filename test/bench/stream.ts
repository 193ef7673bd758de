// `npm run bench:stream -- [--clients 200] [--rate 50] [--seconds 20]`
// Events in over HTTP, out to many listeners of /events/stream: how long from one to the other.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { caller, type Call } from "../fixtures/api-client";
import { discard, startApplication } from "../fixtures/application";
import { StreamListener } from "../fixtures/stream-listener";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "200" },
    rate: { type: "string", default: "50" },
    seconds: { type: "string", default: "20" },
  },
});
const clients = Number(values.clients);
const rate = Number(values.rate);
const total = rate * Number(values.seconds);
/** Connections that one user may have; requests that one key may make stay below its limit. */
const PER_USER = 20;
const PER_KEY = 15;

void main();

async function main(): Promise<void> {
  const app = await startApplication();
  try {
    const call = caller(app);
    const listeners = await listen(app.address, call);
    const keys = await ingestKeys(app, call);
    const own = monitorEventLoopDelay({ resolution: 10 });
    own.enable();
    const before = cpuSeconds(app.process.pid);
    const sent = await send(keys);
    const limit = Date.now() + 30_000;
    while (listeners.some(({ times }) => times.size < total) && Date.now() < limit)
      await pause(100);
    report(listeners, sent, own.percentile(99) / 1e6);
    const cpu = cpuSeconds(app.process.pid) - before;
    process.stdout.write(`the application used ${cpu.toFixed(1)} s of CPU\n`);
  } finally {
    await discard(app);
  }
}

interface Timed {
  listener: StreamListener;
  /** Event id → when it came, ms. */
  times: Map<string, number>;
  doubled: number;
}

async function listen(address: string, call: Call): Promise<Timed[]> {
  const listeners: Timed[] = [];
  const password = "correct horse battery";
  for (let user = 0; listeners.length < clients; user++) {
    const username = `bench-${user}`;
    const body = { username, email: `${username}@example.com`, password, role: "user" };
    const made = await call("POST", "/api/v1/users", body);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    const login = await call("POST", "/auth/token", { username, password });
    const url = `${address}/events/stream?token=${String(login.body.access_token)}`;
    const more = Math.min(PER_USER, clients - listeners.length);
    const opened = await Promise.all(Array.from({ length: more }, () => StreamListener.open(url)));
    listeners.push(...opened.map((listener) => timed(listener)));
  }
  return listeners;
}

function timed(listener: StreamListener): Timed {
  const one: Timed = { listener, times: new Map(), doubled: 0 };
  listener.socket.on("message", (data: Buffer) => {
    const at = performance.now();
    const id = /"event_id":"([^"]+)"/.exec(data.toString("latin1"))?.[1] ?? "";
    if (one.times.has(id)) one.doubled++;
    one.times.set(id, at);
  });
  return one;
}

async function ingestKeys(app: Parameters<typeof caller>[0], call: Call): Promise<Call[]> {
  const count = Math.ceil(rate / PER_KEY);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const body = { name: `bench-${i}`, scopes: ["ingest"] };
      const made = await call("POST", "/api/v1/api_keys", body);
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      return caller(app, { "X-API-Key": String(made.body.key) });
    }),
  );
}

/** Sends the events at the rate. @returns when each was sent, ms */
async function send(keys: Call[]): Promise<Map<string, number>> {
  const sent = new Map<string, number>();
  const began = performance.now();
  const answers: Promise<void>[] = [];
  for (let i = 0; i < total; i++) {
    const due = began + (i * 1000) / rate;
    if (due > performance.now()) await pause(due - performance.now());
    const id = `bench-${i}`;
    sent.set(id, performance.now());
    const body = { event_id: id, plate_text: `AB${i % 1000}CD`, camera_id: `cam-${i % 4}` };
    const call = keys[i % keys.length] as Call;
    answers.push(
      call("POST", "/events/ingest", body).then(({ status, body: answer }) => {
        if (status !== 202) throw new Error(`${status} ${JSON.stringify(answer)}`);
      }),
    );
  }
  await Promise.all(answers);
  return sent;
}

function report(listeners: Timed[], sent: Map<string, number>, ownP99: number): void {
  const delays = listeners
    .flatMap(({ times }) => [...times].map(([id, at]) => at - (sent.get(id) ?? NaN)))
    .sort((a, b) => a - b);
  const at = (share: number) => Math.round(delays[Math.floor(delays.length * share)] ?? NaN);
  const missing = listeners.reduce((sum, { times }) => sum + total - times.size, 0);
  const doubled = listeners.reduce((sum, one) => sum + one.doubled, 0);
  const lines = [
    `${clients} listeners, ${total} events at ${rate}/s: ${delays.length} messages`,
    `request sent to message received: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, most ${at(0.99999)} ms`,
    `missing ${missing}, doubled ${doubled}; the measuring side's own loop delay p99 ${ownP99.toFixed(0)} ms`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** User and system time of a process (Linux: 100 ticks a second). */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
