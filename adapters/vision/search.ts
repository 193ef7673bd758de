import type { Detection } from "../../core/messages";
import { clipBox } from "../../core/vision/geometry";
import { suppress, wanted } from "../../core/vision/nms";
import type { DetectOptions } from "../../core/vision/ports";
import type { PixelSource } from "../../core/vision/raster";
import { isPlate, needsSecondLook, together } from "../../core/vision/second-look";
import { isWhole, tilesOf } from "../../core/vision/tiles";
import { regionOfZones } from "../../core/vision/zones";
import type { PlateFinder } from "../onnx/models";

/** Frames this much longer than the detector's input are worth cutting into tiles. */
const TILE_FROM = 1.3;
/** Second looks at one picture, the best candidates first: each costs a fifth of the first. */
const MOST_SECOND_LOOKS = 4;

/** What was found in a picture, best first. */
export interface Found {
  plates: Detection[];
  /** What may be a plate; only its text can tell. */
  doubtful: Detection[];
}

/** Looks for plates in a picture; twice at what one look leaves in doubt. */
export async function searchPlates(
  finder: PlateFinder,
  source: PixelSource,
  options: DetectOptions,
): Promise<Found> {
  const { doubtfulFrom } = finder;
  if (options.minConfidence !== undefined || doubtfulFrom === undefined) {
    return { plates: await lookOnce(finder, source, options), doubtful: [] };
  }
  const candidates = await lookOnce(finder, source, { ...options, minConfidence: doubtfulFrom });
  return lookTwice(finder, source, candidates);
}

/** Whether tiles show more of a picture than the whole at once does. */
export function isLarge(finder: PlateFinder, size: { width: number; height: number }): boolean {
  return Math.max(size.width, size.height) > TILE_FROM * finder.inputSide;
}

async function lookOnce(
  finder: PlateFinder,
  source: PixelSource,
  options: DetectOptions,
): Promise<Detection[]> {
  const { width, height } = source;
  const zones = regionOfZones(options.zones ?? [], width, height);
  const region = clipBox(options.region ?? zones, width, height);
  if (region[2] < 1 || region[3] < 1) return [];
  const parts = [region];
  if (options.tiles && isLarge(finder, { width: region[2], height: region[3] })) {
    parts.push(...tilesOf(region, finder.inputSide));
  }
  const found: Detection[] = [];
  for (const part of parts) {
    const inPart = await finder.find(source, part, options.minConfidence);
    found.push(...inPart.filter((d) => isWhole(d.box, part, region)));
  }
  return wanted(suppress(found, finder.nmsIou), options);
}

async function lookTwice(
  finder: PlateFinder,
  source: PixelSource,
  candidates: Detection[],
): Promise<Found> {
  const plates = candidates.filter((d) => !needsSecondLook(d));
  const doubtful: Detection[] = [];
  const unsure = candidates.filter(needsSecondLook);
  for (const candidate of unsure.slice(0, MOST_SECOND_LOOKS)) {
    const nearer = (await finder.nearer?.(source, candidate.box, "around")) ?? null;
    const seen = together(candidate, nearer);
    (isPlate(seen) ? plates : doubtful).push(seen);
  }
  plates.sort((a, b) => b.confidence - a.confidence);
  return { plates, doubtful };
}
