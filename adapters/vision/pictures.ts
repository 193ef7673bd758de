import type Sharp from "sharp";
import type { Box } from "../../core/messages";
import { VisionError } from "../../core/vision/ports";
import { type Rgb, RgbSource } from "../../core/vision/raster";

const FORMATS = ["jpeg", "png", "webp"];

/** Largest picture that is decoded unless set otherwise, in pixels. */
export const MAX_PIXELS = 50_000_000;

export interface PictureSize {
  format: string;
  /** As seen: EXIF orientation applied. */
  width: number;
  height: number;
  /** Whether the file's pixels are turned by an EXIF orientation. */
  turned: boolean;
}

/**
 * Reads a picture's header.
 * @throws VisionError picture_invalid or picture_too_large, before anything is decoded
 */
export async function inspectPicture(
  bytes: Uint8Array,
  maxPixels: number = MAX_PIXELS,
): Promise<PictureSize> {
  if (bytes.length === 0) throw new VisionError("picture_invalid", "the picture is empty");
  const header = await sharp()(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => invalid(error));
  if (!FORMATS.includes(header.format)) {
    throw new VisionError(
      "picture_invalid",
      `a picture in ${header.format} format is not read; JPEG, PNG and WebP are`,
    );
  }
  const turned = (header.orientation ?? 1) >= 5;
  const [w, h] = [header.width, header.height];
  if (w * h > maxPixels) {
    const most = (maxPixels / 1e6).toFixed(1);
    const has = ((w * h) / 1e6).toFixed(1);
    throw new VisionError(
      "picture_too_large",
      `the picture has ${w}×${h} = ${has} megapixels, at most ${most} are read`,
    );
  }
  return {
    format: header.format,
    width: turned ? h : w,
    height: turned ? w : h,
    turned: (header.orientation ?? 1) > 1,
  };
}

/**
 * Decodes a picture file, EXIF orientation applied, transparency on black, colours in sRGB.
 * @throws VisionError picture_invalid (also for files that end early) or picture_too_large
 */
export async function decodePicture(
  bytes: Uint8Array,
  maxPixels: number = MAX_PIXELS,
): Promise<RgbSource> {
  await inspectPicture(bytes, maxPixels);
  const { data, info } = await sharp()(bytes, {
    limitInputPixels: maxPixels,
    failOn: "error",
    autoOrient: true,
  })
    .flatten()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => invalid(error));
  if (info.channels !== 3) return invalid(`${info.channels} colour channels`);
  return new RgbSource(info.width, info.height, data);
}

/** A JPEG of pixels. */
export async function encodeJpeg(pixels: Rgb, quality: number): Promise<Uint8Array> {
  const { width, height, data } = pixels;
  const jpeg = await sharp()(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  // its own memory, so that it can be handed to another thread whole
  return new Uint8Array(jpeg);
}

/** A smaller JPEG of a picture file, decoded no larger than needed. */
export async function shrinkPicture(
  bytes: Uint8Array,
  maxSide: number,
  quality: number,
  ground = "#000000",
): Promise<Uint8Array> {
  const jpeg = await sharp()(bytes, { failOn: "error", autoOrient: true })
    .resize(maxSide, maxSide, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: ground })
    .jpeg({ quality })
    .toBuffer()
    .catch((error: unknown) => invalid(error));
  return new Uint8Array(jpeg);
}

/**
 * A picture file decoded small, EXIF orientation applied.
 * @param maxSide longest side in pixels
 * @throws VisionError picture_invalid
 */
export async function decodeSmall(bytes: Uint8Array, maxSide: number): Promise<RgbSource> {
  const { data, info } = await sharp()(bytes, { failOn: "error", autoOrient: true })
    .resize(maxSide, maxSide, { fit: "inside", withoutEnlargement: true })
    .flatten()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => invalid(error));
  if (info.channels !== 3) return invalid(`${info.channels} colour channels`);
  return new RgbSource(info.width, info.height, data);
}

/**
 * A part of a picture file as JPEG, EXIF orientation applied.
 * @param box in pixels of the picture, inside of it
 * @throws VisionError picture_invalid
 */
export async function cutPicture(bytes: Uint8Array, box: Box, quality: number): Promise<Buffer> {
  const [left, top, width, height] = box.map(Math.round) as Box;
  return sharp()(bytes, { failOn: "error", autoOrient: true })
    .extract({ left, top, width: Math.max(1, width), height: Math.max(1, height) })
    .flatten()
    .jpeg({ quality })
    .toBuffer()
    .catch((error: unknown) => invalid(error));
}

function invalid(error: unknown): never {
  const why = (error instanceof Error ? error.message : String(error)).trim();
  throw new VisionError("picture_invalid", `the picture cannot be read: ${why}`);
}

let loaded: typeof Sharp | null = null;

/** Loaded on first use: a machine without the native library still shows the palette. */
function sharp(): typeof Sharp {
  if (loaded) return loaded;
  loaded = require("sharp") as typeof Sharp;
  loaded.cache(false);
  loaded.concurrency(1);
  return loaded;
}
