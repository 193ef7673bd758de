import { parseArgs } from "node:util";
import { FalseOpens } from "../fixtures/false-opens";

/**
 * `npm run bench:budget`: what a list opens for that is not on it (to reach: 0 of the
 * non-confusable one-edit neighbours of 1,000 random plates, 95 % of the one-confusable misreads).
 */
const { values } = parseArgs({
  options: {
    plates: { type: "string", default: "1000" },
    seed: { type: "string", default: "7" },
  },
});
const budget = new FalseOpens(Number(values.plates), Number(values.seed));
const neighbours = budget.neighbours();
const misreads = budget.misreads();
const result = {
  plates: Number(values.plates),
  seed: Number(values.seed),
  neighbours: { tried: neighbours.tried, opened: neighbours.opened.length },
  misreads: { ...misreads, percent: Number(((100 * misreads.opened) / misreads.tried).toFixed(2)) },
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
