import { BarrierError } from "../../core/barrier/ports";
import type { HttpAction, ValueRule } from "./http-types";

/** What may stand between double braces. */
export type TemplateValues = Record<"pulse_ms" | "pulse_s" | "channel" | "plate", string>;

const IDENTITY = (text: string): string => text;

/** Fills `{{name}}`; an unknown name is a mistake in the configuration. */
export function fill(
  template: string,
  values: TemplateValues,
  encode: (text: string) => string = IDENTITY,
): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_whole, name: string) => {
    const value = (values as Record<string, string | undefined>)[name];
    if (value === undefined) {
      throw new BarrierError("configuration", `{{${name}}} is not known: use ${known(values)}`);
    }
    return encode(value);
  });
}

function known(values: TemplateValues): string {
  return Object.keys(values)
    .map((name) => `{{${name}}}`)
    .join(", ");
}

/** Escapes a value for a JSON string, an XML text or a form, by the body's looks. */
export function bodyEncoder(body: string): (text: string) => string {
  const start = body.trimStart()[0];
  if (start === "{" || start === "[") return (text) => JSON.stringify(text).slice(1, -1);
  if (start === "<") {
    const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
    return (text) => text.replace(/[&<>"]/g, (char) => names[char] ?? char);
  }
  return encodeURIComponent;
}

const SAMPLE: TemplateValues = { pulse_ms: "500", pulse_s: "0.5", channel: "0", plate: "AB1" };

/** What is wrong with a text that has to be understood, or null. */
function mistakeIn(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a status is among those that mean yes ("200-299", "200,204"). */
export function statusMatches(expected: string | undefined, status: number): boolean {
  return (expected?.trim() || "200-299").split(",").some((part) => {
    const [low, high] = part.split("-").map((text) => Number(text.trim()));
    return low !== undefined && status >= low && status <= (high ?? low);
  });
}

/** Whether an answer's text is as expected: contained, or a regular expression between slashes. */
export function bodyMatches(expected: string | undefined, text: string): boolean {
  if (!expected) return true;
  const pattern = regexOf(expected);
  return pattern ? pattern.test(text) : text.includes(expected);
}

/** A text between slashes as a regular expression, or null where it is none. */
export function regexOf(text: string): RegExp | null {
  const match = /^\/(.+)\/(i?)$/s.exec(text);
  if (!match) return null;
  try {
    return new RegExp(match[1] ?? "", match[2]);
  } catch {
    throw new BarrierError("configuration", `not a regular expression: ${text}`);
  }
}

/** What a rule says of a status answer; null where the value is not there. */
export function readValue(rule: ValueRule, text: string): boolean | null {
  const inverted = rule.startsWith("!");
  const value = readPlain(inverted ? rule.slice(1) : rule, text);
  return value === null ? null : value !== inverted;
}

function readPlain(rule: string, text: string): boolean | null {
  const pattern = regexOf(rule);
  if (pattern) return pattern.test(text);
  const [path = "", wanted] = rule.split(/=(.*)/s);
  const found = at(text, path.trim());
  const scalar = ["string", "number", "boolean"].includes(typeof found);
  if (!scalar) return null;
  const plain = `${found as string}`.toLowerCase();
  if (wanted !== undefined) return plain === wanted.trim().toLowerCase();
  if (["true", "1", "on", "high", "closed_contact"].includes(plain)) return true;
  return ["false", "0", "off", "low", ""].includes(plain) ? false : null;
}

function at(text: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const key of path.split(".").filter((part) => part !== "")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

/** The configuration's mistakes that can be seen without asking the device. */
export function checkAction(name: string, action: HttpAction | undefined): string[] {
  if (!action) return [];
  const wrong: string[] = [];
  if (!/^[A-Z]+$/.test(action.method)) wrong.push(`${name}: method`);
  if (action.expectStatus && !/^\s*\d{3}(\s*[-,]\s*\d{3})*\s*$/.test(action.expectStatus)) {
    wrong.push(`${name}: expected status`);
  }
  if (typeof action.path !== "string") wrong.push(`${name}: path`);
  const { path, body, headers } = action;
  for (const text of [path, body, ...Object.values(headers ?? {})]) {
    const problem = typeof text === "string" ? mistakeIn(() => fill(text, SAMPLE)) : null;
    if (problem) wrong.push(`${name}: ${problem}`);
  }
  const problem = mistakeIn(() => regexOf(action.expectBody ?? ""));
  if (problem) wrong.push(`${name}: ${problem}`);
  return wrong;
}
