import { ffmpegSession } from "./ffmpeg-session";
import { folderSession } from "./folder-session";
import { httpSession } from "./http-session";
import { CameraError } from "./errors";
import { Supervisor, type StartSession } from "./supervisor";
import type {
  CameraCallbacks,
  CameraInput,
  CameraSettings,
  CameraSource,
  StreamInfo,
} from "./types";

const SESSIONS: Record<CameraInput["kind"], StartSession> = {
  rtsp: ffmpegSession,
  stream: ffmpegSession,
  file: ffmpegSession,
  http: httpSession,
  folder: folderSession,
};

/** Starts a camera; it runs until it is closed, or ends where it is played once. */
export function openCamera(settings: CameraSettings, callbacks: CameraCallbacks): CameraSource {
  return new Supervisor(settings, SESSIONS[settings.input.kind], callbacks);
}

/**
 * Connects once, waits for a first picture and lets go again.
 * @throws CameraError
 */
export async function probeCamera(
  settings: Omit<CameraSettings, "cameraId" | "laneId">,
  timeoutMs: number,
): Promise<StreamInfo> {
  let source: CameraSource | null = null;
  try {
    return await new Promise<StreamInfo>((resolve, reject) => {
      const failed = (code: CameraError["code"], message: string): void =>
        reject(new CameraError(code, message));
      let broken: string | null = null;
      source = openCamera(
        {
          ...settings,
          ...{ cameraId: "probe", laneId: null, retry: false, loop: false, watch: false },
          ...{ connectTimeoutMs: timeoutMs, stallMs: timeoutMs },
        },
        {
          onFrame: () => undefined,
          onBroken: (reason) => {
            broken ??= reason;
          },
          onState: ({ state, error, info }) => {
            if (state === "live" && info) resolve(info);
            else if (state === "failed" && error) {
              const undecodable = broken && error.code !== "auth_failed";
              failed(undecodable ? "decode_error" : error.code, broken ?? error.message);
            } else if (state === "ended") failed("no_video", broken ?? "it holds no picture");
          },
        },
      );
    });
  } finally {
    await (source as CameraSource | null)?.close();
  }
}
