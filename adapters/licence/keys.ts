import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LicenceError, licenceSchema, type Licence } from "../../core/licence/licence";

const PREFIX = "PG1";
const SIGNING_FILE = "licence-signing.pem";
const TRUSTED_FILE = "licence-trusted.pem";

/** A licence as a key: `PG1.<payload>.<signature>`, base64url, Ed25519 over `PG1.<payload>`. */
export function issueLicence(licence: Licence, key: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(licenceSchema.parse(licence))).toString("base64url");
  const signed = `${PREFIX}.${payload}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`;
}

/**
 * What a key says, once its signature is found good. Needs no network.
 * @throws LicenceError malformed, bad_signature
 */
export function readLicence(key: string, trusted: KeyObject): Licence {
  const [prefix, payload, signature, ...rest] = key.trim().split(".");
  const plain = /^[A-Za-z0-9_-]+$/;
  const whole = prefix === PREFIX && payload && signature && rest.length === 0;
  if (!whole || !plain.test(payload) || !plain.test(signature)) {
    throw new LicenceError("malformed", "This is no licence key");
  }
  const good = verify(
    null,
    Buffer.from(`${prefix}.${payload}`),
    trusted,
    Buffer.from(signature, "base64url"),
  );
  if (!good) throw new LicenceError("bad_signature", "The key's signature is not good");
  const parsed = licenceSchema.safeParse(jsonOf(payload));
  if (!parsed.success) throw new LicenceError("malformed", "The licence in the key is broken");
  return parsed.data;
}

function jsonOf(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString()) as unknown;
  } catch {
    return null;
  }
}

/**
 * The key that licences must be signed with: PLATEGATE_LICENCE_PUBLIC_KEY (PEM), else
 * `licence-trusted.pem` of the home folder.
 * @throws LicenceError not_trusted where there is none
 */
export function trustedKey(home: string, env: NodeJS.ProcessEnv): KeyObject {
  const file = join(home, TRUSTED_FILE);
  const pem =
    env.PLATEGATE_LICENCE_PUBLIC_KEY?.replaceAll("\\n", "\n") ??
    (existsSync(file) ? readFileSync(file, "utf8") : null);
  if (!pem) throw new LicenceError("not_trusted", "No key that signs licences is known here");
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== "ed25519") {
    throw new LicenceError("not_trusted", "The key that signs licences is no Ed25519 key");
  }
  return key;
}

/**
 * The issuer's own key, made at its first use (owner-only), with the public half
 * beside it as `licence-trusted.pem`.
 */
export function signingKey(folder: string): KeyObject {
  const file = join(folder, SIGNING_FILE);
  if (existsSync(file)) return createPrivateKey(readFileSync(file, "utf8"));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), {
    mode: 0o600,
    flag: "wx",
  });
  writeFileSync(join(folder, TRUSTED_FILE), publicKey.export({ type: "spki", format: "pem" }));
  return privateKey;
}
