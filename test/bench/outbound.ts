// `npm run bench:outbound -- [--rate 100] [--seconds 60]`
// Notifications of mixed kinds (mail, Telegram, webhook, MQTT): what they leave of the main loop.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Store } from "../../adapters/store/store";
import type { Channel } from "../../core/notify/types";
import { waitFor } from "../fixtures/application";
import { anEvent } from "../fixtures/events";
import { startBroker } from "../fixtures/mqtt-kit";
import { photo, smtp } from "../fixtures/notify-kit";
import { notify, World, type Ports } from "./parts";
import { plateOf } from "./world";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "60" },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const LANES = 4;
/** Each event is told by all of them. */
const CHANNELS = 4;

void main();

async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "plategate-outbound-"));
  const world = World.start();
  const broker = await startBroker();
  const store = new Store({ home, env: {}, log: () => undefined });
  try {
    const any: Ports = { mail: 0, webhook: 0, telegram: 0, central: 0, broker: broker.port };
    const ports = await world.open(any, LANES);
    await store.open();
    const rules = channelsOf(ports).map(([channel, address]) =>
      notify(store, channel, ["unknown"], address),
    );
    const picture = await photo();
    await run(store, picture, 0, 5); // warm
    const monitor = monitorEventLoopDelay({ resolution: 5 });
    const cpu = process.cpuUsage();
    monitor.enable();
    await run(store, picture, 5 * (rate / CHANNELS), seconds);
    monitor.disable();
    const { user, system } = process.cpuUsage(cpu);
    const events = Math.floor((seconds + 5) * (rate / CHANNELS));
    await waitFor(
      async () => {
        const { mail, telegram, webhook, broker: heard } = await world.report();
        const all = [mail, telegram, webhook, heard];
        return all.every(({ different }) => different >= events) ? true : undefined;
      },
      60_000,
      () => "all notifications",
    );
    const ms = (nanoseconds: number): string => (nanoseconds / 1e6 - 5).toFixed(1);
    process.stdout.write(
      `${rate} notifications a second for ${seconds} s, with pictures where the kind has them:\n` +
        `main loop's delay p50 ${ms(monitor.percentile(50))} ms, p99 ${ms(monitor.percentile(99))} ms, ` +
        `most ${ms(monitor.max)} ms (5 ms of sampling taken off)\n` +
        `${((user + system) / 1e4 / seconds).toFixed(0)} % of a core; all ${events * CHANNELS} arrived\n`,
    );
    for (const rule of rules) await rule.close();
  } finally {
    await store.close();
    world.stop();
    await broker.stop();
    await rm(home, { recursive: true, force: true });
  }
}

function channelsOf(ports: Ports): [Channel, string][] {
  const url = `http://127.0.0.1:${ports.webhook}/notices`;
  return [
    [smtp(ports.mail), "guard@example.org"],
    [{ type: "telegram", token: "1:bench", api_url: `http://127.0.0.1:${ports.telegram}` }, "100"],
    [{ type: "webhook", url, headers: {}, secret: "s3cret", signing_secret: "" }, ""],
    [
      {
        ...{ type: "mqtt", url: `mqtt://127.0.0.1:${ports.broker}`, username: "", password: "" },
        ...{ topic: "plategate/notices", qos: 1, ca: "" },
      },
      "",
    ],
  ];
}

/** Stores refused vehicles at an even pace; each is four notifications. */
async function run(store: Store, picture: Buffer, from: number, forSeconds: number): Promise<void> {
  const perSecond = rate / CHANNELS;
  const began = performance.now();
  for (let done = 0; done < Math.floor(forSeconds * perSecond); done++) {
    const due = began + (done / perSecond) * 1000;
    if (due > performance.now()) await delay(due - performance.now());
    const n = Math.floor(from) + done;
    const event = anEvent(`outbound-${n}`, {
      ...{ timestamp: Date.now(), plateText: plateOf(n), laneId: `lane-${n % LANES}` },
      ...{ decision: "deny", reason: "unknown_plate" },
    });
    await store.writer.write({ kind: "event", event, images: { frame: null, crop: picture } });
  }
}
