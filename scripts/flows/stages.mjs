import { CONFIG } from "./ids.mjs";

/** The reading nodes as the shipped gates have them. `at`: tab and place; `next`: ids the output is wired to. */
export function detectNode(id, at, next) {
  return {
    id,
    type: "plate-detect",
    ...at,
    name: "",
    models: CONFIG.models,
    minConfidence: "",
    minWidth: "",
    zones: "",
    tiles: false,
    passEmpty: true,
    wires: [next],
  };
}

export function ocrNode(id, at, next) {
  return {
    id,
    type: "plate-ocr",
    ...at,
    name: "",
    models: CONFIG.models,
    script: "",
    minConfidence: "",
    wires: [next],
  };
}

export function trackNode(id, at, next) {
  return {
    id,
    type: "plate-track",
    ...at,
    name: "",
    models: CONFIG.models,
    agree: "2",
    gap: "3",
    minConfidence: "",
    settle: "30",
    finalReads: "",
    only: "",
    regions: "",
    zones: "",
    lines: "",
    wires: [next],
  };
}

export function eventsNode(id, at) {
  return {
    id,
    type: "event-store",
    ...at,
    name: "",
    store: CONFIG.store,
    site: CONFIG.site,
    zoneId: "",
    operation: "store",
    wires: [[]],
  };
}
