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

/**
 * What a rule says of an input. Closing depends on it, so an answer that the rule does not foresee is no "off":
 * null unless it says yes or what the rule names as no (`state=open|closed`, `/loop>1</|/loop>0</`). A
 * comparison with 1, on, true and their like knows its no.
 */
export function readInput(rule: ValueRule, text: string): boolean | null {
  const inverted = rule.startsWith("!");
  const [yes, no] = sidesOf(inverted ? rule.slice(1) : rule);
  const value = readPlain(yes, text);
  const known = no === null ? value === true || saysOff(yes, text) : readPlain(no, text) === !value;
  return known && value !== null ? value !== inverted : null;
}

/** The two sides of a rule with "|", each a rule; no second where the rule names only its yes. */
function sidesOf(rule: string): [yes: string, no: string | null] {
  const patterns = /^(\/.+?\/i?)\|(\/.+\/i?)$/s.exec(rule);
  if (patterns) return [patterns[1] ?? "", patterns[2] ?? ""];
  const values = /^([^/=][^=]*)=([^|]*)\|(.*)$/s.exec(rule);
  return values ? [`${values[1]}=${values[2]}`, `${values[1]}=${values[3]}`] : [rule, null];
}

/** Whether the answer's value is a plain no where the rule compares with a plain yes, or the other way round, or does not compare. */
function saysOff(rule: string, text: string): boolean {
  if (regexOf(rule)) return false;
  const [path = "", wanted] = rule.split(/=(.*)/s);
  const found = plainAt(text, path);
  return asSwitch(found) !== null && (wanted === undefined || asSwitch(wanted) !== null);
}

function readPlain(rule: string, text: string): boolean | null {
  const pattern = regexOf(rule);
  if (pattern) return pattern.test(text);
  const [path = "", wanted] = rule.split(/=(.*)/s);
  const found = plainAt(text, path);
  if (found === null) return null;
  return wanted === undefined ? asSwitch(found) : found === wanted.trim().toLowerCase();
}

/** A value of an answer as text in lower case; null where there is none. */
function plainAt(text: string, path: string): string | null {
  const found = at(text, path.trim());
  const scalar = ["string", "number", "boolean"].includes(typeof found);
  return scalar ? `${found as string}`.toLowerCase() : null;
}

function asSwitch(value: string | null): boolean | null {
  const plain = value?.trim().toLowerCase() ?? null;
  if (plain === null) return null;
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
