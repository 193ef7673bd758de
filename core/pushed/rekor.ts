import type { Box } from "../messages";
import { blankRead, type PushedRead } from "./types";
import { listOf, numberOf, objectOf, pictureOf, said, shareOf, textOf } from "./values";

/**
 * Reads an `alpr_group` of a Rekor Scout (OpenALPR) agent. @returns null for heartbeats,
 * previews of a group that is not over, and what else an agent sends
 */
export function rekorRead(message: unknown): PushedRead | null {
  const group = objectOf(message);
  if (group["data_type"] !== "alpr_group" || group["is_preview"] === true) return null;
  const text = textOf(group["best_plate_number"]);
  const plate = objectOf(group["best_plate"]);
  const camera = textOf(group["camera_id"]);
  const started = numberOf(group["epoch_start"]);
  const ended = numberOf(group["epoch_end"]);
  const id = textOf(group["best_uuid"]) || [camera, started ?? "", text].join("|");
  return {
    ...blankRead(id, text),
    camera: camera || null,
    confidence: shareOf(group["best_confidence"], 100),
    candidates: listOf(group["candidates"]).flatMap((one) => {
      const candidate = objectOf(one);
      const confidence = shareOf(candidate["confidence"], 100);
      const read = textOf(candidate["plate"]);
      return read !== "" && confidence !== null ? [{ text: read, confidence }] : [];
    }),
    region: textOf(group["best_region"]) || null,
    at: ended ?? started,
    box: around(plate["coordinates"]),
    vehicle: said({
      color: first(group["vehicle"], "color"),
      make: first(group["vehicle"], "make"),
      model: first(group["vehicle"], "make_model"),
      body: first(group["vehicle"], "body_type"),
      travel_degrees: numberOf(group["travel_direction"]),
      parked: group["is_parked"] === true ? true : null,
    }),
    images: {
      frame: pictureOf(group["vehicle_crop_jpeg"]),
      crop: pictureOf(plate["plate_crop_jpeg"]),
    },
  };
}

/** The likeliest of a list `[{name, confidence}]`. */
function first(vehicle: unknown, name: string): string {
  return textOf(objectOf(listOf(objectOf(vehicle)[name])[0])["name"]);
}

function around(points: unknown): Box | null {
  const xs = listOf(points).map((point) => numberOf(objectOf(point)["x"]));
  const ys = listOf(points).map((point) => numberOf(objectOf(point)["y"]));
  if (xs.length < 4 || [...xs, ...ys].some((one) => one === null)) return null;
  const [left, top] = [Math.min(...(xs as number[])), Math.min(...(ys as number[]))];
  return [left, top, Math.max(...(xs as number[])) - left, Math.max(...(ys as number[])) - top];
}
