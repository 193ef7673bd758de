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

/** Shorter secrets could be guessed (reference 3). */
const LEAST_SECRET = 32;

/**
 * What signs access tokens: `JWT_SECRET` where it is set, so that programs that share a
 * database take each other's tokens; else the installation's own.
 * @throws Error for one that is too short
 */
export function tokenSecret(home: string, env: NodeJS.ProcessEnv): string {
  const given = env.JWT_SECRET ?? "";
  if (given === "") return loadSecrets(home).jwt;
  if (given.length < LEAST_SECRET) {
    throw new Error(`JWT_SECRET must have at least ${LEAST_SECRET} characters`);
  }
  return given;
}
