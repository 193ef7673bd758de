import { sql, type Expression, type ExpressionBuilder, type SqlBool } from "kysely";
import type { EventFilter } from "../../../core/events/filters";
import { hashPlate } from "../../../core/events/hashing";
import type { Schema } from "../schema";
import { containing, escaped } from "./rows";

type Builder = ExpressionBuilder<Schema, "events">;

/** Columns that must equal a value of the filter. */
const EQUAL = {
  cameraId: "camera_id",
  zoneId: "zone_id",
  laneId: "lane_id",
  siteId: "site_id",
  decision: "decision",
  reason: "reason",
  source: "source",
  state: "state",
  vehicleId: "vehicle_id",
  retentionClass: "retention_class",
} as const satisfies Partial<Record<keyof EventFilter, string>>;

/**
 * The filter as one condition.
 * @param hashKey finds a whole plate also where it is hidden
 */
export function conditionOf(
  filter: EventFilter,
  hashKey: Buffer | null,
): (eb: Builder) => Expression<SqlBool> {
  return (eb) => {
    const parts: Expression<SqlBool>[] = [];
    for (const [field, column] of Object.entries(EQUAL)) {
      const value = filter[field as keyof typeof EQUAL];
      if (value !== undefined) parts.push(eb(column, "=", value));
    }
    if (filter.plate !== undefined) {
      const { plate } = filter;
      const hashed = hashKey ? [hashPlate(plate, hashKey)] : [];
      parts.push(eb("plate_text", "in", [plate, ...hashed]));
    }
    for (const [field, value] of [
      ["type", filter.vehicleType],
      ["color", filter.vehicleColour],
    ] as const) {
      // the column holds JSON that this program wrote: a field and its text stand side by side
      if (value !== undefined) {
        const written = containing(`"${field}":${JSON.stringify(value)}`);
        parts.push(sql<SqlBool>`vehicle_info_json like ${written} escape '!'`);
      }
    }
    if (filter.from !== undefined) parts.push(eb("occurred_at", ">=", filter.from));
    if (filter.to !== undefined) parts.push(eb("occurred_at", "<=", filter.to));
    if (filter.minConfidence !== undefined) {
      parts.push(eb("confidence", ">=", filter.minConfidence));
    }
    if (filter.held !== undefined) parts.push(eb("held", "=", filter.held ? 1 : 0));
    if (filter.plateContains) {
      parts.push(plateLike(eb, containing(filter.plateContains), filter.plateContains));
    }
    if (filter.platePattern !== undefined) {
      const like = escaped(filter.platePattern).replace(/\*/g, "%").replace(/\?/g, "_");
      const longest = filter.platePattern
        .split(/[*?]/)
        .reduce((a, b) => (b.length > a.length ? b : a), "");
      parts.push(plateLike(eb, like, longest));
    }
    return eb.and(parts);
  };
}

/**
 * A plate that is LIKE a pattern. Three characters that it must hold lead to the
 * few plates that do (plate_grams), so that no event is looked at in vain.
 */
function plateLike(eb: Builder, like: string, mustHold: string): Expression<SqlBool> {
  const gram = [...mustHold].slice(0, 3);
  const matches = sql<SqlBool>`plate_text like ${like} escape '!'`;
  if (gram.length < 3) return matches;
  return eb(
    "plate_text",
    "in",
    eb
      .selectFrom("plate_grams")
      .select("plate_grams.plate_text")
      .where("gram", "=", gram.join(""))
      .where(sql<SqlBool>`plate_grams.plate_text like ${like} escape '!'`),
  );
}
