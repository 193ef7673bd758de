import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Secrets of one installation, made at its first start. */
export interface Secrets {
  /** Signs access tokens. */
  jwt: string;
  /** Signs picture addresses. */
  urls: string;
  /** Encrypts Node-RED's credentials file. */
  nodeRedCredentials: string;
}

/**
 * Reads `secrets.json` of the home folder, making it (owner-only) where it is
 * missing. A file that is there but broken is an error: making a new one would
 * silently lose every stored credential.
 */
export function loadSecrets(home: string): Secrets {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, "secrets.json");
  if (!existsSync(path)) {
    const random = () => randomBytes(32).toString("base64url");
    const made: Secrets = { jwt: random(), urls: random(), nodeRedCredentials: random() };
    writeFileSync(`${path}.new`, JSON.stringify(made, null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return made;
  }
  chmodSync(path, 0o600);
  const read = JSON.parse(readFileSync(path, "utf8")) as Partial<Secrets>;
  if (!read.jwt || !read.urls || !read.nodeRedCredentials) {
    throw new Error(`${path} is incomplete; restore it from a backup`);
  }
  return read as Secrets;
}
