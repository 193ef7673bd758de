import type { Box, CharacterRead, Corners, Detection } from "../../core/messages";
import type { PixelSource } from "../../core/vision/raster";

/** How much a look from nearer shows. */
export type NearView = "plate" | "around";

/** Finds plates in a part of a picture. */
export interface PlateFinder {
  readonly id: string;
  readonly version: string;
  /** Long side of the part that is looked at in one go without loss; tiles are cut to it. */
  readonly inputSide: number;
  readonly nmsIou: number;
  /** What is at least so sure is worth a second look; absent where one look decides. */
  readonly doubtfulFrom?: number | undefined;
  /** @param minConfidence default: the card's threshold for the chosen operating point */
  find(source: PixelSource, region: Box, minConfidence?: number): Promise<Detection[]>;
  /**
   * A plate found before, looked at from nearer; null where it is not seen there.
   * @param view "plate" for its corners, "around" for whether it is one: what it hangs on is seen too
   */
  nearer?(source: PixelSource, box: Box, view: NearView): Promise<Detection | null>;
  release(): Promise<void>;
}

/** What a reader says of one plate. */
export interface PlateText {
  characters: CharacterRead[];
  rows: 1 | 2;
  region: string | null;
  /** Why the reader declines, null where it stands by its text. */
  reason: string | null;
}

/** Reads one script. */
export interface PlateReader {
  readonly id: string;
  readonly version: string;
  readonly script: string;
  read(source: PixelSource, corners: Corners): Promise<PlateText>;
  release(): Promise<void>;
}
