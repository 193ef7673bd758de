import { z } from "zod";
import type { EventFilter } from "../../core/events/filters";
import { normalisePlate } from "../../core/plates/normalise";
import { filterText, rangeInput } from "../schemas";

/** The filters that lists and statistics of events share. */
export const placeAndTime = {
  camera_id: filterText(128),
  zone_id: filterText(128),
  start_date: rangeInput("start").describe("ISO 8601, inclusive"),
  end_date: rangeInput("end").describe("ISO 8601, inclusive"),
};

/** What {@link placeAndTime} asks for, as the store's filter. */
export function placeAndTimeFilter(query: {
  camera_id?: string | undefined;
  zone_id?: string | undefined;
  start_date?: number | undefined;
  end_date?: number | undefined;
}): Pick<EventFilter, "cameraId" | "zoneId" | "from" | "to"> {
  return {
    cameraId: query.camera_id,
    zoneId: query.zone_id,
    from: query.start_date,
    to: query.end_date,
  };
}

/** A range that ends before it starts is a mistake of the caller. */
export function endsAfterStart(query: {
  start_date?: number | undefined;
  end_date?: number | undefined;
}): boolean {
  return (query.end_date ?? Infinity) >= (query.start_date ?? -Infinity);
}

export const RANGE_ERROR = { message: "end_date is before start_date", path: ["end_date"] };

/** Part of a plate as it is stored. @returns null for a text that no plate can hold */
export function plateFilter(part: string | undefined): Pick<EventFilter, "plateContains"> | null {
  if (part === undefined) return {};
  const plateContains = normalisePlate(part);
  return plateContains === "" ? null : { plateContains };
}

/** A number in a query; empty is the same as absent. */
export function numberInput(min: number, max: number) {
  return z
    .literal("")
    .transform(() => undefined)
    .or(z.coerce.number().min(min).max(max))
    .optional();
}
