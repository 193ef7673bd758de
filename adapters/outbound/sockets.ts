import { lookup as dnsLookup } from "node:dns";
import { connect, isIP, Socket, type LookupFunction } from "node:net";
import { connect as tlsConnect, type ConnectionOptions } from "node:tls";
import { addressRules } from "./addresses";
import { forbiddenError, guarded } from "./guarded-lookup";

export interface SocketTarget {
  host: string;
  port: number;
  /** TLS from the first byte, with these options; absent: plain. */
  tls?: ConnectionOptions | undefined;
  /** Name resolution, `dns.lookup` by default. */
  lookup?: LookupFunction | undefined;
  /** Further networks that may not be reached; default: the variable OUTBOUND_DENY. */
  deny?: string | undefined;
}

/**
 * A connection to elsewhere under the rule for everything outbound: link-local and
 * metadata addresses are refused after name resolution. A refused one fails like a
 * connection that cannot be made: by its `error` event.
 */
export function outboundSocket(target: SocketTarget): Socket {
  const forbidden = addressRules(target.deny ?? process.env.OUTBOUND_DENY ?? "");
  const host = target.host.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && forbidden(host)) {
    const refused = new Socket();
    process.nextTick(() => refused.destroy(forbiddenError(host)));
    return refused;
  }
  const lookup = guarded(target.lookup ?? dnsLookup, forbidden);
  const to = { host, port: target.port, lookup };
  if (!target.tls) return connect(to);
  const name = isIP(host) === 0 ? { servername: host } : {};
  return tlsConnect({ ...to, ...name, ...target.tls });
}
