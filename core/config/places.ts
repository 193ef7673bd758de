/** A place on the earth in degrees. */
export interface Place {
  latitude: number;
  longitude: number;
}

/** Mean radius of the earth in metres. */
const EARTH = 6_371_008.8;

/** Metres between two places along the earth (haversine). */
export function metresBetween(a: Place, b: Place): number {
  const rad = (degrees: number): number => (degrees * Math.PI) / 180;
  const dLat = rad(b.latitude - a.latitude) / 2;
  const dLon = rad(b.longitude - a.longitude) / 2;
  const h =
    Math.sin(dLat) ** 2 +
    Math.cos(rad(a.latitude)) * Math.cos(rad(b.latitude)) * Math.sin(dLon) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(h)));
}
