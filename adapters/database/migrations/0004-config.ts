import { base } from "./0001-base";
import type { TableSpec } from "./define";

const cameras = base.find(({ name }) => name === "cameras");

/** Places on a map, and the order in which events were streamed. */
export const config: TableSpec[] = [
  { ...(cameras as TableSpec), name: "locations" },
  {
    name: "stream_log",
    columns: { seq: "ms", event_id: "id", at: "ms" },
    primary: ["seq"],
    indexes: [["event_id"], ["at"]],
  },
];
