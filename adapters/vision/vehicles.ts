import type { NewEvent } from "../../core/events/event";
import type { Box } from "../../core/messages";
import { placeInScene } from "../../core/review/training-set";
import { VisionError } from "../../core/vision/ports";
import { lookAtVehicle, vehicleInfo, type VehicleLook } from "../../core/vision/vehicle";
import { decodeSmall, inspectPicture } from "./pictures";

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

/**
 * What is stored of the vehicle in an event's picture; null where the plate's place in it is
 * not known, or it cannot be looked at.
 */
export async function vehicleInScene(
  event: Pick<NewEvent, "metadata">,
  scene: Buffer | null,
): Promise<Record<string, unknown> | null> {
  const place = placeInScene(event);
  if (!place || !scene) return null;
  try {
    const { width, height } = await inspectPicture(scene);
    const [x, y, w, h] = place;
    const plate: Box = [x * width, y * height, w * width, h * height];
    const [look] = await lookAtVehicles(scene, width, [plate]);
    return look ? vehicleInfo(look) : null;
  } catch (error) {
    if (error instanceof VisionError) return null; // the event counts without it
    throw error;
  }
}

function scaled([x, y, w, h]: Box, by: number): Box {
  return [x * by, y * by, w * by, h * by];
}
