import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** The gate of the demo; every other shipped file is for every installation. */
const DEMO = "demo-gate.json";

/**
 * Writes the first flows of an installation: the shipped files of flows/, as one,
 * since Node-RED loads a single file. Flows that are there are the integrator's
 * and are never touched.
 * @returns false where there were flows already
 */
export function installFlows(shipped: string, userDir: string, demo: boolean): boolean {
  const target = join(userDir, "flows.json");
  if (existsSync(target)) return false;
  const names = readdirSync(shipped)
    .filter((name) => name.endsWith(".json") && (demo || name !== DEMO))
    .sort((a, b) => order(a) - order(b) || a.localeCompare(b));
  const nodes = names.flatMap((name) => readFlow(join(shipped, name)));
  const twice = nodes.find((node, index) => nodes.findIndex(({ id }) => id === node.id) !== index);
  if (twice) throw new Error(`two shipped nodes have the id ${twice.id}`);
  writeFileSync(target, JSON.stringify(nodes, null, 2), { mode: 0o600 });
  return true;
}

/** Tabs in the editor: what an integrator works on first, the API's many rows last. */
function order(name: string): number {
  if (name === DEMO) return 0;
  return name.startsWith("api-") ? 2 : 1;
}

/** Whether a camera is set up in the flows that are there. */
export function hasCamera(userDir: string): boolean {
  const target = join(userDir, "flows.json");
  if (!existsSync(target)) return false;
  return readFlow(target).some(({ type }) => type === "plategate-camera");
}

/** Whether the demo's gate is among the flows that are there. */
export function hasDemo(userDir: string): boolean {
  const target = join(userDir, "flows.json");
  return existsSync(target) && readFileSync(target, "utf8").includes("${PLATEGATE_DEMO_RELAY_URL}");
}

function readFlow(path: string): FlowNode[] {
  return JSON.parse(readFileSync(path, "utf8")) as FlowNode[];
}
