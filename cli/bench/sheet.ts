import sharp from "sharp";
import type { Box } from "../../core/messages";
import { boxOf, cornersOf } from "../../core/vision/geometry";

/** One tile of a contact sheet: a part of a picture and two lines of text. */
export interface Tile {
  path: string;
  box: Box;
  title: string;
  detail: string;
}

const TILE = { width: 200, height: 110, picture: 74 };
const COLUMNS = 6;
const MOST = 60;

/** Writes a JPEG of the tiles, so that a person can see what kind of pictures fail. */
export async function writeSheet(file: string, tiles: readonly Tile[]): Promise<void> {
  const shown = tiles.slice(0, MOST);
  const rows = Math.max(1, Math.ceil(shown.length / COLUMNS));
  const parts = await Promise.all(
    shown.map(async (tile, i) => ({
      input: await draw(tile),
      left: (i % COLUMNS) * TILE.width,
      top: Math.floor(i / COLUMNS) * TILE.height,
    })),
  );
  const size = { width: COLUMNS * TILE.width, height: rows * TILE.height };
  await sharp({ create: { ...size, channels: 3, background: "#202428" } })
    .composite(parts)
    .jpeg({ quality: 85 })
    .toFile(file);
}

async function draw(tile: Tile): Promise<Buffer> {
  const picture = sharp(tile.path, { autoOrient: true });
  const { width = 1, height = 1 } = (await picture.metadata()).autoOrient;
  const [x, y, w, h] = boxOf(cornersOf(tile.box));
  const room = 0.35 * Math.max(w, h);
  const left = Math.floor(Math.min(Math.max(x - room, 0), width - 1));
  const top = Math.floor(Math.min(Math.max(y - room, 0), height - 1));
  const part = await picture
    .extract({
      left,
      top,
      width: Math.max(1, Math.min(Math.ceil(w + 2 * room), width - left)),
      height: Math.max(1, Math.min(Math.ceil(h + 2 * room), height - top)),
    })
    .resize(TILE.width - 8, TILE.picture, { fit: "contain", background: "#000" })
    .toBuffer();
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE.width}" height="${TILE.height}">
<text x="5" y="${TILE.picture + 16}" font-family="monospace" font-size="11" fill="#fff">${escape(tile.title)}</text>
<text x="5" y="${TILE.picture + 30}" font-family="monospace" font-size="10" fill="#ffb0a0">${escape(tile.detail)}</text></svg>`;
  return sharp({
    create: { width: TILE.width, height: TILE.height, channels: 3, background: "#202428" },
  })
    .composite([{ input: part, left: 4, top: 2 }, { input: Buffer.from(text) }])
    .png()
    .toBuffer();
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
