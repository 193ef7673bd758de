import { createHash, randomBytes } from "node:crypto";

interface Login {
  user: string;
  password: string;
}

/**
 * Answers a server's WWW-Authenticate: Digest (RFC 7616: MD5, SHA-256, qop auth, or
 * the older form without qop) where it is offered, else Basic (RFC 7617).
 * @param challenges the header's values
 * @param uri path and query as they are sent
 * @returns the Authorization header, or null when nothing offered is known
 */
export function authorize(
  challenges: string[],
  method: string,
  uri: string,
  login: Login,
): string | null {
  const digests = challenges
    .flatMap((value) => value.split(/,\s*(?=(?:Digest|Basic)\s)/i))
    .filter((value) => /^Digest\s/i.test(value))
    .map(parameters);
  const digest = digests.find((d) => hashName(d["algorithm"]) !== null);
  if (digest) return digestHeader(digest, method, uri, login);
  if (!challenges.some((value) => /(^|,\s*)Basic(\s|$)/i.test(value))) return null;
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
}

function digestHeader(
  challenge: Record<string, string>,
  method: string,
  uri: string,
  { user, password }: Login,
): string {
  const { realm = "", nonce = "", qop, opaque, algorithm } = challenge;
  const name = hashName(algorithm) ?? "md5";
  const hash = (text: string): string => createHash(name).update(text).digest("hex");
  const cnonce = randomBytes(8).toString("hex");
  const session = /-sess$/i.test(algorithm ?? "");
  const first = hash(`${user}:${realm}:${password}`);
  const a1 = session ? hash(`${first}:${nonce}:${cnonce}`) : first;
  const a2 = hash(`${method}:${uri}`);
  const withQop = qop?.split(/,\s*/).includes("auth") ?? false;
  const response = withQop
    ? hash(`${a1}:${nonce}:00000001:${cnonce}:auth:${a2}`)
    : hash(`${a1}:${nonce}:${a2}`);
  const parts = [
    `username="${user.replace(/["\\]/g, "\\$&")}"`,
    ...[`realm="${realm}"`, `nonce="${nonce}"`, `uri="${uri}"`, `response="${response}"`],
    ...(algorithm ? [`algorithm=${algorithm}`] : []),
    ...(opaque ? [`opaque="${opaque}"`] : []),
    ...(withQop || session ? [`cnonce="${cnonce}"`] : []),
    ...(withQop ? ["qop=auth", "nc=00000001"] : []),
  ];
  return `Digest ${parts.join(", ")}`;
}

function parameters(challenge: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key, quoted, bare] of challenge.matchAll(
    /(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g,
  )) {
    if (key) found[key.toLowerCase()] = quoted ?? bare ?? "";
  }
  return found;
}

function hashName(algorithm = "MD5"): "md5" | "sha256" | null {
  const plain = algorithm.replace(/-sess$/i, "").toUpperCase();
  return plain === "MD5" ? "md5" : plain === "SHA-256" ? "sha256" : null;
}
