/** What stands in place of a secret. */
const MASK = "***";

/** Names of fields whose value is never shown. */
const SECRET_NAME =
  /pass(word|phrase|wd)?$|secret|token$|api_?key|authorization|cookie|credential|(private|config|hash|signing|encryption|access)_?key|signature/i;

const RULES: readonly [RegExp, string][] = [
  // rtsp://user:password@host
  [/([a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*):[^\s/"']+@/gi, `$1:${MASK}@`],
  // ?token=…&sig=…, and cameras' rtsp://host/user=admin&password=…
  [
    /([?&;/_](?:access_token|refresh_token|token|api_?key|key|sig|signature|secret|password|passwd|pass|pwd|pw)=)[^&\s"'#;]+/gi,
    `$1${MASK}`,
  ],
  [/\b(Bearer|Basic|Digest)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/((?:x-api-key|cookie|set-cookie|authorization)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, `$1${MASK}`],
  // JSON Web Tokens, API keys and session cookies of ours wherever they stand
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/g, MASK],
  [/\bpg_[\w-]{20,}/g, `pg_${MASK}`],
  [/(plategate_session=)[\w-]+/g, `$1${MASK}`],
];

/** Texts that must not be shown wherever they stand, e.g. passwords of the environment. */
export function knownSecrets(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env)
    .filter(([name, value]) => SECRET_NAME.test(name) && (value?.length ?? 0) >= 6)
    .map(([, value]) => value as string);
}

/** A text without the secrets in it. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, MASK);
  for (const [pattern, replacement] of RULES) shown = shown.replace(pattern, replacement);
  return shown;
}

/** A value for a log, without the secrets in its texts and in fields named like one. */
export function redact(value: unknown, secrets: readonly string[] = [], depth = 0): unknown {
  if (typeof value === "string") return redactText(value, secrets);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Error) return redactText(value.stack ?? String(value), secrets);
  if (depth > 5) return "…";
  if (Array.isArray(value)) return value.map((one) => redact(one, secrets, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) && inner !== null && inner !== undefined
        ? MASK
        : redact(inner, secrets, depth + 1),
    ]),
  );
}
