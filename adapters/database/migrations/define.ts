import { sql, type Kysely, type RawBuilder } from "kysely";
import type { DialectName } from "../types";

/** The kinds of columns; each database has its own type for them. `serial` numbers rows itself. */
export type ColumnKind =
  "id" | "short" | "text" | "json" | "ms" | "int" | "real" | "flag" | "serial";

/** A column that may be null ends with "?". */
export type ColumnSpec = ColumnKind | `${ColumnKind}?`;

export interface TableSpec {
  name: string;
  columns: Record<string, ColumnSpec>;
  primary: string[];
  unique?: string[][];
  indexes?: string[][];
  /** Rows go with the row they belong to: column -> table (by its `id`). */
  belongsTo?: Record<string, string>;
}

/** Byte-wise comparison everywhere, so that sorting and equality do not depend on a locale. */
const TYPES: Record<DialectName, Record<ColumnKind, string>> = {
  sqlite: {
    id: "text",
    short: "text",
    text: "text",
    json: "text",
    ms: "integer",
    int: "integer",
    real: "real",
    flag: "integer",
    serial: "integer",
  },
  postgres: {
    id: 'varchar(128) collate "C"',
    short: 'varchar(255) collate "C"',
    text: "text",
    json: "text",
    ms: "bigint",
    int: "integer",
    real: "double precision",
    flag: "smallint",
    serial: "bigserial",
  },
  mysql: {
    id: "varchar(128)",
    short: "varchar(255)",
    text: "text",
    json: "longtext",
    ms: "bigint",
    int: "int",
    real: "double",
    flag: "smallint",
    serial: "bigint auto_increment",
  },
};

/** Makes a table with its indexes, named `<table>_<columns>`. */
export async function createTable(
  db: Kysely<unknown>,
  dialect: DialectName,
  spec: TableSpec,
): Promise<void> {
  let table = db.schema.createTable(spec.name);
  for (const [name, column] of Object.entries(spec.columns)) {
    const nullable = column.endsWith("?");
    const kind = (nullable ? column.slice(0, -1) : column) as ColumnKind;
    table = table.addColumn(name, typeOf(dialect, kind), (c) => (nullable ? c : c.notNull()));
  }
  table = table.addPrimaryKeyConstraint(`${spec.name}_pk`, spec.primary as never[]);
  for (const [column, owner] of Object.entries(spec.belongsTo ?? {})) {
    table = table.addForeignKeyConstraint(
      `${spec.name}_${column}_fk`,
      [column] as never[],
      owner,
      ["id"],
      (c) => c.onDelete("cascade"),
    );
  }
  if (dialect === "mysql") {
    table = table.modifyEnd(sql`engine = InnoDB character set utf8mb4 collate utf8mb4_bin`);
  }
  await table.execute();
  for (const columns of spec.unique ?? []) await createIndex(db, spec.name, columns, true);
  for (const columns of spec.indexes ?? []) await createIndex(db, spec.name, columns, false);
}

/** Adds columns to a table that is there. Those that must not be null cannot be added so. */
export async function addColumns(
  db: Kysely<unknown>,
  dialect: DialectName,
  table: string,
  columns: Record<string, `${ColumnKind}?`>,
): Promise<void> {
  for (const [name, column] of Object.entries(columns)) {
    const kind = column.slice(0, -1) as ColumnKind;
    await db.schema.alterTable(table).addColumn(name, typeOf(dialect, kind)).execute();
  }
}

/** Makes an index named `<table>_<columns>`. */
export async function createIndex(
  db: Kysely<unknown>,
  table: string,
  columns: string[],
  unique: boolean,
): Promise<void> {
  // PostgreSQL cuts names at 63 characters
  const index = db.schema
    .createIndex(`${table}_${columns.join("_")}`.slice(0, 60))
    .on(table)
    .columns(columns);
  await (unique ? index.unique() : index).execute();
}

function typeOf(dialect: DialectName, kind: ColumnKind): RawBuilder<unknown> {
  return sql.raw(TYPES[dialect][kind]);
}

/**
 * Lets this transaction's statements take as long as they need. To count or index millions
 * of events takes longer than PostgreSQL's statements may otherwise; no other has a limit.
 */
export async function withoutTimeLimit(
  transaction: Kysely<unknown>,
  dialect: DialectName,
): Promise<void> {
  if (dialect === "postgres") await sql`set local statement_timeout = 0`.execute(transaction);
}
