import type { Place } from "../config/places";

/** A camera's place on the earth; on a plan see `PlanSpot`. */
export interface CameraPlaceFields {
  latitude: number | null;
  longitude: number | null;
  /** Degrees clockwise from north. */
  bearing: number | null;
}

/** Where a camera stands on a plan: shares 0..1 of the picture's sides, from the left and the top. */
export interface PlanSpot {
  x: number;
  y: number;
  /** Degrees clockwise from the picture's upper edge; null: not known. */
  bearing: number | null;
}

/** A drawing of the site on which cameras stand. */
export interface PlanFields {
  name: string;
  /** Of the picture in pixels, or of the empty sheet. */
  width: number;
  height: number;
  /** Path in the picture store; null: an empty sheet. */
  picture: string | null;
  cameras: Record<string, PlanSpot>;
}

/** A tile server. */
export interface TileServer {
  /** With {z}, {x} and {y}. */
  url: string;
  attribution: string;
  maxZoom: number;
}

/** The setting in which the tile server is kept. */
export const TILES_SETTING = "map.tiles";

/** The tile server in a settings value; null where there is none. */
export function tileServerOf(value: unknown): TileServer | null {
  const { url, attribution, maxZoom } = (value ?? {}) as Partial<TileServer>;
  if (typeof url !== "string" || tileOrigin(url) === null) return null;
  return { url, attribution: attribution ?? "", maxZoom: maxZoom ?? 19 };
}

/**
 * Scheme, host and port of a tile address: what a page may load pictures from.
 * @returns null for an address that is none, names no single host, or lacks {z}, {x} or {y}
 */
export function tileOrigin(template: string): string | null {
  if (!["{z}", "{x}", "{y}"].every((part) => template.includes(part))) return null;
  const authority = /^https?:\/\/([^/?#]+)\//i.exec(template)?.[1] ?? "";
  // the host must be one: no {s}, and nothing that could end a directive of the page's policy
  if (!/^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.test(authority)) return null;
  try {
    return new URL(template).origin;
  } catch {
    return null;
  }
}

/** A place that has both coordinates. */
export function placeOf({
  latitude,
  longitude,
}: {
  latitude: number | null;
  longitude: number | null;
}): Place | null {
  return latitude === null || longitude === null ? null : { latitude, longitude };
}
