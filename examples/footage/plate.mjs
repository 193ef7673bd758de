// Plate pictures: black on white or yellow, 520 x 111 mm, in a free condensed face.
import { createRequire } from "node:module";
import sharp from "sharp";

const W = 1040;
const H = 222;
const require = createRequire(import.meta.url);
const fontfile =
  require.resolve("@fontsource/barlow-semi-condensed/files/barlow-semi-condensed-latin-600-normal.woff");

/** Text drawn to exactly `height` pixels (capitals) and at most `width`. */
async function lettering(text, height, width, spacing) {
  const markup = `<span foreground="#0b0b0d" letter_spacing="${spacing}">${text}</span>`;
  const font = "Barlow Semi Condensed SemiBold";
  const big = await sharp({ text: { text: markup, font, fontfile, dpi: 1100, rgba: true } })
    .png()
    .toBuffer();
  const trimmed = await sharp(big).trim().png().toBuffer();
  return sharp(trimmed).resize({ height, width, fit: "fill" }).png().toBuffer();
}

const STAR = (x, y) => `<circle cx="${x}" cy="${y}" r="5" fill="#ffd617"/>`;
const RING = Array.from({ length: 12 }, (_, i) => {
  const a = (i * Math.PI) / 6;
  return STAR(60 + 32 * Math.cos(a), 72 + 32 * Math.sin(a));
}).join("");

const STYLES = {
  uk: { base: "#f4f4ef", band: "", left: 62, width: 916 },
  de: {
    base: "#f6f6f3",
    band: `<path d="M20 8 H112 V214 H20 A12 12 0 0 1 8 202 V20 A12 12 0 0 1 20 8 Z" fill="#123c98"/>${RING}
      <text x="60" y="190" font-family="sans-serif" font-weight="bold" font-size="66" text-anchor="middle" fill="#fff">D</text>`,
    left: 150,
    width: 846,
  },
};

/**
 * Draws a plate.
 * @param style "uk" or "de"
 * @returns levels of detail, largest first: `{w, h, data}` in sRGB bytes
 */
export async function drawPlate(style, text) {
  const { base, band, left, width } = STYLES[style];
  const letters = await lettering(text, 150, width, style === "uk" ? 5000 : 3500);
  const face = `<svg xmlns="http://www.w3.org/2000/svg" width="${W}" height="${H}">
    <rect width="${W}" height="${H}" rx="22" fill="${base}"/>
    <rect x="7" y="7" width="${W - 14}" height="${H - 14}" rx="17" fill="none" stroke="#111" stroke-width="6"/>${band}</svg>`;
  const full = await sharp(Buffer.from(face))
    .composite([{ input: letters, left, top: 36 }])
    .flatten({ background: "#15161a" })
    .png()
    .toBuffer();
  const levels = [];
  for (let w = W; w >= 60; w = Math.round(w / 2)) {
    const h = Math.round((w * H) / W);
    const data = await sharp(full).resize(w, h).removeAlpha().raw().toBuffer();
    levels.push({ w, h, data });
  }
  return levels;
}

/** Colour (linear) of a plate at u, v in 0..1, for a plate `pixels` samples wide. */
export function plateColour(levels, u, v, pixels) {
  const level = levels.find((l) => l.w <= pixels * 1.5) ?? levels.at(-1);
  const x = Math.min(level.w - 1, Math.max(0, u * level.w - 0.5));
  const y = Math.min(level.h - 1, Math.max(0, v * level.h - 0.5));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const x1 = Math.min(level.w - 1, x0 + 1);
  const y1 = Math.min(level.h - 1, y0 + 1);
  const out = [0, 0, 0];
  for (const [px, py, weight] of [
    [x0, y0, (1 - x + x0) * (1 - y + y0)],
    [x1, y0, (x - x0) * (1 - y + y0)],
    [x0, y1, (1 - x + x0) * (y - y0)],
    [x1, y1, (x - x0) * (y - y0)],
  ]) {
    const at = (py * level.w + px) * 3;
    for (let c = 0; c < 3; c++) out[c] += weight * Math.pow(level.data[at + c] / 255, 2.2);
  }
  return out;
}
