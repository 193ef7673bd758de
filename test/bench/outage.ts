// `npm run bench:outage` (PLATEGATE_OUTAGE_HOURS=24, --hours): an outage of broker, mail
// server, webhook and central at 2 events a second, the events of the time stored as fast as
// they go; then all come back. How long until each has everything, and whether once and in order.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Store } from "../../adapters/store/store";
import { waitFor } from "../fixtures/application";
import { anEvent } from "../fixtures/events";
import { freePort, startBroker } from "../fixtures/mqtt-kit";
import { smtp } from "../fixtures/notify-kit";
import { notify, toBroker, toCentral, toWebhook, World, type Ports } from "./parts";
import { plateOf, type Heard, type Kind } from "./world";

const { values } = parseArgs({ options: { hours: { type: "string" } } });
const hours = Number(values.hours ?? process.env["PLATEGATE_OUTAGE_HOURS"] ?? 1);
const RATE = 2;
const LANES = 4;
/** Of so many vehicles one is refused, which is told by mail. */
const MAILED = 10;
const AT_ONCE = 64;
const LIMIT_MS = 3_600_000;
const total = Math.round(hours * 3600 * RATE);

void main();

async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "plategate-outage-"));
  const ports: Ports = { mail: 0, webhook: 0, telegram: 0, central: 0, broker: 0 };
  for (const kind of Object.keys(ports) as Kind[]) ports[kind] = await freePort();
  say(`${total} events, ${hours} h at ${RATE} a second, ${LANES} lanes; nobody is there`);
  const began = Date.now();
  const before = await openStore(home, ports);
  await save(before.store, 0, Math.floor(total / 2));
  await before.close(); // a restart in the middle of it
  const { store, close } = await openStore(home, ports);
  await save(store, Math.floor(total / 2), total);
  say(`stored in ${seconds(Date.now() - began)} s, with a restart in the middle`);
  const world = World.start();
  const broker = await startBroker({ port: ports.broker });
  try {
    const back = Date.now();
    await world.open(ports, LANES);
    await waitFor(
      async () => (complete(await world.report()) ? true : undefined),
      LIMIT_MS,
      () => "everything to come",
    );
    show(await world.report(), back);
  } finally {
    await close();
    world.stop();
    await broker.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function openStore(
  home: string,
  ports: Ports,
): Promise<{ store: Store; close: () => Promise<void> }> {
  const store = new Store({
    home,
    env: { PLATEGATE_OUTBOX_LIMIT: "1000000" },
    log: () => undefined,
  });
  toBroker(store, ports.broker);
  toCentral(store, ports.central);
  toWebhook(store, ports.webhook);
  const rule = notify(store, smtp(ports.mail), ["unknown"], "guard@example.org");
  await store.open();
  return {
    store,
    close: async () => {
      await rule.close();
      await store.close();
    },
  };
}

async function save(store: Store, from: number, to: number): Promise<void> {
  const start = Date.now() - total * (1000 / RATE);
  for (let next = from; next < to;) {
    const some: Promise<unknown>[] = [];
    for (; some.length < AT_ONCE && next < to; next++) {
      const timestamp = Math.round(start + next * (1000 / RATE));
      const refused = { decision: "deny", reason: "unknown_plate" } as const;
      const event = anEvent(`outage-${next}`, {
        ...{ timestamp, plateText: plateOf(next), laneId: `lane-${next % LANES}` },
        ...(next % MAILED === 0 ? refused : { decision: "open", reason: "allowed" }),
      });
      some.push(store.writer.write({ kind: "event", event, images: { frame: null, crop: null } }));
    }
    await Promise.all(some);
  }
}

function wantedOf(kind: Kind): number {
  if (kind === "telegram") return 0;
  return kind === "mail" ? Math.ceil(total / MAILED) : total;
}

function complete(heard: Record<Kind, Heard>): boolean {
  return Object.entries(heard).every(
    ([kind, { different }]) => different >= wantedOf(kind as Kind),
  );
}

function show(heard: Record<Kind, Heard>, back: number): void {
  for (const [kind, one] of Object.entries(heard) as [Kind, Heard][]) {
    const wanted = wantedOf(kind);
    if (wanted === 0) continue;
    const lost = wanted - one.different;
    const doubled = one.total - one.different;
    const after = seconds(one.lastAt - back);
    say(
      `${kind}: ${wanted} caught up in ${after} s; ${lost} lost, ${doubled} doubled, ${one.disordered} out of order`,
    );
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
