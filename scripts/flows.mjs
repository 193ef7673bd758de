// Makes flows/api-*.json, one a dialect, from the API's catalogue and flows/dashboard.json from flows/dashboard/*.vue,
// so that the shipped flows cannot drift from the code. `npm run flows`; a test checks that it was run.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { apiFlow } from "./flows/api.mjs";
import { camerasFlow } from "./flows/cameras.mjs";
import { connectionsFlow } from "./flows/connections.mjs";
import { configFlow } from "./flows/config.mjs";
import { dashboardFlow } from "./flows/dashboard.mjs";
import { demoGateFlow } from "./flows/demo-gate.mjs";
import { operationsPage } from "./flows/operations-page.mjs";
import { videoFlow } from "./flows/video.mjs";
import { lprServerFlow } from "./flows/lpr-server.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

/** File name → its content, as it must stand in flows/. */
export function allFlows() {
  const { operations } = require(join(root, "dist", "api", "catalogue.js"));
  const text = (nodes) => `${JSON.stringify(nodes, null, 2)}\n`;
  const files = {};
  for (const dialect of new Set([...operations.values()].map(dialectOf))) {
    const own = [...operations.values()].filter((one) => dialectOf(one) === dialect);
    files[`api-${dialect}.json`] = text(apiFlow(dialect, own));
  }
  return {
    ...files,
    "cameras.json": text(camerasFlow()),
    "config.json": text(configFlow()),
    "connections.json": text(connectionsFlow()),
    "dashboard.json": text(dashboardFlow()),
    "demo-gate.json": text(demoGateFlow()),
    "lpr-server.json": text(lprServerFlow()),
    "video.json": text(videoFlow()),
  };
}

function dialectOf({ id }) {
  return id.split(".")[0];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(allFlows()))
    writeFileSync(join(root, "flows", name), content);
  const { operations } = require(join(root, "dist", "api", "catalogue.js"));
  writeFileSync(join(root, "docs", "operations.md"), operationsPage(operations.values()));
}
