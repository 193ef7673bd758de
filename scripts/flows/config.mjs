import { CONFIG } from "./ids.mjs";

/** The config nodes that the other files refer to. */
export function configFlow() {
  return [
    { id: CONFIG.site, type: "plategate-site", name: "Site", siteId: "site", timeZone: "" },
    { id: CONFIG.store, type: "plategate-store", name: "Store", url: "${DATABASE_URL}" },
    {
      id: CONFIG.models,
      type: "plategate-models",
      name: "Models",
      engine: "auto",
      script: "latin",
      preset: "gate",
      workers: "",
    },
    {
      id: CONFIG.api,
      type: "plategate-api",
      name: "API",
      store: CONFIG.store,
      models: CONFIG.models,
    },
  ];
}
