import type { TableSpec } from "./define";

/** Plates that the access-control system was told of by the last comparison. */
export const credentials: TableSpec[] = [
  { name: "access_credentials", columns: { plate: "id", synced_at: "ms" }, primary: ["plate"] },
];
