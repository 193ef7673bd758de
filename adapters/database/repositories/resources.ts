import type { Insertable, Selectable } from "kysely";
import type { PageOf, PageRequest } from "../../../core/auth/ports";
import type {
  ResourceFilter,
  ResourceRepositories,
  ResourceRepository,
} from "../../../core/config/ports";
import {
  RESOURCE_KINDS,
  type Resource,
  type ResourceFields,
  type ResourceKind,
} from "../../../core/config/types";
import { StoreError } from "../../../core/events/errors";
import { configChanges } from "../../config/bus";
import type { SecretBox } from "../../config/secret-box";
import { storeError } from "../open";
import type { ResourceTable } from "../schema";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { flag, json, parsed } from "./rows";
import { DatabaseSettings } from "./settings";

/** Ids that are given out: "cam-001", as in reference 2. */
const PREFIXES: Record<ResourceKind, string> = {
  sites: "site",
  lanes: "lane",
  cameras: "cam",
  zones: "zone",
  models: "model",
  sensors: "sensor",
  exporters: "exporter",
  barriers: "barrier",
  locations: "location",
  notification_rules: "rule",
  plans: "plan",
  camera_places: "place",
  report_templates: "template",
  report_schedules: "schedule",
};

/** Times that a change is tried again because another one came between. */
const TRIES = 20;

/** One kind of configured things in the database; all of them have the same columns. */
export class DatabaseResources<K extends ResourceKind> implements ResourceRepository<K> {
  constructor(
    private readonly database: Database,
    readonly kind: K,
    private readonly box: SecretBox,
  ) {}

  async list(filter: ResourceFilter, page: PageRequest): Promise<PageOf<Resource<K>>> {
    const { enabled, type, cameraId, siteId, laneId } = filter;
    const query = this.database.db
      .selectFrom(this.table)
      .where((eb) =>
        eb.and([
          ...(enabled === undefined ? [] : [eb("enabled", "=", flag(enabled))]),
          ...(type === undefined ? [] : [eb("type", "=", type)]),
          ...(cameraId === undefined ? [] : [eb("camera_id", "=", cameraId)]),
          ...(siteId === undefined ? [] : [eb("site_id", "=", siteId)]),
          ...(laneId === undefined ? [] : [eb("lane_id", "=", laneId)]),
        ]),
      );
    return pageOf(page, (row: Selectable<ResourceTable>) => this.resource(row), {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll().orderBy("created_at").orderBy("id"),
    });
  }

  async all(): Promise<Resource<K>[]> {
    const rows = await this.database.db
      .selectFrom(this.table)
      .selectAll()
      .orderBy("created_at")
      .orderBy("id")
      .execute();
    return rows.map((row) => this.resource(row));
  }

  async get(id: string): Promise<Resource<K> | null> {
    const row = await this.database.db
      .selectFrom(this.table)
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row ? this.resource(row) : null;
  }

  async create(id: string | null, fields: ResourceFields[K], now: number): Promise<Resource<K>> {
    for (let attempt = 0; ; attempt++) {
      let chosen = id ?? "";
      try {
        if (id === null) chosen = await this.nextId(now);
        await this.database.db
          .insertInto(this.table)
          .values(this.row({ id: chosen, fields, createdAt: now, updatedAt: now }))
          .execute();
      } catch (thrown) {
        const error = storeError(this.database.dialect, thrown);
        // somebody took the number that was free a moment ago
        const taken = error.code === "conflict" || error.code === "busy";
        if (id === null && taken && attempt < TRIES) continue;
        throw error;
      }
      configChanges.emit("change", { kind: this.kind, id: chosen, change: "created" });
      return { id: chosen, fields, createdAt: now, updatedAt: now };
    }
  }

  async update(
    id: string,
    change: (before: Resource<K>) => ResourceFields[K] | Promise<ResourceFields[K]>,
    now: number,
  ): Promise<Resource<K> | null> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const before = await this.get(id);
      if (!before) return null;
      const fields = await change(before);
      const updatedAt = Math.max(now, before.updatedAt + 1);
      const after = { id, fields, createdAt: before.createdAt, updatedAt };
      const { numUpdatedRows } = await this.database.db
        .updateTable(this.table)
        .set(this.row(after))
        .where("id", "=", id)
        .where("updated_at", "=", before.updatedAt)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) continue;
      configChanges.emit("change", { kind: this.kind, id, change: "updated" });
      return after;
    }
    throw new StoreError("busy", `${this.kind} ${id} is changed by others all the time`);
  }

  async delete(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.database.db
      .deleteFrom(this.table)
      .where("id", "=", id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    configChanges.emit("change", { kind: this.kind, id, change: "deleted" });
    return true;
  }

  /** All tables of this module have the columns of `cameras`; Kysely wants one name. */
  private get table(): "cameras" {
    return this.kind as "cameras";
  }

  /** A number that was never given out, so that old events keep their camera. */
  private async nextId(now: number): Promise<string> {
    const prefix = PREFIXES[this.kind];
    const settings = new DatabaseSettings(this.database);
    const key = `config.last_number.${this.kind}`;
    const rows = await this.database.db.selectFrom(this.table).select("id").execute();
    const used = rows.map(({ id }) => numberOf(id, prefix));
    const last = Math.max(Number(await settings.get(key)) || 0, ...used);
    await settings.set(key, last + 1, now);
    return `${prefix}-${String(last + 1).padStart(3, "0")}`;
  }

  private row(resource: Resource<K>): Insertable<ResourceTable> {
    const { id, fields, createdAt, updatedAt } = resource;
    const values = fields as Record<string, unknown>;
    const text = (name: string): string | null => {
      const value = values[name];
      return typeof value === "string" ? value : null;
    };
    return {
      id,
      name: text("name") ?? id,
      type: text("type"),
      enabled: flag(values["enabled"] !== false),
      site_id: text("site_id"),
      camera_id: text("camera_id"),
      zone_id: text("zone_id"),
      lane_id: text("lane_id"),
      data_json: json(this.box.sealAll(values, `${this.kind}/${id}`)),
      created_at: createdAt,
      updated_at: updatedAt,
    };
  }

  private resource(row: Selectable<ResourceTable>): Resource<K> {
    const stored = parsed<ResourceFields[K]>(row.data_json, {} as ResourceFields[K]);
    const { value: fields, locked } = this.box.openAll(stored, `${this.kind}/${row.id}`);
    const resource = {
      id: row.id,
      fields,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
    return locked > 0 ? { ...resource, locked: true } : resource;
  }
}

/** All kinds, over one database. */
export function databaseResources(database: Database, box: SecretBox): ResourceRepositories {
  return Object.fromEntries(
    RESOURCE_KINDS.map((kind) => [kind, new DatabaseResources(database, kind, box)]),
  ) as unknown as ResourceRepositories;
}

function numberOf(id: string, prefix: string): number {
  return id.startsWith(`${prefix}-`) ? Number(/^\d{1,9}$/.exec(id.slice(prefix.length + 1))) : 0;
}
