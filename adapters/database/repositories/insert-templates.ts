import type { Compilable, CompiledQuery, Insertable } from "kysely";
import type { Schema } from "../schema";
import type { Database } from "../types";
import { orIgnore } from "./rows";

interface Template {
  columns: string[];
  query: CompiledQuery;
}

/** More kinds of inserts than these are not remembered. */
const MOST = 200;

/**
 * Inserts whose text is the same each time but for the values: it is put together once
 * for each table and number of rows. All rows of a table have the same columns.
 */
export class InsertTemplates {
  private readonly known = new Map<string, Template>();

  constructor(private readonly database: Pick<Database, "db" | "dialect">) {}

  /** @param ignore rows that are there already are left as they are */
  insert<T extends keyof Schema>(
    table: T,
    rows: readonly Insertable<Schema[T]>[],
    ignore = false,
  ): Compilable {
    const { columns, query } = this.templateOf(table, rows, ignore);
    const parameters = rows.flatMap((row) =>
      columns.map((column) => (row as Record<string, unknown>)[column]),
    );
    return { compile: () => ({ ...query, parameters }) };
  }

  private templateOf<T extends keyof Schema>(
    table: T,
    rows: readonly Insertable<Schema[T]>[],
    ignore: boolean,
  ): Template {
    const key = `${String(table)} ${rows.length} ${ignore}`;
    const known = this.known.get(key);
    if (known) return known;
    const { db, dialect } = this.database;
    const insert = db.insertInto(table).values(rows);
    const query = (ignore ? orIgnore(dialect, insert) : insert).compile();
    const template = { columns: Object.keys(rows[0] ?? {}), query };
    if (this.known.size < MOST) this.known.set(key, template);
    return template;
  }
}
