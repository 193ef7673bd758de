import type { TableSpec } from "./define";

/** Cameras that push their reads to the LPR server and register themselves there. */
export const lprCameras: TableSpec[] = [
  {
    name: "lpr_cameras",
    columns: {
      id: "id",
      location: "text?",
      registered_at: "ms",
      last_seen_at: "ms",
    },
    primary: ["id"],
  },
];
