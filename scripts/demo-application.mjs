import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const PASSWORD = "a password for this demo";

/** Runs the demo on a free port and a fresh home, for as long as the work takes. */
export async function startDemo(work) {
  const home = mkdtempSync(join(tmpdir(), "plategate-demo-"));
  const app = spawn(process.execPath, [join(root, "dist", "cli", "plategate.js"), "start"], {
    env: {
      ...process.env,
      PORT: "0",
      LPR_PORT: "0",
      PLATEGATE_HOME: home,
      PLATEGATE_ADMIN_PASSWORD: PASSWORD,
      PLATEGATE_DEMO: "1",
      LOG_LEVEL: "error",
      RATE_LIMITS: "off",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const address = await addressOf(app);
    const token = await tokenOf(address);
    const headers = { Authorization: `Bearer ${token}` };
    await work({ address, request: (path) => fetch(address + path, { headers }) });
  } finally {
    app.kill("SIGTERM");
    await new Promise((resolve) => (app.exitCode === null ? app.once("exit", resolve) : resolve()));
    rmSync(home, { recursive: true, force: true });
  }
}

async function tokenOf(address) {
  const answer = await fetch(`${address}/auth/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "admin", password: PASSWORD }),
  });
  const { access_token: token } = await answer.json();
  return token;
}

/** Where it listens, once it is ready. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const found = /Dashboard {2}(http:\/\/\S+)\/dashboard/.exec(output);
      if (found) resolve(found[1]);
    });
    child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
  });
}
