import type { Box } from "../messages";
import { blankRead, type PushedRead } from "./types";
import {
  boxOf,
  listOf,
  numberOf,
  objectOf,
  said,
  shareOf,
  textOf,
  timeOf,
  type Loose,
} from "./values";

/** Reads a webhook of Plate Recognizer Stream. @returns nothing for other hooks */
export function plateRecognizerReads(message: unknown): PushedRead[] {
  const { hook, data } = objectOf(message);
  const { event } = objectOf(hook);
  if (event !== undefined && event !== "recognition") return [];
  const { camera_id: camera, timestamp, results } = objectOf(data);
  return listOf(results).map((result, index) => {
    const fields = objectOf(result);
    const { plate, region, score, candidates, vehicle, box } = fields;
    const text = textOf(plate);
    const key = [textOf(camera), textOf(timestamp), index, text].join("|");
    return {
      ...blankRead(key, text),
      camera: textOf(camera) || null,
      confidence: shareOf(score),
      candidates: candidatesOf(candidates),
      region: textOf(objectOf(region)["code"]) || null,
      at: timeOf(timestamp),
      box: corners(objectOf(box)),
      vehicle: said({
        type: textOf(objectOf(vehicle)["type"]),
        color: best(fields["color"], "color"),
        make: best(fields["model_make"], "make"),
        model: best(fields["model_make"], "model"),
        travel_degrees: numberOf(fields["direction"]),
      }),
      pictures: 1,
    };
  });
}

function candidatesOf(list: unknown): PushedRead["candidates"] {
  return listOf(list).flatMap((one) => {
    const { plate, score } = objectOf(one);
    const confidence = shareOf(score);
    return textOf(plate) !== "" && confidence !== null ? [{ text: textOf(plate), confidence }] : [];
  });
}

function best(list: unknown, name: string): string {
  return textOf(objectOf(listOf(list)[0])[name]);
}

function corners({ xmin, ymin, xmax, ymax }: Loose): Box | null {
  const box = boxOf(xmin, ymin, xmax, ymax);
  return box && [box[0], box[1], box[2] - box[0], box[3] - box[1]];
}
