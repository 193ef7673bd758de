/**
 * Which fields of a configured thing are secret, and how they are shown: whole fields
 * as "***", passwords inside of addresses as "rtsp://admin:***@host" and
 * "http://host/snapshot?user=admin&pwd=***". Whoever sends a mask back keeps what it stands for.
 */
export const MASK = "***";

const SECRET_NAME =
  /(pass(word|wd|phrase)?|secret|token|api[-_]?key|auth(orization)?|cookie|credentials?|private[-_]?key)$/i;
/** Of headers ("Ocp-Apim-Subscription-Key", "X-Signature") more are. */
const SECRET_HEADER = /(key|signature|session|bearer)$/i;
/** Below `auth` everything is secret but what says how. */
const AUTH_OPEN = /^(type|username|user|header|scheme|realm|name)$/i;
const PASSWORD_IN_URL = /^([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:)([^\s/]*)(@.*)$/is;

const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;
/** In a query, or in the path as in "rtsp://host/user=admin&password=x" and "…_password=x". */
const SECRET_PARAMETER =
  /([?&;/_](password|passwd|pass|pwd|token|api_?key|secret|sig)=)([^&#\s"']+)/gi;

type Path = readonly string[];
export type StringChange = (text: string, path: Path) => string;

/** Paths that are keys themselves: of chats' webhooks, and of Telegram's bots. */
const SECRET_PATHS: readonly RegExp[] = [
  /(\/services\/[^/?#]+\/[^/?#]+\/)([^/?#]+)/,
  /(\/api\/webhooks\/\d+\/)([^/?#]+)/,
  /(\/webhookb2\/)([^?#]+)/,
  /(\/bot\d+:)([^/?#]+)/,
];

/** Every string of a value, changed; the value itself stays as it is. */
export function mapStrings(value: unknown, change: StringChange, path: Path = []): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) {
    return value.map((one, i) => mapStrings(one, change, [...path, String(i)]));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, mapStrings(one, change, [...path, name])]),
  );
}

/** Whether a string holds a secret: a secret field, or an address with a password in it. */
export function isSecret(text: string, path: Path): boolean {
  return text !== "" && (isSecretPath(path) || maskUrl(text) !== text);
}

/** A copy for people and logs, its secrets masked. */
export function masked<T>(value: T): T {
  return mapStrings(value, (text, path) => {
    if (!isSecret(text, path)) return text;
    return isSecretPath(path) ? MASK : maskUrl(text);
  }) as T;
}

/** A mask that stands for nothing; its message names the field. */
export class MaskError extends Error {
  constructor(readonly field: string) {
    super(`"${MASK}" stands for a secret, and there is none stored here`);
    this.name = "MaskError";
  }
}

/**
 * Puts stored secrets back in the place of masks.
 * @param before what is stored
 * @throws MaskError where there is nothing to put back
 */
export function unmasked<T>(value: T, before: unknown): T {
  return mapStrings(value, (text, path) => {
    const old = at(before, path);
    if (isSecretPath(path)) {
      if (text !== MASK) return text;
      if (typeof old === "string" && old !== "") return old;
      throw new MaskError(path.join("."));
    }
    const restored = unmaskUrl(text, typeof old === "string" ? old : "");
    if (restored === null) throw new MaskError(path.join("."));
    return restored;
  }) as T;
}

/** An address with the secrets in its query and path masked; other texts as they are. */
export function maskParameters(text: string): string {
  if (!URL_START.test(text)) return text;
  const named = text.replace(SECRET_PARAMETER, `$1${MASK}`);
  return SECRET_PATHS.reduce((shown, pattern) => shown.replace(pattern, `$1${MASK}`), named);
}

/** Null where a mask stands for nothing in the address that is stored. */
function unmaskUrl(text: string, old: string): string | null {
  const parts = PASSWORD_IN_URL.exec(text);
  if (parts?.[2] !== MASK) return unmaskParameters(text, old);
  const password = PASSWORD_IN_URL.exec(old)?.[2];
  if (password === undefined) return null;
  return unmaskParameters(`${parts[1]}${password}${parts[3]}`, old);
}

/** Each mask stands for the stored value of its name; of a name that comes again, in order. */
function unmaskParameters(text: string, old: string): string | null {
  if (!URL_START.test(text)) return text;
  const stored = new Map<string, string[]>();
  for (const [, , name = "", value = ""] of old.matchAll(SECRET_PARAMETER)) {
    const key = name.toLowerCase();
    stored.set(key, [...(stored.get(key) ?? []), value]);
  }
  let complete = true;
  const restored = text.replace(
    SECRET_PARAMETER,
    (whole, start: string, name: string, value: string) => {
      const before = stored.get(name.toLowerCase())?.shift();
      if (value !== MASK) return whole;
      if (before === undefined) complete = false;
      return start + (before ?? "");
    },
  );
  const whole = SECRET_PATHS.reduce((shown, pattern) => {
    return shown.replace(pattern, (same, start: string, value: string) => {
      const before = pattern.exec(old)?.[2];
      if (value !== MASK) return same;
      if (before === undefined) complete = false;
      return start + (before ?? "");
    });
  }, restored);
  return complete ? whole : null;
}

function isSecretPath(path: Path): boolean {
  const name = path.findLast((part) => !/^\d+$/.test(part)) ?? "";
  if (path.length > 1 && path.includes("auth") && !AUTH_OPEN.test(name)) return true;
  if (path.at(-2) === "headers" && SECRET_HEADER.test(name)) return true;
  return SECRET_NAME.test(name) && path.at(-1) !== "auth";
}

function maskUrl(text: string): string {
  return maskParameters(text.replace(PASSWORD_IN_URL, `$1${MASK}$3`));
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}
