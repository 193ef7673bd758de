// What `npm start`, `npm test` and `npm run plategate` call: sets up what is missing, then does it.
// Plain JavaScript with nothing but Node.js, since it runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = join(root, "node_modules", ".plategate-setup");
const buildStamp = join(root, "dist", ".built");
const [mode, ...rest] = process.argv.slice(2);

checkNode();
install();
build();
if (mode === "start") run("dist/cli/plategate.js", ["start", ...rest]);
else if (mode === "cli") run("dist/cli/plategate.js", rest);
else if (mode === "test") run("scripts/test.mjs", rest);
else {
  console.error("usage: run.mjs start|test|cli [arguments]");
  process.exit(2);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 20)) return;
  console.error(`Plategate needs Node.js 20.20 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs the locked dependencies when they are missing or the lock file has changed. */
function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === lock) return;
  say("Installing dependencies (a few minutes the first time) …");
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    // The CPU library is inside the package; its script would fetch GPU parts from another host.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
    shell: process.platform === "win32",
  });
  if (result.status !== 0) fail("npm ci failed; see above. Is the npm registry reachable?");
  writeFileSync(stampFile, lock);
}

/** Compiles when a source is newer than the last build. */
function build() {
  const newest = Math.max(
    ...[
      "core",
      "adapters",
      "workers",
      "api",
      "nodes",
      "cli",
      "dashboard",
      "test",
      "examples",
      "icons",
      "scripts",
      "tsconfig.json",
    ].map((name) => newestUnder(join(root, name))),
  );
  if (existsSync(buildStamp) && statSync(buildStamp).mtimeMs >= newest) return;
  say("Building …");
  const started = new Date();
  const result = spawnSync(process.execPath, [join(root, "scripts", "build.mjs"), "--clean"], {
    cwd: root,
    stdio: "inherit",
  });
  if (result.status !== 0) fail("the build failed; see above");
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, started.toISOString());
}

function newestUnder(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((name) => name !== "node_modules")
      .map((name) => newestUnder(join(path, name))),
  );
}

/** Runs a script in place of this process: signals go on to it, its exit status is ours. */
function run(script, args) {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: mode === "test" ? root : process.cwd(),
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function say(text) {
  // Not stdout: commands such as `read --json` own it.
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
