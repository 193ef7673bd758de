import { sql, type Kysely, type Migration } from "kysely";
import type { DialectName } from "../types";

/**
 * Events of a tenth of the plates, from which statistics estimate how many different
 * ones there are: without it every event of a month has to be looked at. The condition
 * is that of `inSample` (event-statistics.ts). MySQL has no partial indexes.
 */
export function sampledPlates(dialect: DialectName): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      if (dialect === "mysql") return;
      const condition =
        dialect === "sqlite"
          ? "(unicode(substr(plate_text, -1)) + unicode(substr(plate_text, -2))) % 10 = 0"
          : "(ascii(right(plate_text, 1)) + ascii(right(plate_text, 2))) % 10 = 0";
      const columns = "occurred_at, plate_text, camera_id, zone_id, lane_id, decision";
      await sql
        .raw(`create index events_sampled_plates on events (${columns}) where ${condition}`)
        .execute(db);
    },
  };
}
