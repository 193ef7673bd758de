import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSecret, mapStrings } from "../../core/config/secrets";

const FILE = "config.key";
const MARK = "sealed:1:";

/** Keeps secrets unreadable for who has the database or a backup of it, but not the key. */
export class SecretBox {
  constructor(private readonly key: Buffer) {}

  /** Seals every secret in a value (AES-256-GCM). @param owner binds them to their place */
  sealAll<T>(value: T, owner: string): T {
    return mapStrings(value, (text, path) =>
      // what only looks sealed is sealed too, so that it comes out as it went in
      isSecret(text, path) || text.startsWith(MARK) ? this.seal(text, owner) : text,
    ) as T;
  }

  /** Opens what was sealed; what cannot be opened becomes "" and is counted. */
  openAll<T>(value: T, owner: string): { value: T; locked: number } {
    let locked = 0;
    const opened = mapStrings(value, (text) => {
      if (!text.startsWith(MARK)) return text;
      const plain = this.open(text, owner);
      if (plain === null) locked += 1;
      return plain ?? "";
    });
    return { value: opened as T, locked };
  }

  private seal(text: string, owner: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.key, iv).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return MARK + Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
  }

  private open(text: string, owner: string): string | null {
    const bytes = Buffer.from(text.slice(MARK.length), "base64url");
    if (bytes.length < 28) return null;
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.key, bytes.subarray(0, 12))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(12, 28));
      return decipher.update(bytes.subarray(28), undefined, "utf8") + decipher.final("utf8");
    } catch {
      return null;
    }
  }
}

/**
 * The box of an installation: its key is PLATEGATE_CONFIG_KEY (the same for all that
 * share a database), else `config.key` in the home folder, made at the first use for
 * the owner alone.
 */
export function secretBox(home: string, env: NodeJS.ProcessEnv): SecretBox {
  const given = env.PLATEGATE_CONFIG_KEY;
  if (given) return new SecretBox(createHash("sha256").update(given).digest());
  const path = join(home, FILE);
  const found = readKey(path);
  if (found) return new SecretBox(found);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, randomBytes(32), { mode: 0o600, flag: "wx" });
  } catch (error) {
    // another process has just made it
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return new SecretBox(readKey(path) ?? Buffer.alloc(0));
}

function readKey(path: string): Buffer | null {
  let key: Buffer;
  try {
    key = readFileSync(path);
    chmodSync(path, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  if (key.length !== 32) throw new Error(`${path} is no key of 32 bytes; restore it from a backup`);
  return key;
}
