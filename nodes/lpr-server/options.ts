import { originsFrom } from "../../api/http/origins";
import type { LprOptions } from "../../api/lpr/server";
import { laneLines } from "../shared/lane-lines";

/** The node's settings as the editor saves them. */
export interface LprFields {
  /** Empty: LPR_PORT, else 8765. 0 turns the server off. */
  port: string | number;
  /** Empty: LPR_HOST, else this machine alone. */
  host: string;
  /** A line a camera: "CAM001 = entry". */
  lanes: string;
  wires?: string[][];
}

const DEFAULT_PORT = 8765;

/**
 * The server's settings, from the node and where it leaves them empty from the environment.
 * @returns null where it is turned off
 * @throws Error for a port or a line of lanes that is not understood
 */
export function lprOptions(fields: LprFields, env: NodeJS.ProcessEnv): LprOptions | null {
  const port = portOf(String(fields.port ?? "").trim() || env.LPR_PORT || String(DEFAULT_PORT));
  if (port === 0) return null;
  return {
    port,
    host: fields.host?.trim() || env.LPR_HOST || "127.0.0.1",
    open: env.LPR_AUTH?.toLowerCase() === "off",
    origins: originsFrom(env),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    lanes: laneLines(fields.lanes ?? ""),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`"${text}" is not a port (0 to 65535)`);
}
