import type { Box } from "../messages";
import { blankRead, type PushedRead } from "./types";
import { listOf, numberOf, objectOf, said, shareOf, textOf } from "./values";

/** Reads a message of `frigate/tracked_object_update`. @returns null where it is no plate */
export function frigateRead(message: unknown): PushedRead | null {
  const fields = objectOf(message);
  const id = textOf(fields["id"]);
  const text = textOf(fields["plate"]);
  if (fields["type"] !== "lpr" || id === "" || text === "") return null;
  const seconds = numberOf(fields["timestamp"]);
  return {
    ...blankRead([id, seconds ?? "", text].join("|"), text),
    track: id,
    phase: "step",
    camera: textOf(fields["camera"]) || null,
    confidence: shareOf(fields["score"]),
    at: seconds === null ? null : Math.round(seconds * 1000),
    box: corners(fields["plate_box"]),
    vehicle: said({ name: textOf(fields["name"]) }),
  };
}

/** Reads a message of `frigate/events`: a tracked object that is gone. */
export function frigateEnd(message: unknown): PushedRead | null {
  const { type, after } = objectOf(message);
  const id = textOf(objectOf(after)["id"]);
  if (type !== "end" || id === "") return null;
  const camera = textOf(objectOf(after)["camera"]) || null;
  return { ...blankRead(`${id}|end`, ""), track: id, phase: "end", camera };
}

/** Left, top, right, bottom in pixels. */
function corners(value: unknown): Box | null {
  const numbers = listOf(value).map(numberOf);
  if (numbers.length !== 4 || numbers.some((one) => one === null)) return null;
  const [left, top, right, bottom] = numbers as [number, number, number, number];
  return [left, top, right - left, bottom - top];
}
