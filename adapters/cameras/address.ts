import { statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CameraError, mask } from "./errors";
import type { CameraInput } from "./types";

/** The film that comes with the package, as a camera's address. */
export const DEMO_ADDRESS = "demo:gate";

export interface AddressOptions {
  user?: string;
  password?: string;
  transport?: "tcp" | "udp";
  /** Where relative paths begin. Default: the working directory. */
  base?: string;
}

/**
 * What a camera's address names: `rtsp://…`, `http(s)://…` (MJPEG or snapshot), another
 * scheme that ffmpeg reads, a video file, a folder of pictures, or `demo:gate`.
 * @throws CameraError "unsupported" for an empty or unreadable address
 */
export function parseAddress(address: string, options: AddressOptions = {}): CameraInput {
  const text = address.trim();
  if (text === "") throw new CameraError("unsupported", "the camera has no address");
  if (text === DEMO_ADDRESS) return { kind: "file", path: demoFilm() };
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (!scheme) return onDisk(isAbsolute(text) ? text : resolve(options.base ?? ".", text));
  if (scheme === "file") return onDisk(fileURLToPath(text));
  if (scheme === "http" || scheme === "https") return httpInput(text, options);
  const url = withCredentials(text, options);
  if (scheme === "rtsp" || scheme === "rtsps") {
    return { kind: "rtsp", url, transport: options.transport ?? "tcp" };
  }
  if (["rtmp", "rtmps", "srt", "udp", "tcp", "rtp"].includes(scheme))
    return { kind: "stream", url };
  throw new CameraError("unsupported", `addresses beginning with ${scheme}:// are not supported`);
}

/** An address with user and password in it, encoded. */
export function withCredentials(address: string, { user, password }: AddressOptions): string {
  if (!user) return address;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password ?? "")}@`;
  return address.replace(
    /^([a-z][a-z0-9+.-]*:\/\/)([^/@]*@)?/i,
    (_all, start: string) => start + login,
  );
}

/** An address for people: its password masked. */
export function shownAddress(address: string): string {
  return mask(address);
}

/** What must never be shown: the password as given and as it stands in the address. */
export function secretsOf(input: CameraInput): string[] {
  if (input.kind === "http") return [input.password].filter((s) => s.length > 3);
  if (input.kind !== "rtsp" && input.kind !== "stream") return [];
  const encoded = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@]*?:([^\s/]*)@/i.exec(input.url)?.[1] ?? "";
  return [encoded, decode(encoded)].filter((s) => s.length > 3);
}

function httpInput(text: string, options: AddressOptions): CameraInput {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new CameraError("unsupported", "the camera's address cannot be read");
  }
  const user = options.user || decode(url.username);
  const password = options.user ? (options.password ?? "") : decode(url.password);
  url.username = "";
  url.password = "";
  return { kind: "http", url: url.href, user, password };
}

function onDisk(path: string): CameraInput {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? { kind: "folder", path } : { kind: "file", path };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Beside the compiled sources (dist/adapters/cameras) or beside the sources themselves. */
function demoFilm(): string {
  const places = [join(__dirname, "../../../examples"), join(__dirname, "../../examples")];
  const films = places.map((place) => join(place, "footage", "gate.mp4"));
  return films.find((film) => statSync(film, { throwIfNoEntry: false })) ?? String(films[0]);
}
