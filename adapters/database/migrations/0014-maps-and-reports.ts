import type { Kysely, Migration } from "kysely";
import { isHashed } from "../../../core/events/hashing";
import { LOOK_MARK, lookKey } from "../../../core/plates/look-key";
import { orIgnore } from "../repositories/rows";
import type { Schema } from "../schema";
import type { DialectName } from "../types";
import { base } from "./0001-base";
import { createIndex, createTable, type TableSpec } from "./define";

const configured = base.find(({ name }) => name === "cameras") as TableSpec;

/** Reports that were asked for, also by a schedule. */
const reports: TableSpec = {
  name: "reports",
  columns: {
    id: "id",
    name: "short",
    kind: "short",
    format: "short",
    definition_json: "json",
    schedule_id: "id?",
    requested_by: "short",
    state: "short",
    progress: "int",
    rows: "int?",
    size: "ms?",
    error: "text?",
    owner: "id?",
    leased_until: "ms",
    created_at: "ms",
    finished_at: "ms?",
  },
  primary: ["id"],
  indexes: [["created_at"], ["state", "created_at"]],
};

/** Plates that are worked on together. */
const STEP = 1000;

/** The map's plans and places, reports, counts by list, and plates by what they look like. */
export function mapsAndReports(dialect: DialectName): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      for (const name of ["plans", "camera_places", "report_templates", "report_schedules"]) {
        await createTable(db, dialect, { ...configured, name });
      }
      await createTable(db, dialect, reports);
      await createIndex(db, "events", ["decision", "occurred_at", "reason", "camera_id"], false);
      const old = db.schema.dropIndex("events_decision_occurred_at");
      await (dialect === "mysql" ? old.on("events") : old).execute();
      await addLookKeys(db, dialect);
    },
  };
}

/**
 * Adds what each stored plate looks like to its parts. The plates are read from the events,
 * whose index holds each beside its like: a plate has a dozen parts, that lie all over their table.
 */
export async function addLookKeys(db: Kysely<Schema>, dialect: DialectName): Promise<void> {
  for (let last = ""; ;) {
    const plates = await db
      .selectFrom("events")
      .select("plate_text")
      .distinct()
      .where("plate_text", ">", last)
      .orderBy("plate_text")
      .limit(STEP)
      .execute();
    if (plates.length === 0) return;
    last = plates.at(-1)?.plate_text ?? "";
    const rows = plates
      .filter(({ plate_text: plate }) => !isHashed(plate))
      .map(({ plate_text: plate }) => ({ gram: LOOK_MARK + lookKey(plate), plate_text: plate }));
    if (rows.length === 0) continue;
    await orIgnore(dialect, db.insertInto("plate_grams").values(rows)).execute();
  }
}
