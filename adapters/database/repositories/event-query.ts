import { sql, type Expression, type ExpressionBuilder, type SqlBool } from "kysely";
import type { EventFilter } from "../../../core/events/filters";
import {
  LISTED_REASONS,
  reasonsOfList,
  SHARED_REASONS,
  type ListName,
} from "../../../core/events/lists";
import { hashPlate } from "../../../core/events/hashing";
import { LOOK_MARK, lookKey } from "../../../core/plates/look-key";
import type { EventsTable, Schema } from "../schema";
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

/** Whether a filter asks for plates: few events have those. */
export function isByPlate({ plate, plateContains, platePattern, looksLike }: EventFilter): boolean {
  return (plate ?? plateContains ?? platePattern ?? looksLike) !== undefined;
}

/** Parts of a filter by what an index could find them. */
export type FilterPart = "equal" | "range" | "plate" | "confidence" | "list";

/**
 * The filter as one condition.
 * @param hashKey finds a whole plate also where it is hidden
 * @param unled parts that must not lead SQLite to an index: it has no idea how many
 *   rows fit, and the caller knows better
 */
export function conditionOf(
  filter: EventFilter,
  hashKey: Buffer | null,
  unled: readonly FilterPart[] = [],
): (eb: Builder) => Expression<SqlBool> {
  return (eb) => {
    const parts: Expression<SqlBool>[] = [];
    const ref = <C extends keyof EventsTable>(column: C, part: FilterPart) =>
      unled.includes(part)
        ? sql<EventsTable[C]>`+${sql.ref(column)}`
        : sql<EventsTable[C]>`${sql.ref(column)}`;
    for (const [field, column] of Object.entries(EQUAL)) {
      const value = filter[field as keyof typeof EQUAL];
      if (value !== undefined) parts.push(eb(ref(column, "equal"), "=", value));
    }
    if (filter.plate !== undefined) {
      const { plate } = filter;
      const hashed = hashKey ? [hashPlate(plate, hashKey)] : [];
      parts.push(eb(ref("plate_text", "plate"), "in", [plate, ...hashed]));
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
    if (filter.from !== undefined) parts.push(eb(ref("occurred_at", "range"), ">=", filter.from));
    if (filter.to !== undefined) parts.push(eb(ref("occurred_at", "range"), "<=", filter.to));
    if (filter.minConfidence !== undefined) {
      parts.push(eb(ref("confidence", "confidence"), ">=", filter.minConfidence));
    }
    if (filter.list !== undefined) {
      parts.push(eb(ref("decision", "list"), "in", ["open", "deny", "review"]));
      parts.push(decidedBy(eb, filter.list));
    }
    if (filter.jobId !== undefined) parts.push(eb("job_id", "=", filter.jobId));
    if (filter.decided) parts.push(eb("decision", "is not", null));
    if (filter.held !== undefined) parts.push(eb("held", "=", filter.held ? 1 : 0));
    if (filter.plateContains) {
      const like = containing(filter.plateContains);
      parts.push(plateLike(eb, ref("plate_text", "plate"), like, filter.plateContains));
    }
    if (filter.platePattern !== undefined) {
      const like = escaped(filter.platePattern).replace(/\*/g, "%").replace(/\?/g, "_");
      const longest = filter.platePattern
        .split(/[*?]/)
        .reduce((a, b) => (b.length > a.length ? b : a), "");
      parts.push(plateLike(eb, ref("plate_text", "plate"), like, longest));
    }
    if (filter.looksLike !== undefined) {
      parts.push(eb(ref("plate_text", "plate"), "in", alike(eb, filter.looksLike)));
    }
    return eb.and(parts);
  };
}

/** Decided passages that were on a list, as `listOfReason` tells it. */
function decidedBy(eb: Builder, list: ListName): Expression<SqlBool> {
  if (list === "none") {
    return eb.or([eb("reason", "is", null), eb("reason", "not in", [...LISTED_REASONS])]);
  }
  const own = eb("reason", "in", reasonsOfList(list));
  if (list === "deny_list" || list === "watch_list") return own;
  const vehicle = eb("vehicle_id", list === "vehicles" ? "is not" : "is", null);
  return eb.or([own, eb.and([eb("reason", "in", [...SHARED_REASONS]), vehicle])]);
}

/** Plates whose look-alike key (plate_grams) is that of a text, or fits that of a pattern. */
function alike(eb: Builder, pattern: string) {
  const key = LOOK_MARK + lookKey(pattern);
  const plates = eb.selectFrom("plate_grams").select("plate_grams.plate_text");
  if (!/[*?]/.test(pattern)) return plates.where("gram", "=", key);
  const like = escaped(key).replace(/\*/g, "%").replace(/\?/g, "_");
  // keys stand together in the index: what is no key is not looked at
  return plates
    .where("gram", ">=", LOOK_MARK)
    .where("gram", "<", AFTER_MARK)
    .where(sql<SqlBool>`gram like ${like} escape '!'`);
}

/** The first text after all keys. */
const AFTER_MARK = String.fromCharCode(LOOK_MARK.charCodeAt(0) + 1);

/**
 * A plate that is LIKE a pattern. Two or three characters that it must hold lead to
 * the few plates that do (plate_grams), so that no event is looked at in vain.
 */
function plateLike(
  eb: Builder,
  plate: Expression<string>,
  like: string,
  mustHold: string,
): Expression<SqlBool> {
  const gram = [...mustHold].slice(0, 3);
  if (gram.length < 2) return sql<SqlBool>`${plate} like ${like} escape '!'`;
  return eb(
    plate,
    "in",
    eb
      .selectFrom("plate_grams")
      .select("plate_grams.plate_text")
      .where("gram", "=", gram.join(""))
      .where(sql<SqlBool>`plate_grams.plate_text like ${like} escape '!'`),
  );
}
