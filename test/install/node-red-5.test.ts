import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { installInto, packTarball, wantedVersion } from "../fixtures/packed";

/** Node.js 24 and Node-RED 5 come from the registry, for this test alone. */
const NODE = "node@24";
const NODE_RED = "node-red@5.0";

describe("the packed package with Node-RED 5 on Node.js 24", function () {
  this.timeout(900_000);
  let folder: string;
  let installed: string;
  let app: RunningApplication | undefined;

  before(function () {
    if (process.platform !== "linux") return this.skip();
    folder = mkdtempSync(join(tmpdir(), "plategate-pack-"));
    const dashboard = `@flowfuse/node-red-dashboard@${wantedVersion("@flowfuse/node-red-dashboard")}`;
    installed = installInto("node-red-5", [packTarball(folder), NODE_RED, dashboard, NODE]);
  });
  after(async () => {
    await discard(app);
    for (const path of [folder, installed])
      if (path) rmSync(path, { recursive: true, force: true });
  });

  it("starts, is healthy, decides at the demo gate and stops", async () => {
    app = await startApplication({
      node: join(installed, "node_modules", "node", "bin", "node"),
      program: join(
        installed,
        "node_modules",
        "@plategate",
        "node-red",
        "dist",
        "cli",
        "plategate.js",
      ),
      env: { PLATEGATE_DEMO: "1" },
      limit: 240_000,
    });
    assert.match(app.output(), /Node-RED version: v5\./);
    const seen = new Map<string, string | null>();
    const end = Date.now() + 180_000;
    while (
      !(seen.get("KX48PLG") === "open" && seen.get("BGT7305") === "deny") &&
      Date.now() < end
    ) {
      const body = (await (await app.get("/api/v1/passages")).json()) as {
        items: { plate: string; decision: string | null }[];
      };
      for (const { plate, decision } of body.items) seen.set(plate, decision);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.equal(seen.get("KX48PLG"), "open", JSON.stringify([...seen]));
    assert.equal(seen.get("BGT7305"), "deny", JSON.stringify([...seen]));
    assert.equal(await app.stop(), 0, app.output());
  });
});
