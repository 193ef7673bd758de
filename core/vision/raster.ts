import type { Box } from "../messages";
import type { Homography } from "./geometry";
import { resampling, resizePlane } from "./resample";

/** Interleaved 8-bit R, G, B. */
export interface Rgb {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Pixels that can be sampled without converting the whole picture. */
export interface PixelSource {
  readonly width: number;
  readonly height: number;
  /** A part of the picture (pixels, may be fractional) in another size; averages when shrinking, bicubic when growing. */
  resize(region: Box, width: number, height: number): Rgb;
  /**
   * Samples along a homography from output pixels to picture pixels, bilinear,
   * with the mean of `oversample`² samples a pixel so that strong shrinking does not alias.
   */
  warp(map: Homography, width: number, height: number, oversample: number): Rgb;
}

/** The whole picture as RGB. */
export function toRgb(source: PixelSource): Rgb {
  return source instanceof RgbSource
    ? { width: source.width, height: source.height, data: source.data }
    : source.resize([0, 0, source.width, source.height], source.width, source.height);
}

/** Interleaved RGB pixels. */
export class RgbSource implements PixelSource {
  constructor(
    readonly width: number,
    readonly height: number,
    readonly data: Uint8Array,
  ) {}

  resize(region: Box, width: number, height: number): Rgb {
    const x = resampling(region[0], region[2], width, this.width);
    const y = resampling(region[1], region[3], height, this.height);
    const data = resizePlane(this.data, this.width, 3, x, y);
    return { width, height, data };
  }

  warp(map: Homography, width: number, height: number, oversample: number): Rgb {
    const { data, width: w, height: h } = this;
    return warpWith(map, width, height, oversample, (x, y, out) => {
      const x0 = clampIndex(Math.floor(x), w - 1);
      const y0 = clampIndex(Math.floor(y), h - 1);
      const x1 = Math.min(x0 + 1, w - 1);
      const y1 = Math.min(y0 + 1, h - 1);
      const fx = clamp01(x - x0);
      const fy = clamp01(y - y0);
      const [a, b] = [(y0 * w + x0) * 3, (y0 * w + x1) * 3];
      const [c, d] = [(y1 * w + x0) * 3, (y1 * w + x1) * 3];
      for (let k = 0; k < 3; k++) {
        const top = at(data, a + k) * (1 - fx) + at(data, b + k) * fx;
        const bottom = at(data, c + k) * (1 - fx) + at(data, d + k) * fx;
        out[k] = (out[k] ?? 0) + top * (1 - fy) + bottom * fy;
      }
    });
  }
}

/** Planar 4:2:0, BT.601 limited range, as ffmpeg's yuv420p. */
export class I420Source implements PixelSource {
  private readonly y: Uint8Array;
  private readonly u: Uint8Array;
  private readonly v: Uint8Array;
  private readonly cw: number;
  private readonly ch: number;

  /** @throws RangeError where the data are too short for the size */
  constructor(
    readonly width: number,
    readonly height: number,
    data: Uint8Array,
  ) {
    this.cw = Math.ceil(width / 2);
    this.ch = Math.ceil(height / 2);
    const [luma, chroma] = [width * height, this.cw * this.ch];
    if (data.length < luma + 2 * chroma) throw new RangeError("i420 data shorter than its size");
    this.y = data.subarray(0, luma);
    this.u = data.subarray(luma, luma + chroma);
    this.v = data.subarray(luma + chroma, luma + 2 * chroma);
  }

  resize([x, y, w, h]: Box, width: number, height: number): Rgb {
    const lumaX = resampling(x, w, width, this.width);
    const lumaY = resampling(y, h, height, this.height);
    const chromaX = resampling(x / 2, w / 2, width, this.cw);
    const chromaY = resampling(y / 2, h / 2, height, this.ch);
    const luma = resizePlane(this.y, this.width, 1, lumaX, lumaY);
    const u = resizePlane(this.u, this.cw, 1, chromaX, chromaY);
    const v = resizePlane(this.v, this.cw, 1, chromaX, chromaY);
    return { width, height, data: rgbOf(luma, u, v) };
  }

  warp(map: Homography, width: number, height: number, oversample: number): Rgb {
    const pixel = new Uint8Array(3);
    return warpWith(map, width, height, oversample, (x, y, out) => {
      // a chroma sample lies in the middle of its four luma samples
      const [cx, cy] = [x / 2 - 0.25, y / 2 - 0.25];
      const luma = bilinear(this.y, this.width, this.height, x, y);
      const u = bilinear(this.u, this.cw, this.ch, cx, cy);
      writeRgb(pixel, 0, luma, u, bilinear(this.v, this.cw, this.ch, cx, cy));
      for (let k = 0; k < 3; k++) out[k] = (out[k] ?? 0) + at(pixel, k);
    });
  }
}

type AddSample = (x: number, y: number, out: Float64Array) => void;

function warpWith(m: Homography, width: number, height: number, over: number, add: AddSample): Rgb {
  const data = new Uint8Array(width * height * 3);
  const sum = new Float64Array(3);
  const share = 1 / (over * over);
  for (let row = 0, o = 0; row < height; row++) {
    for (let column = 0; column < width; column++, o += 3) {
      sum.fill(0);
      for (let s = 0; s < over * over; s++) {
        const x = column + ((s % over) + 0.5) / over;
        const y = row + (Math.floor(s / over) + 0.5) / over;
        const z = m[6] * x + m[7] * y + m[8];
        // pixel centres lie at half coordinates
        add((m[0] * x + m[1] * y + m[2]) / z - 0.5, (m[3] * x + m[4] * y + m[5]) / z - 0.5, sum);
      }
      for (let k = 0; k < 3; k++) data[o + k] = (sum[k] ?? 0) * share + 0.5;
    }
  }
  return { width, height, data };
}

function bilinear(plane: Uint8Array, w: number, h: number, x: number, y: number): number {
  const x0 = clampIndex(Math.floor(x), w - 1);
  const y0 = clampIndex(Math.floor(y), h - 1);
  const x1 = Math.min(x0 + 1, w - 1);
  const y1 = Math.min(y0 + 1, h - 1);
  const fx = clamp01(x - x0);
  const fy = clamp01(y - y0);
  const top = at(plane, y0 * w + x0) * (1 - fx) + at(plane, y0 * w + x1) * fx;
  const bottom = at(plane, y1 * w + x0) * (1 - fx) + at(plane, y1 * w + x1) * fx;
  return top * (1 - fy) + bottom * fy;
}

/** As {@link writeRgb} for whole planes, in whole numbers of 1/65536: a third of the time. */
function rgbOf(luma: Uint8Array, u: Uint8Array, v: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(luma.length * 3);
  for (let i = 0, o = 0; i < luma.length; i++, o += 3) {
    const light = 76309 * ((luma[i] as number) - 16) + 32768;
    const [a, b] = [(u[i] as number) - 128, (v[i] as number) - 128];
    out[o] = (light + 104597 * b) >> 16;
    out[o + 1] = (light - 25675 * a - 53279 * b) >> 16;
    out[o + 2] = (light + 132201 * a) >> 16;
  }
  return new Uint8Array(out.buffer);
}

/** BT.601 limited range to full-range RGB. */
function writeRgb(out: Uint8Array, o: number, y: number, u: number, v: number): void {
  const c = 1.164384 * (y - 16);
  out[o] = clampByte(c + 1.596027 * (v - 128));
  out[o + 1] = clampByte(c - 0.391762 * (u - 128) - 0.812968 * (v - 128));
  out[o + 2] = clampByte(c + 2.017232 * (u - 128));
}

const clampByte = (v: number): number => (v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
const clamp01 = (v: number): number => (v < 0 ? 0 : v > 1 ? 1 : v);
const clampIndex = (v: number, max: number): number => (v < 0 ? 0 : v > max ? max : v);
const at = (data: Uint8Array, index: number): number => data[index] ?? 0;
