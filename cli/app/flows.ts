import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FlowNode } from "./environment-flow";

/** What was installed: shipped file → node id → fingerprint. */
type Receipt = Record<string, Record<string, string>>;

/** The gate of the demo; every other shipped file is for every installation. */
const DEMO = "demo-gate.json";
/** Made at the start of the environment's variables, and treated like a shipped file. */
const ENVIRONMENT = "environment";
/** Where the receipt is kept, beside the flows. */
const RECEIPT = "shipped-flows.json";

/**
 * Installs the shipped files of flows/, as one file, since Node-RED loads a single
 * one, and brings them up to date after an upgrade. A shipped file that the
 * integrator has changed or deleted is theirs and never touched again.
 * @param shipped folder of the shipped flows
 * @param userDir Node-RED's user directory
 * @param demo install the demo's gate too, where nothing is installed yet
 * @param environment nodes made of the environment's variables; none takes them out again
 * @returns shipped files that a newer version would replace but somebody has changed
 */
export function installFlows(
  shipped: string,
  userDir: string,
  demo: boolean,
  environment: FlowNode[] = [],
): string[] {
  const target = join(userDir, "flows.json");
  const first = !existsSync(target);
  let nodes = first ? [] : readFlow(target);
  const receipt = first ? {} : readReceipt(userDir);
  const kept: string[] = [];
  const files = shippedFiles(shipped).map((name) => [name, readFlow(join(shipped, name))] as const);
  for (const [name, fresh] of [[ENVIRONMENT, environment] as const, ...files]) {
    const known = receipt[name];
    const unwanted = fresh.length === 0 || (name === DEMO && !(first && demo));
    if (known ? same(known, fingerprints(fresh)) : unwanted) continue;
    if (known && !isUntouched(known, nodes)) {
      kept.push(name);
      continue;
    }
    const gone = new Set(Object.keys(known ?? {}));
    nodes = nodes.filter(({ id }) => !gone.has(id));
    if (fresh.some(({ id }) => nodes.some((node) => node.id === id))) {
      if (first) throw new Error(`a node of ${name} has the id of another shipped node`);
      kept.push(name); // imported by hand, or installed before receipts were kept
      continue;
    }
    nodes = [...nodes, ...fresh];
    receipt[name] = fingerprints(fresh);
  }
  write(target, nodes);
  write(join(userDir, RECEIPT), receipt);
  return kept;
}

/** Tabs in the editor: what an integrator works on first, the API's many rows last. */
function shippedFiles(folder: string): string[] {
  const order = (name: string) => (name === DEMO ? 0 : name.startsWith("api-") ? 2 : 1);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort((a, b) => order(a) - order(b) || a.localeCompare(b));
}

/** Whether all nodes of a shipped file stand there as they were installed. */
function isUntouched(known: Record<string, string>, nodes: FlowNode[]): boolean {
  const now = fingerprints(nodes.filter(({ id }) => id in known));
  return same(known, now);
}

function same(a: Record<string, string>, b: Record<string, string>): boolean {
  const ids = Object.keys(a);
  return ids.length === Object.keys(b).length && ids.every((id) => a[id] === b[id]);
}

function fingerprints(nodes: FlowNode[]): Record<string, string> {
  return Object.fromEntries(nodes.map((node) => [node.id, fingerprint(node)]));
}

/** Of what a node does; where it stands on the tab does not count. */
function fingerprint(node: FlowNode): string {
  const fields = Object.entries(node)
    .filter(([name]) => name !== "x" && name !== "y")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(fields)).digest("base64url").slice(0, 22);
}

function readReceipt(userDir: string): Receipt {
  const path = join(userDir, RECEIPT);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Receipt) : {};
}

/** Written beside and renamed: a power cut leaves the old file or the new one. */
function write(path: string, content: unknown): void {
  const text = JSON.stringify(content, null, 2);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
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
