import { performance } from "node:perf_hooks";
import { decide } from "../../core/access/decide";
import { indexOf } from "../../core/access/index-lists";
import type { Vehicle } from "../../core/access/types";
import { EMPTY_STATE } from "../../core/access/types";
import { context, group, lists, passage, schedule, vehicle } from "../fixtures/access-sample";
import { randomPlates } from "../fixtures/plates";

/**
 * `npm run bench:decide`: how long a decision over 100,000 vehicles takes (to reach: 1 ms).
 * Vehicles with groups, a schedule and limits; reads exact, confusable and unknown in turn.
 */
const COUNT = 100_000;
const ROUNDS = 20_000;

function fleet(): Vehicle[] {
  return randomPlates(COUNT, 1).map((plate, i) =>
    vehicle(plate, { id: `v${i}`, groups: ["residents"], scheduleId: i % 2 ? "day" : null }),
  );
}

const snapshot = lists({
  vehicles: fleet(),
  groups: [group("residents", { occupancyLimit: 500 })],
  schedules: [
    schedule("day", { windows: [{ days: [1, 2, 3, 4, 5], from: "06:00", to: "22:00" }] }),
  ],
});
const beforeIndex = performance.now();
indexOf(snapshot);
const indexMs = performance.now() - beforeIndex;

const presences = new Map(
  snapshot.vehicles.slice(0, 400).map(({ id, plate }) => {
    const subject = `vehicle:${id}`;
    const where = { inside: true, at: 0, way: "entry" as const, laneId: null, passageId: null };
    return [subject, { subject, plate, groups: ["residents"], ...where }];
  }),
);
const state = { ...EMPTY_STATE, presences };
const where = context({ way: "entry" });
const times: number[] = [];
const counts: Record<string, number> = {};
for (let i = 0; i < ROUNDS; i++) {
  const plate = snapshot.vehicles[(i * 7919) % COUNT]?.plate ?? "";
  const text = i % 3 === 0 ? plate : i % 3 === 1 ? plate.replace("0", "O") : `${plate}X`;
  const thePassage = passage(text);
  const start = performance.now();
  const { decision } = decide(thePassage, snapshot, state, where);
  times.push(performance.now() - start);
  counts[decision.reason] = (counts[decision.reason] ?? 0) + 1;
}
times.sort((a, b) => a - b);
const at = (share: number): string => (times[Math.floor(share * (ROUNDS - 1))] ?? 0).toFixed(4);
const result = {
  vehicles: COUNT,
  decisions: ROUNDS,
  index_ms: Math.round(indexMs),
  p50_ms: Number(at(0.5)),
  p99_ms: Number(at(0.99)),
  max_ms: Number(at(1)),
  reasons: counts,
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
