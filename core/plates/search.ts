import type { EventFilter } from "../events/filters";
import { normalisePlate } from "./normalise";

/**
 * A part of a plate, or a pattern with * and ?, in the form in which plates are stored.
 * @returns null for a text that no plate can hold
 */
export function plateSearch(
  given: string,
): Pick<EventFilter, "plateContains" | "platePattern"> | null {
  if (/[*?]/.test(given)) {
    const platePattern = given
      .split(/([*?])/)
      .map((part) => (part === "*" || part === "?" ? part : normalisePlate(part)))
      .join("");
    return { platePattern };
  }
  const plateContains = normalisePlate(given);
  return plateContains === "" ? null : { plateContains };
}
