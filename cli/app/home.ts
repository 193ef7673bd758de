import { mkdirSync, openSync, readFileSync, rmSync, writeSync, closeSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder that everything is written to (PLATEGATE_HOME, default ./data). */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  return resolve(env.PLATEGATE_HOME || "data");
}

/** Where Node-RED keeps its flows and settings. */
export function userDir(home: string): string {
  return join(home, "node-red");
}

/**
 * Takes the home folder for this process: two programs writing the same database,
 * flows and pictures would spoil them.
 * @returns a function that gives it back
 * @throws when a living process has it
 */
export function lockHome(home: string): () => void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, "plategate.pid");
  for (let attempt = 0; ; attempt += 1) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 0) throw error;
      const owner = Number(readFileSync(path, "utf8"));
      if (owner !== process.pid && isAlive(owner)) {
        throw new Error(
          `${home} is in use by process ${owner}; stop it, or set PLATEGATE_HOME to another folder`,
        );
      }
      rmSync(path, { force: true }); // left by a process that was killed
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
