import { createHash } from "node:crypto";

/** A stable 16-digit id: config nodes must not be named like properties, and diffs stay small. */
export const idOf = (name) =>
  createHash("sha256").update(`plategate:${name}`).digest("hex").slice(0, 16);

/** Ids of the config nodes in flows/config.json, which the other files refer to. */
export const CONFIG = {
  site: idOf("site"),
  store: idOf("store"),
  models: idOf("models"),
  api: idOf("api"),
};
