import { maskParameters } from "../../core/config/secrets";

/** Why a camera gives no pictures. Stable: shown, translated and sent by the API. */
export type CameraErrorCode =
  | "unreachable"
  | "auth_failed"
  | "not_found"
  | "no_video"
  | "stalled"
  | "decode_error"
  | "file_missing"
  | "unsupported"
  | "ffmpeg_missing";

/** A camera's failure, with a message for people that never holds a password. */
export class CameraError extends Error {
  constructor(
    readonly code: CameraErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "CameraError";
  }
}

/** Any failure as a CameraError. */
export function toCameraError(error: unknown, secrets: string[] = []): CameraError {
  if (error instanceof CameraError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "code" in error) {
    if (error.code === "ffmpeg_missing") return new CameraError("ffmpeg_missing", message);
    if (error.code === "ENOENT") return new CameraError("file_missing", "no such file or folder");
  }
  return new CameraError("unreachable", mask(message, secrets));
}

/** Takes passwords out of a text: those of addresses, and the given ones wherever they stand. */
export function mask(text: string, secrets: string[] = []): string {
  let out = text.replace(/([a-z][a-z0-9+.-]*:\/\/)([^\s/@]*):([^\s/]*)@/gi, "$1$2:***@");
  out = out.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, maskParameters);
  for (const secret of secrets) if (secret) out = out.replaceAll(secret, "***");
  return out;
}

/** For whoever has typed the address: these two are seldom a camera that is merely off. */
export const CONNECTION_REFUSED = "connection refused: nothing listens at this address and port";
export const UNKNOWN_NAME = "no machine of this name is known";

const PATTERNS: [RegExp, CameraErrorCode, string][] = [
  [
    /401 Unauthorized|403 Forbidden|authorization failed/i,
    "auth_failed",
    "user or password refused",
  ],
  [
    /404 Not Found|454 Session|Server returned 404|method DESCRIBE failed: 404/i,
    "not_found",
    "the camera knows no such address",
  ],
  [/No such file or directory/i, "file_missing", "no such file"],
  [
    /matches no streams|does not contain any (video )?stream|no video/i,
    "no_video",
    "there is no video in it",
  ],
  [
    /Protocol not found|Unknown (decoder|input format)|Option .* not found|not supported/i,
    "unsupported",
    "this kind of stream is not supported",
  ],
  [
    /Device creation failed|hwaccel .*(failed|not)|No device available/i,
    "unsupported",
    "hardware decoding is not available here",
  ],
  [/Connection refused/i, "unreachable", CONNECTION_REFUSED],
  [/resolve hostname|Name or service|No address associated/i, "unreachable", UNKNOWN_NAME],
  [
    /No route to host|Network is unreachable|Connection timed out|Operation timed out|Connection reset|Broken pipe/i,
    "unreachable",
    "the camera does not answer",
  ],
  [/461 Unsupported transport/i, "unsupported", "the camera refuses this transport (TCP or UDP)"],
  [
    /Invalid data found|moov atom not found|could not find codec|Invalid argument|Error while decoding|Server returned 5/i,
    "decode_error",
    "not a video that can be decoded",
  ],
];

/** What an ffmpeg that failed meant, from its last lines. */
export function explainFfmpeg(lines: string[], secrets: string[]): CameraError {
  const text = lines.join("\n");
  for (const [pattern, code, message] of PATTERNS) {
    if (pattern.test(text)) return new CameraError(code, message);
  }
  const last = lines.findLast((line) => line.trim() !== "" && !line.startsWith("  "));
  return new CameraError("decode_error", mask(last ?? "ffmpeg ended without a word", secrets));
}
