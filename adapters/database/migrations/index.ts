import type { Kysely, Migration, MigrationProvider } from "kysely";
import type { DialectName } from "../types";
import { access } from "./0002-access";
import { base } from "./0001-base";
import { eventCountsMigration } from "./0003-event-counts";
import { config } from "./0004-config";
import { jobsMigration } from "./0012-jobs";
import { review } from "./0011-review";
import { credentials } from "./0013-credentials";
import { mapsAndReports } from "./0014-maps-and-reports";
import { lprCameras } from "./0010-lpr-cameras";
import { sessions } from "./0005-sessions";
import { alerts } from "./0009-alerts";
import { sampledPlates } from "./0015-sampled-plates";
import { wholeQuarters } from "./0016-whole-quarters";
import { createTable, withoutTimeLimit, type TableSpec } from "./define";
import { outbox } from "./0008-outbox";

/**
 * The migrations in order, named so that they sort. One that was released is never
 * changed; what comes later is a new one.
 */
export function migrations(dialect: DialectName): MigrationProvider {
  const tables = (specs: TableSpec[]): Migration => ({
    up: async (db: Kysely<unknown>) => {
      for (const spec of specs) await createTable(db, dialect, spec);
    },
  });
  const all: Record<string, Migration> = {
    "0001-base": tables(base),
    "0002-access": tables(access),
    "0003-event-counts": { up: (db: Kysely<unknown>) => eventCountsMigration(db, dialect) },
    "0004-config": tables(config),
    "0005-sessions": sessions(dialect),
    "0008-outbox": replaced("outbox", tables(outbox)),
    "0009-alerts": tables(alerts),
    "0010-lpr-cameras": tables(lprCameras),
    "0011-review": tables(review),
    "0012-jobs": { up: (db: Kysely<unknown>) => jobsMigration(db, dialect) },
    "0013-credentials": tables(credentials),
    "0014-maps-and-reports": mapsAndReports(dialect),
    "0015-sampled-plates": sampledPlates(dialect),
    "0016-whole-quarters": wholeQuarters,
  };
  return {
    getMigrations: () =>
      Promise.resolve(
        Object.fromEntries(
          Object.entries(all).map(([name, migration]) => [name, unhurried(migration, dialect)]),
        ),
      ),
  };
}

function unhurried(migration: Migration, dialect: DialectName): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await withoutTimeLimit(db, dialect);
      await migration.up(db);
    },
  };
}

/** A migration that first takes away a table that nothing was ever written to. */
function replaced(table: string, migration: Migration): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await db.schema.dropTable(table).execute();
      await migration.up(db);
    },
  };
}
