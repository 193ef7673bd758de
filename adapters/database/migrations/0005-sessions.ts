import { sql, type Kysely, type Migration } from "kysely";
import type { DialectName } from "../types";
import { addColumns } from "./define";

/** Refresh tokens come one after the other in a family, which ends as a whole. */
export function sessions(dialect: DialectName): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await addColumns(db, dialect, "sessions", { family_id: "id?", replaced_at: "ms?" });
      await sql`update sessions set family_id = id`.execute(db);
      await db.schema
        .createIndex("sessions_family_id")
        .on("sessions")
        .columns(["family_id"])
        .execute();
    },
  };
}
