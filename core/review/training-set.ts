import type { PlatePlace, StoredEvent } from "../events/event";
import type { Box } from "../messages";

/** One picture with the plate that a person has confirmed or corrected. */
export interface LabelledPicture {
  /** File name below `images/`. */
  file: string;
  width: number;
  height: number;
  /** In pixels of the picture. */
  box: Box;
  text: string;
  source: "confirmed" | "corrected";
}

/**
 * Where the plate is in the event's picture of the scene, in shares of its sides; null where
 * that is not known (events from elsewhere) and only the cut-out plate can be used.
 */
export function placeInScene({ metadata }: Pick<StoredEvent, "metadata">): Box | null {
  const { plate_place: place, upload } = metadata as {
    plate_place?: Partial<PlatePlace>;
    upload?: { box?: unknown; width?: unknown; height?: unknown };
  };
  if (isBox(place?.box)) return within(place.box);
  const { box, width, height } = upload ?? {};
  if (!isBox(box) || !(Number(width) > 0) || !(Number(height) > 0)) return null;
  const [w, h] = [Number(width), Number(height)];
  return within([box[0] / w, box[1] / h, box[2] / w, box[3] / h]);
}

const isBox = (value: unknown): value is Box =>
  Array.isArray(value) && value.length === 4 && value.every((side) => Number.isFinite(side));

/** Cut at the picture's border; null where nothing is left. */
function within([x, y, w, h]: Box): Box | null {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  const width = Math.min(w + Math.min(0, x), 1 - left);
  const height = Math.min(h + Math.min(0, y), 1 - top);
  return width > 0 && height > 0 ? [left, top, width, height] : null;
}

/** `labels.csv` as training/ reads it. */
export function labelsCsv(pictures: readonly LabelledPicture[]): string {
  const rows = pictures.map(({ file, box, text, source }) =>
    [file, ...box.map((side) => side.toFixed(1)), text, "train", source].join(","),
  );
  return `${["file,x,y,w,h,text,split,text_source", ...rows].join("\n")}\n`;
}

/** The same as COCO annotations, the text as an attribute. */
export function cocoJson(pictures: readonly LabelledPicture[], madeAt: number): string {
  return JSON.stringify({
    info: { description: "Plates confirmed or corrected by people", date_created: iso(madeAt) },
    categories: [{ id: 1, name: "license_plate", supercategory: "vehicle" }],
    images: pictures.map(({ file, width, height }, index) => ({
      id: index + 1,
      file_name: `images/${file}`,
      width,
      height,
    })),
    annotations: pictures.map(({ box, text, source }, index) => ({
      id: index + 1,
      image_id: index + 1,
      category_id: 1,
      bbox: box.map((side) => Math.round(side * 10) / 10),
      area: Math.round(box[2] * box[3]),
      iscrowd: 0,
      attributes: { text, source },
    })),
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();
