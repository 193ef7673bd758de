import { createHash, randomBytes } from "node:crypto";

/** A Digest challenge (RFC 7616), as the server sent it. */
export interface DigestChallenge {
  realm: string;
  nonce: string;
  opaque: string | null;
  algorithm: string;
  qop: string[];
  stale: boolean;
}

const HASHES: Record<string, string> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};

/**
 * The strongest Digest challenge of a `WWW-Authenticate` header, or null where
 * there is none that we can answer.
 */
export function parseChallenge(header: string | string[] | undefined): DigestChallenge | null {
  const headers = header === undefined ? [] : [header].flat();
  const found = headers
    .flatMap((text) => text.split(/,\s*(?=(?:Digest|Basic|Bearer|Negotiate|NTLM)\b)/i))
    .filter((text) => /^\s*Digest\s/i.test(text))
    .map(parseOne)
    .filter((challenge) => challenge !== null);
  const strength = Object.keys(HASHES);
  const rank = (challenge: DigestChallenge): number =>
    strength.indexOf(challenge.algorithm.toUpperCase().replace(/-SESS$/, ""));
  return found.sort((a, b) => rank(b) - rank(a))[0] ?? null;
}

function parseOne(text: string): DigestChallenge | null {
  const fields: Record<string, string> = {};
  for (const match of text.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    const [, name = "", quoted, bare] = match;
    fields[name.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "";
  }
  const algorithm = fields.algorithm ?? "MD5";
  if (!fields.nonce || !HASHES[algorithm.toUpperCase().replace(/-SESS$/, "")]) return null;
  return {
    realm: fields.realm ?? "",
    nonce: fields.nonce,
    opaque: fields.opaque ?? null,
    algorithm,
    qop: (fields.qop ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
    stale: fields.stale?.toLowerCase() === "true",
  };
}

/** What is to be signed. */
export interface DigestRequest {
  method: string;
  /** Path and query as sent. */
  uri: string;
  user: string;
  password: string;
  /** How often this nonce has been used, from 1. */
  count: number;
  cnonce?: string;
}

/** The `Authorization` header that answers a challenge. */
export function digestHeader(challenge: DigestChallenge, request: DigestRequest): string {
  const algorithm = challenge.algorithm.toUpperCase();
  const hashName = HASHES[algorithm.replace(/-SESS$/, "")] ?? "md5";
  const hash = (text: string): string => createHash(hashName).update(text).digest("hex");
  const { user, password, method, uri } = request;
  const cnonce = request.cnonce ?? randomBytes(8).toString("hex");
  const nc = request.count.toString(16).padStart(8, "0");
  const first = hash(`${user}:${challenge.realm}:${password}`);
  const a1 = algorithm.endsWith("-SESS") ? hash(`${first}:${challenge.nonce}:${cnonce}`) : first;
  const a2 = hash(`${method}:${uri}`);
  const qop = challenge.qop.includes("auth") ? "auth" : null;
  const response = hash(
    qop
      ? `${a1}:${challenge.nonce}:${nc}:${cnonce}:${qop}:${a2}`
      : `${a1}:${challenge.nonce}:${a2}`,
  );
  const quoted: [string, string | null][] = [
    ["username", user],
    ["realm", challenge.realm],
    ["nonce", challenge.nonce],
    ["uri", uri],
    ["response", response],
    ["opaque", challenge.opaque],
  ];
  const parts = quoted
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}="${(value ?? "").replace(/["\\]/g, "\\$&")}"`);
  parts.push(`algorithm=${challenge.algorithm}`);
  if (qop) parts.push(`qop=${qop}`, `nc=${nc}`);
  if (qop || algorithm.endsWith("-SESS")) parts.push(`cnonce="${cnonce}"`);
  return `Digest ${parts.join(", ")}`;
}
