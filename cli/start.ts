import type { Command } from "commander";
import { existsSync } from "node:fs";
import { appLog } from "./app/logging";
import { startApplication } from "./app/application";

/** How long a stop may take before it is forced, in milliseconds. */
const STOP_LIMIT_MS = 9_000;

/** `plategate start`: the application until SIGINT or SIGTERM. */
export function register(program: Command): void {
  program
    .command("start")
    .description("start the application: nodes, flows, dashboard and API")
    .addHelpText("after", "\nSettings come from environment variables; see docs/running.md.")
    .action(start);
}

/**
 * The current folder's `.env`, beneath what the environment has already; then remarks
 * behind values are taken away, which other loaders keep (`BARRIER_TYPE=gpio  # Options: …`).
 */
function loadEnvironment(): void {
  if (existsSync(".env")) process.loadEnvFile(".env");
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(ALPR|BARRIER)_/.test(name) || value === undefined) continue;
    process.env[name] = value.replace(/\s+#.*$/, "");
  }
}

async function start(): Promise<void> {
  loadEnvironment();
  const written = appLog(process.env);
  const log = (level: "info" | "warn" | "error", message: string): void =>
    written.write(level, message);
  process.on("unhandledRejection", (reason) => {
    log("error", `unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}`);
  });
  const started = performance.now();
  const application = await startApplication(process.env, log);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nPlategate is ready after ${seconds} s`);
  console.log(`  Dashboard  ${application.address}/dashboard`);
  console.log(`  Editor     ${application.address}/admin`);
  console.log(`  Health     ${application.address}/healthz`);
  if (application.firstPassword) {
    console.log(`\n  User admin, password ${application.firstPassword}`);
    console.log(
      "  (shown this once; change it, or set PLATEGATE_ADMIN_PASSWORD before the first start)",
    );
  }
  if (application.demo) {
    console.log(
      "\n  The demo gate is running: sample footage, a software relay, one allowed vehicle.",
    );
    console.log("  PLATEGATE_DEMO=0 turns it off.");
  }
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log("info", `${signal}: stopping`);
    setTimeout(() => {
      log("error", "stopping took too long");
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    void application.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
}
