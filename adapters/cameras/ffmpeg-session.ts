import { setPriority } from "node:os";
import type { FfmpegInfo } from "../ffmpeg/locate";
import { findFfmpeg } from "../ffmpeg/locate";
import { FfmpegProcess } from "../ffmpeg/process";
import { CameraError, explainFfmpeg, mask, toCameraError } from "./errors";
import { secretsOf } from "./address";
import type { CameraSettings, Session, SessionSink, StreamInfo } from "./types";
import { Y4mReader, type Y4mFrame } from "./y4m";

/** How far a film's decoder stands back behind cameras and the gate. */
const NICE = 10;
/** A frame rate for films whose frames are stamped by counting, where none is asked for. */
const JOB_FPS = 10;
/** Opens an RTSP stream, another stream or a video file through ffmpeg. */
export function ffmpegSession(settings: CameraSettings, sink: SessionSink): Session {
  let stopped = false;
  let process: FfmpegProcess | null = null;
  const secrets = secretsOf(settings.input);
  const run = async (): Promise<void> => {
    const info = await findFfmpeg();
    if (stopped) return;
    const stderr = new StderrReader(sink, secrets);
    process = new FfmpegProcess(info.path, ffmpegArguments(settings, info), (line) => {
      stderr.line(line);
    });
    if (settings.film) lowerPriority(process.pid);
    await readFrames(process, settings, sink, stderr);
    const exit = await process.exited;
    if (!stopped && (exit.code !== 0 || stderr.frames === 0)) {
      throw explainFfmpeg(exit.lines, secrets);
    }
    if (!stopped && settings.input.kind !== "file") {
      throw new CameraError("stalled", "the camera ended its stream");
    }
  };
  const done = run().catch((error: unknown) => {
    throw toCameraError(error, secrets);
  });
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      stopped = true;
      await process?.stop();
      await done.catch(() => undefined);
    },
  };
}

/** ffmpeg's arguments for a camera: what to open, how to thin it out, I420 frames to stdout. */
export function ffmpegArguments(settings: CameraSettings, info: FfmpegInfo): string[] {
  const { input, hwaccel, keyFramesOnly } = settings;
  const args = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "info"];
  if (hwaccel) args.push("-hwaccel", hwaccel);
  if (keyFramesOnly) args.push("-skip_frame", "nokey");
  args.push(...inputArguments(settings, info));
  args.push("-map", "0:v:0", "-an", "-sn", "-dn", "-vf", filters(settings));
  if (input.kind !== "file" || settings.pace !== "consumer") args.push(...info.passthrough);
  args.push("-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-strict", "-1", "pipe:1");
  return args;
}

/** Where the system lets us; without it the film is read all the same. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // gone already, or not allowed here
  }
}

function inputArguments(settings: CameraSettings, info: FfmpegInfo): string[] {
  const { input } = settings;
  const patience = String((settings.stallMs ?? 10_000) * 1000);
  switch (input.kind) {
    case "rtsp":
      return [
        ...["-rtsp_transport", input.transport, info.rtspTimeoutOption, patience],
        ...["-fflags", "nobuffer", "-fpsprobesize", "0", "-i", input.url],
      ];
    case "file":
      return [
        ...(settings.pace === "consumer" ? [] : ["-re"]),
        ...(settings.loop ? ["-stream_loop", "-1"] : []),
        ...(input.format ? ["-protocol_whitelist", "file", "-f", input.format] : []),
        ...(settings.film?.startSeconds ? ["-ss", settings.film.startSeconds.toFixed(6)] : []),
        ...["-i", `file:${input.path}`],
      ];
    case "stream":
      return ["-rw_timeout", patience, "-fflags", "nobuffer", "-i", input.url];
    default:
      throw new CameraError("unsupported", `ffmpeg does not read a ${input.kind}`);
  }
}

function filters(settings: CameraSettings): string {
  const { region, maxWidth, fps = 0, pace } = settings;
  const chain: string[] = [];
  if (pace === "consumer") chain.push(`fps=${fps || JOB_FPS}`);
  else if (fps > 0) {
    // One frame of each 1/fps: none is doubled, and the half keeps jitter from crossing a border.
    const slot = (time: string): string => `floor(${time}*${fps}+0.5)`;
    const next = `gt(${slot("t")}\\,${slot("prev_selected_t")})`;
    chain.push(`select='isnan(prev_selected_t)+${next}+lt(t\\,prev_selected_t)'`);
  }
  if (region) {
    const [x, y, w, h] = region.map((v) => v.toFixed(5));
    chain.push(`crop=iw*${w}:ih*${h}:iw*${x}:ih*${y}`);
  }
  const width = maxWidth ? `'min(iw\\,${maxWidth})'` : "iw";
  chain.push(`scale=w=${width}:h=-2:out_range=tv`, "format=yuv420p");
  return chain.join(",");
}

/** Passes frames on; in consumer pace reads on only when the last was taken. */
async function readFrames(
  process: FfmpegProcess,
  settings: CameraSettings,
  sink: SessionSink,
  stderr: StderrReader,
): Promise<void> {
  const reader = new Y4mReader();
  const waits = settings.pace === "consumer";
  const { film } = settings;
  const started = film ? film.takenAt + film.startSeconds * 1000 : Date.now();
  const gap = 1000 / (settings.fps || JOB_FPS);
  const ready: Y4mFrame[] = [];
  try {
    for await (const chunk of process.stdout) {
      reader.push(chunk as Buffer, (frame) => ready.push(frame));
      for (const frame of ready.splice(0)) {
        const capturedAt = waits ? Math.round(started + stderr.frames * gap) : Date.now();
        stderr.frame(frame);
        const taken = sink.picture({ ...frame, format: "i420", capturedAt });
        if (waits) await taken;
      }
    }
  } catch (error) {
    await process.stop();
    if (error instanceof Error && /aborted|premature|destroyed/i.test(error.message)) return;
    throw new CameraError("decode_error", error instanceof Error ? error.message : String(error));
  }
}

const DAMAGE = /error while decoding|corrupt|concealing|decode_slice_header error|Invalid NAL/i;

/** Takes codec, size and rate out of ffmpeg's own words, and counts what it complains of. */
class StderrReader {
  frames = 0;
  private codec = "unknown";
  private fps: number | null = null;
  private inInput = false;

  constructor(
    private readonly sink: SessionSink,
    private readonly secrets: string[],
  ) {}

  line(line: string): void {
    if (line.startsWith("Input #")) this.inInput = true;
    if (line.startsWith("Stream mapping") || line.startsWith("Output #")) this.inInput = false;
    const video = this.inInput ? /Stream #0:\d+.*?: Video: (\w+)(.*)/.exec(line) : null;
    if (video && this.codec === "unknown") {
      this.codec = video[1] ?? "unknown";
      const rate = /([\d.]+)(k?) fps/.exec(video[2] ?? "");
      this.fps = rate ? Number(rate[1]) * (rate[2] ? 1000 : 1) : null;
    }
    if (DAMAGE.test(line)) this.sink.broken(mask(line.trim(), this.secrets));
  }

  frame(frame: Y4mFrame): void {
    if (this.frames === 0) {
      const info: StreamInfo = {
        codec: this.codec,
        width: frame.width,
        height: frame.height,
        fps: this.fps,
      };
      this.sink.info(info);
    }
    this.frames++;
  }
}
