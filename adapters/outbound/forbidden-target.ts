import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { addressRules } from "./addresses";
import { forbiddenError } from "./guarded-lookup";

/** A name that is not resolved by then is taken: each connection checks again. */
const LOOK_UP_MS = 2_000;

/**
 * Why nothing may ever be sent to an address that somebody enters, so that they hear of it
 * at once and not in the log: link-local, metadata, and what OUTBOUND_DENY names. Null where
 * it may, or where its name is not known (yet).
 */
export async function forbiddenTarget(
  url: string,
  deny = process.env.OUTBOUND_DENY ?? "",
): Promise<string | null> {
  const forbidden = addressRules(deny);
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const bad = (await addressesOf(host)).find(forbidden);
  if (bad === undefined) return null;
  return forbiddenError(bad === host ? host : `${host} (${bad})`).message;
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<[]>((resolve) => {
    timer = setTimeout(() => resolve([]), LOOK_UP_MS);
  });
  const found = lookup(host, { all: true }).catch(() => []);
  const addresses = await Promise.race([found, late]);
  clearTimeout(timer);
  return addresses.map(({ address }) => address);
}
