import type { TableSpec } from "./define";

/** What people must look at; what an event alerted of goes with the event. */
export const alerts: TableSpec[] = [
  {
    name: "alerts",
    columns: {
      id: "id",
      at: "ms",
      kind: "short",
      priority: "short",
      event_id: "id?",
      camera_id: "id?",
      lane_id: "id?",
      barrier_id: "id?",
      plate: "id?",
      text: "text?",
      acknowledged_at: "ms?",
      acknowledged_by: "short?",
      note: "text?",
    },
    primary: ["id"],
    indexes: [["at"], ["acknowledged_at", "at"], ["event_id"]],
    belongsTo: { event_id: "events" },
  },
];
