import { lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { packageRoot } from "../../adapters/package/package";

/**
 * Makes Node-RED find this package: as a link in its user directory, unless it
 * is installed beside Node-RED and so found anyway.
 */
export function linkPackage(userDir: string): void {
  const root = packageRoot();
  if (root.split(sep).includes("node_modules")) return;
  const link = join(userDir, "node_modules", "@plategate", "node-red");
  mkdirSync(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link, { recursive: true, force: true });
  symlinkSync(root, link, process.platform === "win32" ? "junction" : "dir");
}

/** Node-RED itself; it is a peer, so that a palette install does not bring a second one. */
export function requireNodeRed(): typeof import("node-red") {
  try {
    return require("node-red") as typeof import("node-red");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error(
      "Node-RED is not installed beside Plategate: npm install node-red @flowfuse/node-red-dashboard",
    );
  }
}
