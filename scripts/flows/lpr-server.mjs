import { CONFIG, idOf } from "./ids.mjs";

/** The LPR server: reads of cameras with a lane are decided; a barrier is the integrator's to add. */
export function lprServerFlow() {
  const tab = idOf("tab lpr server");
  const id = (name) => idOf(`lpr ${name}`);
  const at = (x, y) => ({ z: tab, x, y });
  return [
    {
      id: tab,
      type: "tab",
      label: "LPR server",
      info: "Edge cameras send their plates to port 8765 (LPR_PORT). Say in the node which lane a camera belongs to; connect a barrier to the check's first output to open for them.",
    },
    {
      id: id("server"),
      type: "lpr-server",
      ...at(150, 120),
      name: "",
      api: CONFIG.api,
      port: "",
      host: "",
      lanes: "",
      wires: [[id("check")]],
    },
    {
      id: id("check"),
      type: "allowlist-check",
      ...at(360, 120),
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
      wires: [[id("events")], [id("events")], [id("events")]],
    },
    {
      id: id("events"),
      type: "event-store",
      ...at(570, 120),
      name: "",
      store: CONFIG.store,
      site: CONFIG.site,
      zoneId: "",
      operation: "store",
      wires: [[]],
    },
  ];
}
