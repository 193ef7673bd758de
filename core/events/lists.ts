import type { ReasonCode } from "../messages";

/** Which list a passage was decided by; "none": a vehicle on no list, or not readable. */
export const LISTS = ["vehicles", "visitors", "deny_list", "watch_list", "none"] as const;
export type ListName = (typeof LISTS)[number];

/** Reasons that say which list it was. */
const BY_REASON: Partial<Record<ReasonCode, ListName>> = {
  allowed: "vehicles",
  allowed_confusable: "vehicles",
  suspended: "vehicles",
  blocked: "vehicles",
  unknown_group: "vehicles",
  permit_in_use: "vehicles",
  visitor_pass: "visitors",
  pass_used_up: "visitors",
  deny_list: "deny_list",
  watch_list: "watch_list",
};

/** Rules that vehicles and visitors' passes both are measured by: the vehicle tells which it was. */
export const SHARED_REASONS: readonly ReasonCode[] = [
  "not_yet_valid",
  "expired",
  "outside_schedule",
  "wrong_lane",
  "wrong_direction",
  "anti_passback",
  "occupancy_full",
  "second_factor_missing",
  "second_factor_wrong",
  "external_denied",
];

/** Reasons that alone say that it was this list; none for "none". */
export function reasonsOfList(list: ListName): ReasonCode[] {
  return (Object.keys(BY_REASON) as ReasonCode[]).filter((reason) => BY_REASON[reason] === list);
}

/** Reasons of passages that were on some list. */
export const LISTED_REASONS: readonly ReasonCode[] = [
  ...(Object.keys(BY_REASON) as ReasonCode[]),
  ...SHARED_REASONS,
];

/** @param known whether the passage was taken for a registered vehicle; asked only of shared reasons */
export function listOfReason(reason: string | null, known: boolean): ListName {
  const named = BY_REASON[reason as ReasonCode];
  if (named) return named;
  if (!SHARED_REASONS.includes(reason as ReasonCode)) return "none";
  return known ? "vehicles" : "visitors";
}
