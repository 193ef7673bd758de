// Runs the linter and all tests, a process per group (per file where a test starts the whole
// application), and prints the totals. `npm test -- unit` runs one group, `npm test -- plates` the
// files whose names contain the word.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const words = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), "plategate-test-"));
const totals = { passes: 0, failures: 0, pending: 0, skips: [] };

/** Groups in the order they run; `each` gives every file a process of its own. */
const GROUPS = [
  { name: "unit", each: false, minutes: 20 },
  { name: "nodes", each: false, minutes: 15 },
  { name: "runtime", each: true, minutes: 10 },
  { name: "browser", each: true, minutes: 10 },
  { name: "install", each: true, minutes: 15 },
];

if (words.length === 0) lint();
for (const group of GROUPS) {
  const files = testFiles(group.name).filter((file) => wanted(group.name, file));
  if (files.length === 0) continue;
  console.log(`\n=== ${group.name} (${files.length} files)`);
  if (group.name === "browser") ensureBrowser();
  for (const batch of group.each ? files.map((file) => [file]) : [files])
    mocha(batch, group.minutes);
}
rmSync(scratch, { recursive: true, force: true });

if (totals.skips.length > 0) {
  console.log("\nSkipped:");
  for (const title of totals.skips) console.log(`  - ${title}`);
}
console.log(`\n${totals.passes} passed, ${totals.failures} failed, ${totals.pending} skipped`);
process.exit(totals.failures > 0 || totals.passes === 0 ? 1 : 0);

function wanted(group, file) {
  return (
    words.length === 0 || words.some((word) => word === group || basename(file).includes(word))
  );
}

function testFiles(group) {
  const folder = join(root, "dist", "test", group);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.js"))
    .map((name) => join(folder, name))
    .sort();
}

function lint() {
  console.log("=== lint");
  const tools = [
    [join(dirname(require.resolve("eslint/package.json")), "bin", "eslint.js"), ["."]],
    [require.resolve("prettier/bin/prettier.cjs"), ["--check", "--log-level=warn", "."]],
  ];
  for (const [tool, args] of tools) {
    const result = spawnSync(process.execPath, [tool, ...args], { cwd: root, stdio: "inherit" });
    if (result.status === 0) totals.passes += 1;
    else totals.failures += 1;
  }
}

/** As root on a Debian-like system a missing browser is installed; elsewhere the tests say skipped. */
function ensureBrowser() {
  const { browserPath } = require(join(root, "dist", "test", "fixtures", "browser.js"));
  const apt = spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
  if (browserPath() || process.getuid?.() !== 0 || !apt) return;
  console.log("Installing Chromium for the browser tests …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env });
  spawnSync("apt-get", ["install", "-y", "-qq", "chromium"], { stdio: "ignore", env });
}

/** One mocha process; one that ends without totals (a crash, a hang) is a failure. */
function mocha(files, minutes) {
  const totalsFile = join(scratch, "totals.json");
  rmSync(totalsFile, { force: true });
  const result = spawnSync(
    process.execPath,
    [
      require.resolve("mocha/bin/mocha.js"),
      "--reporter",
      join(root, "scripts", "mocha-reporter.cjs"),
      ...files,
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      timeout: minutes * 60_000,
      killSignal: "SIGKILL",
      env: { ...process.env, PLATEGATE_TEST_TOTALS: totalsFile, ONNXRUNTIME_NODE_INSTALL: "skip" },
    },
  );
  if (!existsSync(totalsFile)) {
    totals.failures += 1;
    console.log(
      `FAILED: ${files.map((file) => basename(file)).join(", ")} ended early (${result.signal ?? result.status})`,
    );
    return;
  }
  const one = JSON.parse(readFileSync(totalsFile, "utf8"));
  totals.passes += one.passes;
  totals.failures += one.failures;
  totals.pending += one.pending;
  totals.skips.push(...one.skips);
  if (result.signal) {
    // Tests passed, but something they opened was never closed.
    totals.failures += 1;
    console.log(`FAILED: ${files.map((file) => basename(file)).join(", ")} did not end by itself`);
  }
}
