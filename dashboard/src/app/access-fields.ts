import type { Field } from "./entries";
import { options } from "./lists";

/** Places and anti-passback of `/api/v1/settings/access`: to be set, or tried on the record. */
export function placesFields(): Field[] {
  return [
    { name: "occupancy_limit", kind: "number" },
    {
      name: "anti_passback",
      kind: "select",
      options: options("deciding.modes", ["off", "soft", "hard", "timed"]),
    },
    {
      name: "anti_passback_minutes",
      kind: "number",
      least: 1,
      when: ({ anti_passback: mode }) => mode === "timed",
    },
    { name: "watch_hits_need_review", kind: "check" },
  ];
}
