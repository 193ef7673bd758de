import { randomUUID } from "node:crypto";
import type { AccessRepository, EntryRepository } from "../../../core/access/ports";
import {
  DEFAULT_ACCESS_SETTINGS,
  SITE_MODES,
  type AccessSettings,
  type AccessSnapshot,
  type AccessState,
  type Group,
  type Schedule,
  type ModeChange,
  type SiteMode,
  type StateChange,
  type VisitorPass,
  type WatchEntry,
} from "../../../core/access/types";
import { StoreError } from "../../../core/events/errors";
import type { Database } from "../types";
import * as rows from "./access-rows";
import { DatabaseAudit } from "./audit";
import { DatabaseEntries, type EntryKind } from "./entries";
import { ListVersion } from "./list-version";
import { DatabaseOccupancy } from "./occupancy";
import { json, orIgnore, parsed } from "./rows";
import { DatabaseSettings } from "./settings";
import { DatabaseVehicles } from "./vehicles";

const SETTINGS = "access.settings";
const modeOf = (siteId: string) => `access.mode.${siteId}`;

/** Times that a snapshot is read again because the lists changed meanwhile. */
const SNAPSHOT_TRIES = 20;

const GROUPS: EntryKind<Group, "groups"> = {
  table: "groups",
  order: "name",
  toRow: rows.groupRow,
  fromRow: rows.groupOf,
  // Memberships stay: a vehicle whose group is gone is refused rather than freed of its limits.
  belongings: null,
};

const SCHEDULES: EntryKind<Schedule, "schedules"> = {
  table: "schedules",
  order: "name",
  toRow: rows.scheduleRow,
  fromRow: rows.scheduleOf,
  belongings: null,
};

const PASSES: EntryKind<VisitorPass, "visitor_passes"> = {
  table: "visitor_passes",
  order: "created_at",
  toRow: rows.passRow,
  fromRow: rows.passOf,
  counted: "used",
  belongings: { table: "pass_uses", column: "pass_id" },
};

const WATCH: EntryKind<WatchEntry, "watch_entries"> = {
  table: "watch_entries",
  order: "created_at",
  toRow: rows.watchRow,
  fromRow: rows.watchOf,
  belongings: null,
};

const settingsOf = (stored: unknown): AccessSettings => ({
  ...DEFAULT_ACCESS_SETTINGS,
  ...(stored as Partial<AccessSettings> | null),
});

/** The lists, their settings and who is inside, in the database. */
export class DatabaseAccess implements AccessRepository {
  readonly vehicles: DatabaseVehicles;
  readonly groups: EntryRepository<Group>;
  readonly schedules: EntryRepository<Schedule>;
  readonly passes: EntryRepository<VisitorPass>;
  readonly watch: EntryRepository<WatchEntry>;
  private readonly version: ListVersion;
  private readonly values: DatabaseSettings;
  private readonly occupancy: DatabaseOccupancy;

  constructor(private readonly database: Database) {
    const version = new ListVersion(database);
    this.version = version;
    this.values = new DatabaseSettings(database);
    this.occupancy = new DatabaseOccupancy(database);
    this.vehicles = new DatabaseVehicles(database, version);
    this.groups = new DatabaseEntries(database, GROUPS, version);
    this.schedules = new DatabaseEntries(database, SCHEDULES, version);
    this.passes = new DatabaseEntries(database, PASSES, version);
    this.watch = new DatabaseEntries(database, WATCH, version);
  }

  async enterPassPlate(passId: string, plate: string): Promise<boolean> {
    const entered = this.database.db
      .updateTable("visitor_passes")
      .set({ plate })
      .where("id", "=", passId)
      .where((eb) => eb.or([eb("used", "=", 0), eb("plate", "=", plate)]));
    await this.version.commit([entered]);
    return (await this.passes.get(passId))?.plate === plate;
  }

  async settings(): Promise<AccessSettings> {
    return settingsOf(await this.values.get(SETTINGS));
  }

  async changeSettings(change: (now: AccessSettings) => AccessSettings): Promise<AccessSettings> {
    const { dialect } = this.database;
    const changed = await this.database.transaction(async (transaction) => {
      const empty = { name: SETTINGS, value_json: "null", updated_at: Date.now() };
      await orIgnore(dialect, transaction.insertInto("settings").values(empty)).execute();
      let query = transaction.selectFrom("settings").select("value_json");
      query = query.where("name", "=", SETTINGS);
      // SQLite's transactions write alone as it is
      if (dialect !== "sqlite") query = query.forUpdate();
      const row = await query.executeTakeFirst();
      const next = change(settingsOf(parsed<unknown>(row?.value_json ?? null, null)));
      const set = { value_json: json(next), updated_at: Date.now() };
      await transaction.updateTable("settings").set(set).where("name", "=", SETTINGS).execute();
      for (const statement of this.version.raise()) {
        await transaction.executeQuery(statement.compile());
      }
      return next;
    });
    this.version.announce();
    return changed;
  }

  /**
   * Reads without a lock and takes what it read only where the version is the same
   * before and after: every change of a list writes a new version in its transaction.
   */
  async snapshot(): Promise<AccessSnapshot> {
    for (let i = 0; i < SNAPSHOT_TRIES; i++) {
      const version = await this.version.current();
      const [vehicles, groups, schedules, passes, watch, settings] = await Promise.all([
        this.vehicles.all(),
        this.groups.list(),
        this.schedules.list(),
        this.passes.list(),
        this.watch.list(),
        this.settings(),
      ]);
      if (version === (await this.version.current())) {
        return { version, vehicles, groups, schedules, passes, watch, settings };
      }
    }
    throw new StoreError("busy", "the lists change all the time; try again");
  }

  listVersion(): Promise<string> {
    return this.version.current();
  }

  onChange(listener: () => void): () => void {
    return this.version.onChange(listener);
  }

  async mode(siteId: string): Promise<SiteMode> {
    const mode = await this.values.get(modeOf(siteId));
    return SITE_MODES.find((one) => one === mode) ?? "normal";
  }

  async state(siteId: string): Promise<AccessState> {
    const [mode, presences, passUses] = await Promise.all([
      this.mode(siteId),
      this.occupancy.presences(siteId),
      this.occupancy.passUses(),
    ]);
    return { mode, presences, passUses, factors: [] };
  }

  apply(changes: readonly StateChange[]): Promise<void> {
    return this.occupancy.apply(changes);
  }

  undo(changes: readonly StateChange[]): Promise<void> {
    return this.occupancy.undo(changes);
  }

  async setMode(siteId: string, mode: SiteMode, by: ModeChange): Promise<void> {
    const now = Date.now();
    await this.values.set(modeOf(siteId), mode, now);
    await new DatabaseAudit(this.database).append({
      id: randomUUID(),
      at: now,
      actor: by.actor,
      organisation: null,
      action: "access.mode",
      subject: `site:${siteId}`,
      purpose: by.reason,
      result: "ok",
      address: by.origin?.address ?? null,
      requestId: by.origin?.requestId ?? null,
      detail: { mode },
    });
    this.version.announce();
  }

  resetOccupancy(siteId: string, groupId: string | null): Promise<number> {
    return this.occupancy.reset(siteId, groupId);
  }
}
