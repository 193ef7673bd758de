import { execFile } from "node:child_process";
import { accessSync, chmodSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where an ffmpeg is and how its options are spelled; options changed names over the years. */
export interface FfmpegInfo {
  path: string;
  /** As it says itself, e.g. "5.1.9-0+deb12u1". */
  version: string;
  /** Which of the three places it came from. */
  from: "PLATEGATE_FFMPEG" | "PATH" | "package";
  /** The RTSP demuxer's socket time-out option, in microseconds. */
  rtspTimeoutOption: string;
  /** Arguments that keep frames as they come, none doubled or left out. */
  passthrough: string[];
}

/** No usable ffmpeg; the message says how to get one. */
export class FfmpegMissing extends Error {
  readonly code = "ffmpeg_missing";
  constructor(detail: string) {
    super(
      `no usable ffmpeg (${detail}). Install it ("apt-get install ffmpeg", "brew install ffmpeg"), ` +
        `or set PLATEGATE_FFMPEG to its path, or install the npm package @ffmpeg-installer/ffmpeg.`,
    );
    this.name = "FfmpegMissing";
  }
}

const PROBE_TIMEOUT_MS = 20_000;
const known = new Map<string, Promise<FfmpegInfo>>();

/**
 * Finds ffmpeg: PLATEGATE_FFMPEG, then PATH, then the optional npm package; asks its
 * version once per path.
 * @throws FfmpegMissing
 */
export async function findFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<FfmpegInfo> {
  const { path, from } = candidate(env);
  let probing = known.get(path);
  if (!probing) {
    probing = probe(path, from);
    known.set(path, probing);
    probing.catch(() => known.delete(path));
  }
  return probing;
}

function candidate(env: NodeJS.ProcessEnv): Pick<FfmpegInfo, "path" | "from"> {
  const named = env["PLATEGATE_FFMPEG"];
  if (named) {
    if (!isFile(named))
      throw new FfmpegMissing(`PLATEGATE_FFMPEG names ${named}, which is no file`);
    return { path: named, from: "PLATEGATE_FFMPEG" };
  }
  const names = process.platform === "win32" ? ["ffmpeg.exe"] : ["ffmpeg"];
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    for (const name of names) {
      const path = join(folder, name);
      if (isExecutable(path)) return { path, from: "PATH" };
    }
  }
  return { path: packaged(), from: "package" };
}

/** The binary of the optional npm package; its install script, which may be barred, only sets the x bit. */
function packaged(): string {
  let path: string;
  try {
    path = (require("@ffmpeg-installer/ffmpeg") as { path: string }).path;
  } catch {
    throw new FfmpegMissing("neither in PATH nor as a package");
  }
  if (!isExecutable(path)) {
    try {
      chmodSync(path, 0o755);
    } catch {
      throw new FfmpegMissing(`${path} is not executable`);
    }
  }
  return path;
}

async function probe(path: string, from: FfmpegInfo["from"]): Promise<FfmpegInfo> {
  const banner = await ask(path, ["-version"]);
  const version = /^ffmpeg version (\S+)/m.exec(banner)?.[1];
  if (!version) throw new FfmpegMissing(`${path} does not answer like ffmpeg`);
  const rtsp = await ask(path, ["-hide_banner", "-h", "demuxer=rtsp"]);
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? 0);
  return {
    path,
    version,
    from,
    rtspTimeoutOption: /^\s*-stimeout\s/m.test(rtsp) ? "-stimeout" : "-timeout",
    passthrough: major >= 6 ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"],
  };
}

function ask(path: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(path, args, { timeout: PROBE_TIMEOUT_MS, maxBuffer: 4 << 20 }, (error, stdout) => {
      if (error) reject(new FfmpegMissing(`${path}: ${error.message.split("\n")[0] ?? ""}`));
      else resolve(stdout);
    });
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}
