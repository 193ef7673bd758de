import type { Compilable, Insertable, Kysely, Selectable } from "kysely";
import type { EntryRepository } from "../../../core/access/ports";
import type { Schema } from "../schema";
import type { Database } from "../types";
import type { ListVersion } from "./list-version";
import { orIgnore } from "./rows";

/** The tables of entries that are read and written whole. */
type EntryTable = "groups" | "schedules" | "visitor_passes" | "watch_entries";

/** How one kind of entry is kept. */
export interface EntryKind<T, Table extends EntryTable> {
  table: Table;
  order: "name" | "created_at";
  toRow(this: void, entry: T): Insertable<Schema[Table]>;
  fromRow(this: void, row: Selectable<Schema[Table]>): T;
  /** What others count up in a stored row: a save leaves it as it is there. */
  counted?: "used";
  /** Rows of other tables that go with an entry. */
  belongings: { table: "pass_uses"; column: "pass_id" } | null;
}

/** Entries of one list; each change raises the list version in its own transaction. */
export class DatabaseEntries<
  T extends { id: string },
  Table extends EntryTable,
> implements EntryRepository<T> {
  /** One shape for all entry tables: Kysely's types do not follow a variable table name. */
  private readonly db: Kysely<{ entries: { id: string } }>;
  private readonly table: "entries";

  constructor(
    private readonly database: Database,
    private readonly kind: EntryKind<T, Table>,
    private readonly version: ListVersion,
  ) {
    this.db = database.db as unknown as typeof this.db;
    this.table = kind.table as unknown as "entries";
  }

  async list(): Promise<T[]> {
    const order = this.kind.order as "id";
    const rows = await this.db.selectFrom(this.table).selectAll().orderBy(order).execute();
    return rows.map((row) => this.entryOf(row));
  }

  async get(id: string): Promise<T | null> {
    const query = this.db.selectFrom(this.table).selectAll().where("id", "=", id);
    const row = await query.executeTakeFirst();
    return row ? this.entryOf(row) : null;
  }

  async save(entry: T): Promise<void> {
    const row = this.kind.toRow(entry) as unknown as { id: string };
    const { counted } = this.kind;
    const columns = Object.entries(row).filter(([name]) => name !== "id" && name !== counted);
    const changed = Object.fromEntries(columns) as Partial<typeof row>;
    await this.version.commit([
      orIgnore(this.database.dialect, this.db.insertInto(this.table).values(row)),
      this.db.updateTable(this.table).set(changed).where("id", "=", entry.id),
    ]);
  }

  async remove(id: string): Promise<boolean> {
    const { belongings } = this.kind;
    const statements = [this.removal(id)];
    if (belongings) {
      const table = belongings.table as unknown as "entries";
      statements.push(this.db.deleteFrom(table).where(belongings.column as "id", "=", id));
    }
    const [removed] = await this.version.commit(statements);
    return removed === 1;
  }

  private removal(id: string): Compilable {
    return this.db.deleteFrom(this.table).where("id", "=", id);
  }

  private entryOf(row: { id: string }): T {
    return this.kind.fromRow(row as unknown as Selectable<Schema[Table]>);
  }
}
