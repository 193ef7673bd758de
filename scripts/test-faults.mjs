// `npm run test:faults -- [kills]`: the fault tests with 1,000 kills instead of the few of `npm test`.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
const tests = ["unit/store-faults.test.js", "runtime/ingest-faults.test.js"];
const result = spawnSync(
  process.execPath,
  [mocha, ...tests.map((file) => join(root, "dist", "test", file))],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PLATEGATE_KILLS: process.argv[2] ?? "1000" },
  },
);
process.exit(result.status ?? 1);
