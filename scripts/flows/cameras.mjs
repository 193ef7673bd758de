import { CONFIG, idOf } from "./ids.mjs";
import { detectNode, eventsNode, ocrNode, trackNode } from "./stages.mjs";

/** The cameras of the configuration API: read, decided about, stored. No barrier is wired. */
export function camerasFlow() {
  const tab = idOf("tab cameras");
  const id = (name) => idOf(`cameras ${name}`);
  const at = (x, y) => ({ z: tab, x, y });
  return [
    {
      id: tab,
      type: "tab",
      label: "Cameras",
      info: "Every camera that is set up by the API (/config/cameras) is read here. To open a gate, wire a barrier behind “Who may pass” and limit it to its lane.",
    },
    {
      id: id("comment"),
      type: "comment",
      ...at(260, 60),
      name: "Cameras of the API; add one with POST /config/cameras",
      info: "Changes take effect without a deploy. The zones of /config/zones count here.",
      wires: [],
    },
    {
      id: id("source"),
      type: "registered-cameras",
      ...at(150, 140),
      name: "",
      store: CONFIG.store,
      models: CONFIG.models,
      picture: "none",
      only: "",
      wires: [[id("detect")]],
    },
    detectNode(id("detect"), at(350, 140), [id("ocr")]),
    ocrNode(id("ocr"), at(520, 140), [id("track")]),
    trackNode(id("track"), at(690, 140), [id("check"), id("events")]),
    checkNode(id, at),
    {
      id: OPENS,
      type: "link out",
      ...at(625, 180),
      name: "opens",
      mode: "link",
      links: [idOf("environment link in")],
      wires: [],
    },
    {
      id: OUTCOMES,
      type: "link in",
      ...at(535, 320),
      name: "what the barriers did",
      links: [idOf("environment link out")],
      wires: [[id("events")]],
    },
    eventsNode(id("events"), at(690, 240)),
  ];
}

/** To and from the barriers of the environment's variables (cli/app/environment-flow.ts), where there are any. */
const OPENS = idOf("link cameras opens");
const OUTCOMES = idOf("link cameras outcomes");

/** Decides as the demo's gate does; the lane is the camera's. */
function checkNode(id, at) {
  const events = id("events");
  return {
    id: id("check"),
    type: "allowlist-check",
    ...at(460, 240),
    name: "Who may pass",
    store: CONFIG.store,
    site: CONFIG.site,
    laneId: "",
    plates: "",
    way: "",
    minConfidence: "",
    minReads: "",
    fewReadsConfidence: "",
    maxAgeSeconds: "",
    motion: "",
    motionStrict: false,
    factorLoop: false,
    factorTag: false,
    factorPin: false,
    factorSeconds: "",
    graceSeconds: 300,
    externalUrl: "",
    trustMessages: false,
    wires: [[events, OPENS], [events], [events]],
  };
}
