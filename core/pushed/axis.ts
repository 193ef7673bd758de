import type { Direction } from "../messages";
import { blankRead, type PushedRead } from "./types";
import { boxOf, listOf, numberOf, objectOf, pictureOf, said, shareOf, textOf } from "./values";

/**
 * Reads a push of Axis License Plate Verifier: `new` at once and without a direction,
 * `update` where something changed, `lost` some ten seconds after the vehicle left.
 * @returns null where it is no such thing
 */
export function axisRead(message: unknown): PushedRead | null {
  const fields = objectOf(message);
  const state = textOf(fields["carState"]).toLowerCase();
  const car = textOf(fields["carID"]);
  const phase = PHASES[state];
  if (!phase || car === "") return null;
  const text = ["plateUTF8", "plateASCII", "plateText", "plateUnicode"]
    .map((name) => textOf(fields[name]))
    .find((one) => one !== "");
  const sensor = textOf(fields["sensorProviderID"]);
  const own = textOf(objectOf(fields["camera_info"])["SerialNumber"]);
  const stamp = numberOf(fields["capture_timestamp"]);
  const coordinates = listOf(fields["plateCoordinates"]);
  const picture = pictureOf(fields["imageFile"]);
  const whole = textOf(fields["imageType"]).toLowerCase() === "frame";
  const key = [own, car, state, textOf(fields["packetCounter"]), stamp ?? ""].join("|");
  return {
    ...blankRead(key, text ?? ""),
    track: `${own}|${car}`,
    phase,
    camera: sensor && sensor !== "defaultID" ? sensor : own || null,
    confidence: shareOf(fields["plateConfidence"]),
    region: textOf(fields["plateCountry"]) || null,
    direction: DIRECTIONS[textOf(fields["carMoveDirection"]).toLowerCase()] ?? "unknown",
    at: stamp === null ? null : inMilliseconds(stamp),
    box: boxOf(coordinates[0], coordinates[1], coordinates[2], coordinates[3]),
    vehicle: said({
      list: textOf(fields["listName"]),
      zone: textOf(fields["roiID"]),
      region: textOf(fields["plateRegion"]),
    }),
    images: { frame: whole ? picture : null, crop: whole ? null : picture },
  };
}

const PHASES: Readonly<Record<string, PushedRead["phase"]>> = {
  new: "step",
  update: "step",
  updated: "step",
  lost: "end",
};

const DIRECTIONS: Readonly<Record<string, Direction>> = { in: "towards", out: "away" };

/** Versions send seconds, milli-, micro- or nanoseconds. */
function inMilliseconds(stamp: number): number {
  let ms = stamp;
  while (ms > 1e14) ms /= 1000;
  return Math.round(ms < 1e11 ? ms * 1000 : ms);
}
