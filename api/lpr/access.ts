import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AuthService, Credentials } from "../auth/service";
import type { Permission, Principal } from "../auth/permissions";
import { isCrossOrigin, isLocal } from "../http/request";

const EVERYTHING_HERE: readonly Permission[] = ["events.read", "stream", "ingest"];

/** A program on this machine, which the manual's examples are. */
export const LOCAL_CALLER: Principal = {
  kind: "key",
  id: "lpr-local",
  name: "lpr-local",
  role: null,
  permissions: new Set(EVERYTHING_HERE),
  credentialId: null,
};

/** Requests and messages a minute per user or key (API-DECISIONS, Limits). */
export const MESSAGES_A_MINUTE = 1_000;

export interface DoorOptions {
  /** LPR_AUTH=off: everybody is let in. */
  open: boolean;
  /** Origins of pages that may call (CORS_ORIGINS). */
  origins: readonly string[];
}

/** Who may use the LPR port (API-DECISIONS, Who may call). */
export class Door {
  constructor(
    private readonly auth: AuthService,
    private readonly options: DoorOptions,
  ) {}

  /**
   * Who a caller is: by credential where it shows one, else, on this machine or with
   * the door open, nobody in particular. Null for all others.
   */
  async callerOf(request: IncomingMessage, shown: Credentials): Promise<Principal | null> {
    if (shown.authorization || shown.apiKey) {
      return this.auth.authenticate({ authorization: shown.authorization, apiKey: shown.apiKey });
    }
    return this.options.open || isLocal(request) ? LOCAL_CALLER : null;
  }

  /**
   * Whether a page's script may call at all. A socket is not held back by CORS: without
   * this any page that is open in a browser on this machine could send plates.
   */
  admits(headers: IncomingHttpHeaders): boolean {
    const { origin } = headers;
    return !origin || !isCrossOrigin(headers) || this.allowsOrigin(origin);
  }

  allowsOrigin(origin: string): boolean {
    return this.options.origins.includes("*") || this.options.origins.includes(origin);
  }
}

/**
 * Whose requests are counted together: a user's or key's, however many connections and
 * addresses it has; without a credential an address's. Null for programs on this machine.
 */
export function countedAs(principal: Principal, request: IncomingMessage): string | null {
  if (principal !== LOCAL_CALLER) return principal.id;
  return isLocal(request) ? null : `address ${request.socket.remoteAddress ?? ""}`;
}
