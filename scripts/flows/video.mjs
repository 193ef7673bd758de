import { CONFIG, idOf } from "./ids.mjs";

/** Uploaded videos are read here. Wire the outputs to what should hear of them. */
export function videoFlow() {
  const tab = idOf("tab video");
  return [
    {
      id: tab,
      type: "tab",
      label: "Videos",
      info: "Videos uploaded on the dashboard or by POST /api/uploads are read by this node. Its outputs: progress, passages, reads.",
    },
    {
      id: idOf("video job"),
      type: "video-job",
      z: tab,
      name: "Uploaded videos",
      store: CONFIG.store,
      models: CONFIG.models,
      site: CONFIG.site,
      fps: "",
      minDetection: "",
      tiles: false,
      agree: "2",
      gap: "3",
      regions: "",
      x: 220,
      y: 120,
      wires: [[], [], []],
    },
  ];
}
