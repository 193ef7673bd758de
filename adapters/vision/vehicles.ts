import type { Box } from "../../core/messages";
import { lookAtVehicle, type VehicleLook } from "../../core/vision/vehicle";
import { decodeSmall } from "./pictures";

/** Longest side of the picture that is looked at, in pixels: colours need no more. */
const SIDE = 960;

/**
 * What can be told of the vehicle around each plate of a picture.
 * @param plates boxes in pixels of the picture, EXIF orientation applied
 * @param width of the picture in the same pixels
 * @returns one look a plate, in pixels of the picture
 * @throws VisionError picture_invalid
 */
export async function lookAtVehicles(
  picture: Buffer,
  width: number,
  plates: readonly Box[],
): Promise<VehicleLook[]> {
  if (plates.length === 0) return [];
  const small = await decodeSmall(picture, SIDE);
  const scale = small.width / width;
  return plates.map((plate) => {
    const look = lookAtVehicle(small, scaled(plate, scale));
    return { ...look, box: scaled(look.box, 1 / scale).map(Math.round) as Box };
  });
}

function scaled([x, y, w, h]: Box, by: number): Box {
  return [x * by, y * by, w * by, h * by];
}
