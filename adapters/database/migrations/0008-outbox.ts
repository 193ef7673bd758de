import { base } from "./0001-base";
import type { TableSpec } from "./define";

const configured = base.find(({ name }) => name === "cameras");

/** What leaves: items by target, how each target is doing, who is told of what. */
export const outbox: TableSpec[] = [
  {
    name: "outbox",
    columns: {
      id: "id",
      target: "id",
      lane: "id",
      kind: "short",
      event_id: "id?",
      payload_json: "json?",
      state: "short",
      position: "ms",
      created_at: "ms",
      attempts: "int",
      last_error: "text?",
      finished_at: "ms?",
    },
    primary: ["id"],
    indexes: [["target", "state", "position"], ["event_id"], ["state", "finished_at"]],
  },
  {
    name: "outbox_targets",
    columns: {
      id: "id",
      owner: "id?",
      leased_until: "ms",
      retry_at: "ms",
      failures: "int",
      failing_since: "ms?",
      last_error: "text?",
      last_success_at: "ms?",
      refused: "int",
      refused_from: "ms?",
      refused_until: "ms?",
    },
    primary: ["id"],
  },
  { ...(configured as TableSpec), name: "notification_rules" },
];
