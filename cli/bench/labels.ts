import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "csv-parse/sync";
import { normalisePlate } from "../../core/plates/normalise";
import type { Truth } from "../../core/vision/metrics";

export interface LabelledPicture {
  set: string;
  file: string;
  path: string;
  plates: Truth[];
}

interface Row {
  file: string;
  x?: string;
  y?: string;
  w?: string;
  h?: string;
  text?: string;
}

/**
 * The pictures of a folder with `labels.csv` (`file,x,y,w,h,text…`, one row a
 * plate, an empty box for none) and `images/`.
 * @throws Error where the folder is none
 */
export function readLabels(folder: string): LabelledPicture[] {
  const path = join(folder, "labels.csv");
  if (!existsSync(path)) throw new Error(`${path} is not there`);
  const rows = parse<Row>(readFileSync(path), { columns: true, bom: true, trim: true });
  const images = existsSync(join(folder, "images")) ? join(folder, "images") : folder;
  const byFile = new Map<string, LabelledPicture>();
  for (const row of rows) {
    const { file } = row;
    const picture = byFile.get(file) ?? {
      set: basename(folder),
      file,
      path: join(images, file),
      plates: [],
    };
    byFile.set(file, picture);
    if (!row.w || !row.h) continue;
    const [x, y, w, h] = [row.x, row.y, row.w, row.h].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    picture.plates.push({ box: [x, y, w, h], text: normalisePlate(row.text ?? "") });
  }
  return [...byFile.values()];
}
