import type { LookupFunction } from "node:net";
import { OutboundError } from "./errors";

export function forbiddenError(address: string): OutboundError {
  return new OutboundError("forbidden_address", `${address} is an address that is not allowed`);
}

/** A look-up whose every answer must be allowed: one bad address spoils the name. */
export function guarded(
  lookup: LookupFunction,
  forbidden: (address: string) => boolean,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error) {
        callback(error, address, family);
        return;
      }
      const found = typeof address === "string" ? [address] : address.map((one) => one.address);
      const bad = found.find(forbidden);
      if (bad !== undefined) callback(forbiddenError(`${hostname} (${bad})`), "", 0);
      else callback(null, address, family);
    });
  };
}
