import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "plate-hash.key";

/**
 * The key that hides plates of unknown vehicles, made at its first use in the home
 * folder for the owner alone. Without `PLATEGATE_HASH_UNKNOWN=1` only a key that is
 * there already is given, so that what was hidden is still found.
 */
export function plateHashKey(home: string, env: NodeJS.ProcessEnv): PlateHashKey {
  const hide = env.PLATEGATE_HASH_UNKNOWN === "1";
  const path = join(home, FILE);
  try {
    const key = readFileSync(path);
    chmodSync(path, 0o600); // a restore may have left it to everybody
    return { key, hide };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (!hide) return { key: null, hide };
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const key = randomBytes(32);
  writeFileSync(path, key, { mode: 0o600, flag: "wx" });
  return { key, hide };
}

export interface PlateHashKey {
  key: Buffer | null;
  /** Whether new events of unknown vehicles are hidden. */
  hide: boolean;
}
