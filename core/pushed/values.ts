import type { Box } from "../messages";

/** Plain data from outside, of which nothing is believed. */
export type Loose = Record<string, unknown>;

export function objectOf(value: unknown): Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Loose)
    : {};
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text, also of a number; empty where it is neither. At most 200 characters. */
export function textOf(value: unknown): string {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" ? text.trim().slice(0, 200) : "";
}

/** A finite number, also written as text; null where it is none. */
export function numberOf(value: unknown): number | null {
  if (value === null || value === "" || typeof value === "boolean") return null;
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** A share from 0 to 1; null where it is none. */
export function shareOf(value: unknown, whole = 1): number | null {
  const number = numberOf(value);
  if (number === null) return null;
  const share = number / whole;
  return share >= 0 && share <= 1 ? share : null;
}

/** A time as ISO 8601 text, in ms since the epoch; null where it is none. */
export function timeOf(value: unknown): number | null {
  const text = textOf(value);
  if (text === "") return null;
  // "2022-08-19 12:20:36.123456+00:00" is meant as ISO 8601 too
  const ms = Date.parse(text.replace(/^(\d{4}-\d{2}-\d{2}) /, "$1T").replace(/(\.\d{3})\d+/, "$1"));
  return Number.isNaN(ms) ? null : ms;
}

/** Left, top, width, height where all are numbers. */
export function boxOf(left: unknown, top: unknown, width: unknown, height: unknown): Box | null {
  const numbers = [left, top, width, height].map(numberOf);
  return numbers.every((one) => one !== null) ? (numbers as Box) : null;
}

/** Only what is said: no empty texts, no nulls. */
export function said(values: Loose): Loose {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== ""),
  );
}

/** A picture in base64, as cameras put it into JSON; null where there is none. */
export function pictureOf(value: unknown): Buffer | null {
  if (typeof value !== "string" || value.length < 32) return null;
  const bytes = Buffer.from(value.replace(/^data:[^,]{0,100},/, ""), "base64");
  return bytes.length > 0 ? bytes : null;
}
