import { sql, type Compilable, type Selectable, type SqlBool } from "kysely";
import type { Page, VehicleQuery, VehicleRepository } from "../../../core/access/ports";
import type { Vehicle } from "../../../core/access/types";
import { normalisePlate } from "../../../core/plates/normalise";
import type { VehiclesTable } from "../schema";
import type { Database } from "../types";
import { vehicleOf, vehicleRow } from "./access-rows";
import type { ListVersion } from "./list-version";
import { containing } from "./rows";

/** Rows that one statement inserts or names: SQLite takes 32,766 values in one. */
const CHUNK = 500;

/** Registered vehicles in the database. */
export class DatabaseVehicles implements VehicleRepository {
  constructor(
    private readonly database: Database,
    private readonly version: ListVersion,
  ) {}

  async list(query: VehicleQuery): Promise<Page<Vehicle>> {
    let found = this.database.db.selectFrom("vehicles");
    if (query.status) found = found.where("status", "=", query.status);
    if (query.text) {
      const text = containing(query.text.toLowerCase());
      const plate = normalisePlate(query.text);
      // "ab-123" finds the plate AB123, and a text without letters finds no plate
      found = found.where((eb) =>
        eb.or([
          sql<SqlBool>`search_text like ${text} escape '!'`,
          ...(plate ? [sql<SqlBool>`plate like ${containing(plate)} escape '!'`] : []),
        ]),
      );
    }
    const { group } = query;
    if (group !== undefined) {
      found = found.where("id", "in", (eb) =>
        eb.selectFrom("vehicle_groups").select("vehicle_id").where("group_id", "=", group),
      );
    }
    const [{ n }, rows] = await Promise.all([
      found.select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow(),
      query.limit === 0
        ? []
        : found.selectAll().orderBy("plate").limit(query.limit).offset(query.skip).execute(),
    ]);
    return { total: n, items: await this.withGroups(rows) };
  }

  get(id: string): Promise<Vehicle | null> {
    return this.one("id", id);
  }

  findByPlate(plate: string): Promise<Vehicle | null> {
    return this.one("plate", plate);
  }

  save(vehicle: Vehicle): Promise<void> {
    return this.saveAll([vehicle]);
  }

  async saveAll(vehicles: readonly Vehicle[]): Promise<void> {
    const { db } = this.database;
    const statements: Compilable[] = [];
    // of two with the same id the later counts
    const last = [...new Map(vehicles.map((vehicle) => [vehicle.id, vehicle])).values()];
    for (const part of chunks(last)) {
      const ids = part.map((vehicle) => vehicle.id);
      statements.push(db.deleteFrom("vehicles").where("id", "in", ids));
    }
    for (const part of chunks(last)) {
      statements.push(db.insertInto("vehicles").values(part.map(vehicleRow)));
    }
    const memberships = last.flatMap(({ id, groups }) =>
      [...new Set(groups)].map((group_id, position) => ({ vehicle_id: id, group_id, position })),
    );
    for (const part of chunks(memberships)) {
      statements.push(db.insertInto("vehicle_groups").values(part));
    }
    if (statements.length > 0) await this.version.commit(statements);
  }

  async remove(id: string): Promise<boolean> {
    const [removed] = await this.version.commit([
      this.database.db.deleteFrom("vehicles").where("id", "=", id),
    ]);
    return removed === 1;
  }

  /** All vehicles, for the snapshot; in parts, so that a long list does not hold up the main loop. */
  async all(): Promise<Vehicle[]> {
    const vehicles: Vehicle[] = [];
    for (let after = ""; ;) {
      const rows = await this.database.db
        .selectFrom("vehicles")
        .selectAll()
        .where("id", ">", after)
        .orderBy("id")
        .limit(CHUNK)
        .execute();
      vehicles.push(...(await this.withGroups(rows)));
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return vehicles;
      after = last.id;
    }
  }

  private async one(column: "id" | "plate", value: string): Promise<Vehicle | null> {
    const rows = await this.database.db
      .selectFrom("vehicles")
      .selectAll()
      .where(column, "=", value)
      .execute();
    return (await this.withGroups(rows))[0] ?? null;
  }

  private async withGroups(rows: Selectable<VehiclesTable>[]): Promise<Vehicle[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const memberships = await this.database.db
      .selectFrom("vehicle_groups")
      .selectAll()
      .where("vehicle_id", "in", ids)
      .orderBy("position")
      .execute();
    return assemble(rows, memberships);
  }
}

function assemble(
  rows: Selectable<VehiclesTable>[],
  memberships: { vehicle_id: string; group_id: string }[],
): Vehicle[] {
  const groups = new Map<string, string[]>();
  for (const { vehicle_id, group_id } of memberships) {
    const known = groups.get(vehicle_id);
    if (known) known.push(group_id);
    else groups.set(vehicle_id, [group_id]);
  }
  return rows.map((row) => vehicleOf(row, groups.get(row.id) ?? []));
}

function* chunks<T>(list: readonly T[]): Generator<T[]> {
  for (let at = 0; at < list.length; at += CHUNK) yield list.slice(at, at + CHUNK);
}
