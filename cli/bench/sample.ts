import sharp from "sharp";
import { lettering } from "./lettering";

/** A street scene of our own drawing with one plate, for measurements without pictures at hand. */
export function samplePicture(width: number, height: number): sharp.Sharp {
  const [cx, cy, w, h] = [width * 0.5, height * 0.66, width * 0.16, width * 0.16 * 0.22];
  const bars = Array.from({ length: 9 }, (_, i) => {
    const y = cy - h * (2.6 - i * 0.16);
    return `<rect x="${cx - w}" y="${y}" width="${2 * w}" height="${h * 0.07}" fill="#15181b"/>`;
  });
  const text = lettering("KX73BTR", [cx - w * 0.43, cy - h * 0.32, w * 0.86, h * 0.64]);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<linearGradient id="s" x2="0" y2="1"><stop stop-color="#a9b7c2"/><stop offset="1" stop-color="#4a4f52"/></linearGradient>
<rect width="100%" height="100%" fill="url(#s)"/>
<rect x="${cx - 2 * w}" y="${cy - 5 * h}" width="${4 * w}" height="${7.5 * h}" rx="${h}" fill="#7d1f26"/>
<rect x="${cx - 1.6 * w}" y="${cy - 8 * h}" width="${3.2 * w}" height="${3.4 * h}" rx="${h}" fill="#27343d"/>
${bars.join("")}
<rect x="${cx - w / 2}" y="${cy - h / 2}" width="${w}" height="${h}" rx="${h * 0.1}" fill="#f3f2ea" stroke="#111" stroke-width="${h * 0.02}"/>
${text}
</svg>`;
  return sharp(Buffer.from(svg)).flatten().removeAlpha();
}
