import { open } from "node:fs/promises";
import { CameraError, explainFfmpeg } from "../cameras/errors";
import { findFfmpeg } from "../ffmpeg/locate";
import { FfmpegProcess } from "../ffmpeg/process";
import { CONTAINER_BYTES, containerOf } from "./container";

/** What a film says of itself. */
export interface FilmInfo {
  /** ffmpeg's name of its container. */
  format: string;
  /** Length in seconds; null where it does not say. */
  seconds: number | null;
  /** When it was taken, ms since the epoch; null where it does not say. */
  takenAt: number | null;
}

/** Containers whose clock was never set say 1904 or 1970. */
const EARLIEST = Date.UTC(1990, 0, 1);
const PROBE_MS = 30_000;

/**
 * Reads a film's head.
 * @throws CameraError file_missing, unsupported (no video file), no_video, decode_error
 */
export async function probeFilm(path: string): Promise<FilmInfo> {
  const format = containerOf(await headOf(path));
  if (!format) throw new CameraError("unsupported", "this is no video file of a known kind");
  const lines: string[] = [];
  const { path: ffmpeg } = await findFfmpeg();
  const args = ["-hide_banner", "-nostdin", "-protocol_whitelist", "file", "-f", format];
  const process = new FfmpegProcess(ffmpeg, [...args, "-i", `file:${path}`], (line) => {
    if (lines.length < 500) lines.push(line);
  });
  const force = setTimeout(() => void process.stop(), PROBE_MS);
  await process.exited;
  clearTimeout(force);
  // without an output ffmpeg always fails in the end; it has then said what it found
  const known = lines.some((line) => line.startsWith("Input #"));
  if (!known) throw explainFfmpeg(lines, []);
  if (!lines.some((line) => /Stream #.*: Video: /.test(line))) {
    throw new CameraError("no_video", "there is no video in it");
  }
  return { format, seconds: secondsOf(lines), takenAt: takenAtOf(lines) };
}

async function headOf(path: string): Promise<Buffer> {
  let file;
  try {
    file = await open(path, "r");
  } catch {
    throw new CameraError("file_missing", "the video's file is not there");
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CONTAINER_BYTES), 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function secondsOf(lines: readonly string[]): number | null {
  const found = lines
    .map((line) => /^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(line))
    .find((match) => match !== null);
  if (!found) return null;
  const [, hours = 0, minutes = 0, seconds = 0] = found.map(Number);
  const length = hours * 3600 + minutes * 60 + seconds;
  return length > 0 ? length : null;
}

function takenAtOf(lines: readonly string[]): number | null {
  for (const line of lines) {
    const at = Date.parse(/^\s*creation_time\s*: (\S+)/.exec(line)?.[1] ?? "");
    if (at > EARLIEST && at <= Date.now()) return at;
  }
  return null;
}
