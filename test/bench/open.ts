import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { loadavg, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { DemoRelay } from "../../adapters/barriers/demo-relay";
import { packageRoot } from "../../adapters/package/package";
import { acquireStore } from "../../adapters/store/store";
import { installFlows } from "../../cli/app/flows";
import type { StoredEvent } from "../../core/events/event";
import { NEWEST_FIRST } from "../../core/events/filters";
import { discard, startApplication, waitFor } from "../fixtures/application";
import { makeFilm, RtspServer } from "../fixtures/rtsp-server";

/**
 * `npm run bench:open`: time to open (to reach: p95 of 800 ms at 1080p on two cores).
 * The demo's clip at 1920 x 1080 over a real RTSP stream, the whole application with
 * the demo gate's flow in a process of its own, a relay on HTTP. Measured as stored with
 * each passage: from the first frame in which the plate was readable to the relay's answer.
 */
const { values } = parseArgs({
  options: {
    passages: { type: "string", default: "20" },
    width: { type: "string", default: "1920" },
    height: { type: "string", default: "1080" },
    fps: { type: "string", default: "25" },
  },
});

const PLATE = "KX48PLG";
/** The part of the clip with the car on the list, and the empty lane after it. */
const PART = ["-ss", "0", "-t", "14"];
const wanted = Number(values.passages);

/** Milliseconds from the first readable frame. */
interface Sample {
  decided: number;
  confirmed: number;
  /** Frames that were read until the decision, the first included. */
  reads: number;
}

async function main(): Promise<void> {
  const clip = join(packageRoot(), "examples", "footage", "gate.mp4");
  const scale = `scale=${values.width}:${values.height},fps=${values.fps}`;
  const film = await makeFilm([...PART, "-i", clip, "-vf", scale], Number(values.fps));
  const camera = new RtspServer({ film });
  const relay = new DemoRelay();
  const home = mkdtempSync(join(tmpdir(), "plategate-bench-"));
  const userDir = join(home, "node-red");
  mkdirSync(userDir, { recursive: true });
  installFlows(join(packageRoot(), "flows"), userDir, true);
  const env = {
    PLATEGATE_DEMO_FOOTAGE: `rtsp://127.0.0.1:${await camera.listen()}/cam`,
    PLATEGATE_DEMO_RELAY_URL: await relay.start(),
  };
  const load = loadavg()[0] ?? 0;
  const app = await startApplication({ home, env });
  try {
    const samples = await collect(home);
    const confirmed = samples.map((one) => one.confirmed).sort((a, b) => a - b);
    const at = (share: number): number => confirmed[Math.ceil(share * confirmed.length) - 1] ?? NaN;
    const result = {
      picture: `${values.width}x${values.height} at ${values.fps} fps, H.264 over RTSP/TCP`,
      passages: samples.length,
      p50_ms: at(0.5),
      p95_ms: at(0.95),
      max_ms: at(1),
      load: [load, loadavg()[0]].map((one) => Number(one?.toFixed(1))),
      samples,
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    await discard(app);
    await Promise.all([camera.close(), relay.stop()]);
  }
}

async function collect(home: string): Promise<Sample[]> {
  const lease = await acquireStore({ home, log: () => undefined });
  try {
    const { events } = await lease.store.open();
    const page = { ...NEWEST_FIRST, skip: 0, limit: 1000 };
    const opened = await waitFor(
      async () => {
        const { items } = await events.list({}, page);
        const found = items.filter((event) => event.timeToOpenMs !== null);
        return found.length >= wanted ? found : undefined;
      },
      wanted * 60_000,
      () => `${wanted} opens`,
    );
    return opened.flatMap((event) => sampleOf(event) ?? []);
  } finally {
    await lease.release();
  }
}

function sampleOf({ plateText, timeToOpenMs, trace, barrier }: StoredEvent): Sample | null {
  if (plateText !== PLATE || timeToOpenMs === null || !trace || !barrier?.confirmedAt) return null;
  const readable = barrier.confirmedAt - timeToOpenMs;
  return {
    decided: trace.clock - readable,
    confirmed: timeToOpenMs,
    reads: trace.votes.length,
  };
}

void main();
