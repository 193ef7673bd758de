import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { TargetRunner } from "../../adapters/outbox/runner";
import { waitFor } from "../fixtures/application";
import { testDatabase } from "../fixtures/databases";
import { anEvent } from "../fixtures/events";
import { outboxOver, RecordingTarget } from "../fixtures/outbox";

/** Hours of the simulated outage; 24 for the figures in docs/benchmarks.md. */
const HOURS = Number(process.env["PLATEGATE_OUTAGE_HOURS"] ?? "0.5");
const KILLS = Number(process.env["PLATEGATE_KILLS"] ?? "6");

describe("outbox: outages", function () {
  it(`loses and doubles nothing over ${HOURS} h at 2 events/s without any target`, async function () {
    this.timeout(120_000 + HOURS * 60_000);
    const made = await testDatabase("sqlite");
    assert(typeof made !== "string");
    let now = Date.UTC(2026, 2, 2);
    const { events, repository, feed } = outboxOver(made.database, {
      clock: () => now,
      limit: 1_000_000,
    });
    const targets = ["broker", "smtp", "webhook", "central"].map((id) => new RecordingTarget(id));
    const runners = targets.map((target) => {
      target.retry = { ...target.retry, initialDelayMs: 1_000, maxDelayMs: 60_000 };
      target.answer = () => ({ result: "unavailable", error: "connection refused" });
      feed.targets.set(target.id, target);
      return new TargetRunner(target, {
        repository: () => Promise.resolve(repository),
        owner: "this",
        clock: () => now,
        random: Math.random,
        lookAgainMs: 2_000,
        readableTo: (time) => feed.positionAt(time),
        signal: new AbortController().signal,
        stopping: () => false,
      });
    });
    const total = HOURS * 7_200;
    const due = runners.map(() => 0);
    for (let count = 0; count < total;) {
      const saves: Promise<unknown>[] = [];
      for (; saves.length < 240 && count < total; count++, now += 500) {
        saves.push(events.save(anEvent(`e${count}`, { laneId: `lane-${count % 4}` }), now));
      }
      await Promise.all(saves);
      for (const [i, runner] of runners.entries()) {
        if ((due[i] ?? 0) <= now) due[i] = await runner.turn();
      }
    }
    const tries = targets.map((target) => target.tries);
    for (const target of targets) target.answer = () => ({ result: "delivered" });
    now += 61_000;
    const started = performance.now();
    await Promise.all(runners.map((runner) => runner.turn()));
    const seconds = (performance.now() - started) / 1000;
    for (const [i, target] of targets.entries()) {
      assert.equal(target.taken.length, total, target.id);
      assert.equal(new Set(target.taken.map(({ id }) => id)).size, total, "doubled ids");
      const last = new Map<string, number>();
      for (const { lane, eventId } of target.taken) {
        const number = Number(eventId?.slice(1));
        assert.ok(number > (last.get(lane) ?? -1), `${target.id}: ${lane} out of order`);
        last.set(lane, number);
      }
      assert.ok((tries[i] ?? 0) >= HOURS * 55, "it was tried all the while");
    }
    assert.equal((await repository.list({ state: "dead" }, { skip: 0, limit: 0 })).total, 0);
    this.test!.title += ` (${total} events to 4 targets caught up in ${seconds.toFixed(1)} s)`;
    await made.drop();
  });

  it(`loses no stored event over ${KILLS} kills, and repeats only under the same id`, async function () {
    this.timeout(60_000 + KILLS * 20_000);
    const home = await mkdtemp(join(tmpdir(), "plategate-outbox-"));
    const received = new Map<string, Set<string>>();
    const order: string[] = [];
    const server = createServer((request, response) => {
      void bodyOf(request).then((text) => {
        const { id, event } = JSON.parse(text) as { id: string; event: string };
        if (!received.has(event)) order.push(event);
        received.set(event, (received.get(event) ?? new Set()).add(id));
        response.end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const acknowledged = new Set<string>();
    const run = (from: number) =>
      spawn(
        process.execPath,
        [join(__dirname, "../fixtures/outbox-killed.js"), home, String(from), url],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const child = run(kill * 100_000);
        const wanted = 20 + Math.floor(Math.random() * 200);
        let count = 0;
        for await (const line of createInterface({ input: child.stdout })) {
          acknowledged.add(line);
          if (++count === wanted) child.kill("SIGKILL");
        }
      }
      const last = run(-1);
      await waitFor(
        () => [...acknowledged].every((id) => received.has(id)) || undefined,
        // the lease of a killed process runs out first
        90_000,
        () => `${acknowledged.size} events, ${received.size} received`,
      );
      last.kill("SIGTERM");
      await once(last, "exit");
    } finally {
      server.close();
      await rm(home, { recursive: true, force: true });
    }
    for (const [event, ids] of received) assert.equal(ids.size, 1, `${event} under two ids`);
    for (const lane of ["a", "b", "c"]) {
      const numbers = order
        .filter((event) => event.startsWith(lane))
        .map((event) => Number(event.slice(2)));
      assert.deepEqual(
        numbers,
        [...numbers].sort((x, y) => x - y),
        `lane ${lane}`,
      );
    }
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
