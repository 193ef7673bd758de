import type { EventFilter } from "../events/filters";
import { normalisePlate } from "./normalise";

/** How a plate is searched for: a part or pattern of it, or also by what it looks like. */
export const PLATE_MATCHES = ["part", "looks"] as const;
export type PlateMatch = (typeof PLATE_MATCHES)[number];

/**
 * A part of a plate, or a pattern with * and ?, in the form in which plates are stored.
 * @returns null for a text that no plate can hold
 */
export function plateSearch(
  given: string,
  match: PlateMatch = "part",
): Pick<EventFilter, "plateContains" | "platePattern" | "looksLike"> | null {
  const pattern = given
    .split(/([*?])/)
    .map((part) => (part === "*" || part === "?" ? part : normalisePlate(part)))
    .join("");
  if (pattern === "") return null;
  if (match === "looks") return { looksLike: pattern };
  return /[*?]/.test(pattern) ? { platePattern: pattern } : { plateContains: pattern };
}
