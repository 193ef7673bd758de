import type { Box, Direction } from "../messages";

/** Cameras and services that read plates themselves. */
export const PUSH_SOURCES = [
  "hikvision",
  "dahua",
  "axis",
  "platerecognizer",
  "rekor",
  "frigate",
] as const;
export type PushSource = (typeof PUSH_SOURCES)[number];

/** One report of a camera about one vehicle, whatever its make. */
export interface PushedRead {
  /** Tells this report from the camera's others: the same again has the same. */
  key: string;
  /** Reports of one vehicle have the same; null: each report is a vehicle of its own. */
  track: string | null;
  /** "whole": all there is to say of the vehicle; the others are steps of a track. */
  phase: "whole" | "step" | "end";
  /** As the source names it; null where it sends for one camera. */
  camera: string | null;
  /** As it came; empty at the end of a track. */
  text: string;
  /** 0..1; null where the source names none. */
  confidence: number | null;
  /** 0..1 per character, where there is one for each. */
  characters: number[] | null;
  candidates: { text: string; confidence: number }[];
  region: string | null;
  direction: Direction;
  /** When the camera saw it, ms since the epoch; null where it does not say. */
  at: number | null;
  /** The source says that it could not send this when it happened. */
  retransmitted: boolean;
  box: Box | null;
  /** What else it says of the vehicle: make, colour, the camera's own list … */
  vehicle: Record<string, unknown>;
  /** Pictures that are in the report itself. */
  images: PushedImages;
  /** How many pictures follow in parts of their own. */
  pictures: number;
}

export interface PushedImages {
  frame: Buffer | null;
  crop: Buffer | null;
}

/** A report of which nothing is known yet. */
export function blankRead(key: string, text: string): PushedRead {
  return {
    key,
    track: null,
    phase: "whole",
    camera: null,
    text,
    confidence: null,
    characters: null,
    candidates: [],
    region: null,
    direction: "unknown",
    at: null,
    retransmitted: false,
    box: null,
    vehicle: {},
    images: { frame: null, crop: null },
    pictures: 0,
  };
}
