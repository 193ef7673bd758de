import { metresBetween, type Place } from "../config/places";

/** Faster than this, one vehicle cannot have been at both places: somebody copied the plate, or it was misread. */
export const IMPOSSIBLE_KMH = 250;

/** Passages closer than this say nothing about speed: cameras may see the same spot. */
const LEAST_METRES = 200;

/** The way from one passage of a vehicle to its next. */
export interface Leg {
  seconds: number;
  /** As the crow flies; null where a place is not known. */
  metres: number | null;
  /** At least so fast; null where nothing can be said. */
  kmh: number | null;
  /** No vehicle is that fast. */
  impossible: boolean;
}

/**
 * The ways between passages in the order of time; one less than passages.
 * @param sightings time in ms and place of each passage
 */
export function legsOf(sightings: readonly { at: number; place: Place | null }[]): Leg[] {
  return sightings.slice(1).map((to, index) => {
    const from = sightings[index] ?? to;
    const seconds = Math.round((to.at - from.at) / 1000);
    const metres = from.place && to.place ? Math.round(metresBetween(from.place, to.place)) : null;
    const kmh =
      metres === null || metres < LEAST_METRES
        ? null
        : Math.round((metres / Math.max(1, seconds)) * 3.6);
    return { seconds, metres, kmh, impossible: kmh !== null && kmh > IMPOSSIBLE_KMH };
  });
}
