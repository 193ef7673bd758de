import { join } from "node:path";
import type { AccessRepository } from "../../core/access/ports";
import type {
  ApiKeyRepository,
  AuditRepository,
  SessionRepository,
  SettingsRepository,
  UserRepository,
} from "../../core/auth/ports";
import { StoreError } from "../../core/events/errors";
import type { ComponentHealth, EventRepository, ImageStore } from "../../core/events/ports";
import { systemError } from "../database/errors";
import { openDatabase } from "../database/open";
import { DatabaseAccess } from "../database/repositories/access";
import { DatabaseApiKeys } from "../database/repositories/keys";
import { DatabaseAudit } from "../database/repositories/audit";
import { DatabaseEvents } from "../database/repositories/events";
import { DatabaseSessions } from "../database/repositories/sessions";
import { DatabaseSettings } from "../database/repositories/settings";
import { DatabaseUsers } from "../database/repositories/users";
import type { Database, DatabaseOptions } from "../database/types";
import { databaseAddress } from "../database/url";
import { events as bus } from "../events/bus";
import { Spool, type SpoolLimits } from "../events/spool";
import { EventWriter, type WriterLimits } from "../events/writer";
import { DiskImages } from "../images/disk";

export interface StoreOptions extends DatabaseOptions {
  spool?: SpoolLimits;
  writer?: WriterLimits;
}

/** What an open database offers. */
export interface Repositories {
  database: Database;
  events: EventRepository;
  access: AccessRepository;
  users: UserRepository;
  keys: ApiKeyRepository;
  sessions: SessionRepository;
  audit: AuditRepository;
  settings: SettingsRepository;
}

export interface StoreHealth {
  database: ComponentHealth;
  images: ComponentHealth;
  /** Events that wait to be stored. */
  queue: ComponentHealth;
}

/** After a failed opening the next try waits this long. */
const REOPEN_MS = 2_000;

export const SPOOL_LIMITS: SpoolLimits = {
  reserveBytes: 16 * 1024 * 1024,
  maxBytes: 512 * 1024 * 1024,
};

/** The database with its repositories, the pictures, and the writer that lets events wait. */
export class Store {
  readonly images: ImageStore;
  readonly writer: EventWriter;
  readonly shownUrl: string;
  private opening: Promise<Repositories> | null = null;
  private failed: { error: StoreError; at: number } | null = null;
  private closed = false;

  /** Throws StoreError "invalid" for an address that cannot be. */
  constructor(private readonly options: StoreOptions) {
    this.shownUrl = databaseAddress(options.url, options.home).shown;
    this.images = new DiskImages(join(options.home, "pictures"));
    this.writer = new EventWriter({
      repository: async () => (await this.open()).events,
      images: this.images,
      spool: new Spool(join(options.home, "spool", "events.spool"), options.spool ?? SPOOL_LIMITS),
      publish: (change) =>
        bus.publish(change, (error) =>
          options.log("error", `a listener for events failed: ${String(error)}`),
        ),
      clock: Date.now,
      log: options.log,
      ...(options.writer ? { limits: options.writer } : {}),
    });
  }

  /**
   * The open database; opened at the first call. Rejects with a StoreError where it
   * does not answer; a call some seconds later tries again.
   */
  open(): Promise<Repositories> {
    if (this.closed) return Promise.reject(new StoreError("closed", "the store is closed"));
    if (this.failed && Date.now() - this.failed.at < REOPEN_MS) {
      return Promise.reject(this.failed.error);
    }
    this.opening ??= this.openNow();
    return this.opening;
  }

  /** Deletes an event and its pictures. @returns false where there is no such event */
  async deleteEvent(id: string): Promise<boolean> {
    const { events } = await this.open();
    const event = await events.delete(id);
    if (!event) return false;
    for (const path of [event.frame, event.crop]) if (path) await this.images.delete(path);
    return true;
  }

  async health(): Promise<StoreHealth> {
    const [database, images] = await Promise.all([this.databaseHealth(), this.images.health()]);
    return { database, images, queue: this.writer.health() };
  }

  /** Stores what can be stored, then closes everything. */
  async close(): Promise<void> {
    await this.writer.close();
    this.closed = true;
    const opened = await this.opening?.catch(() => null);
    await opened?.database.close();
    await this.images.close();
  }

  private async openNow(): Promise<Repositories> {
    try {
      const database = await openDatabase(this.options);
      this.failed = null;
      return {
        database,
        events: new DatabaseEvents(database),
        access: new DatabaseAccess(database),
        users: new DatabaseUsers(database),
        keys: new DatabaseApiKeys(database),
        sessions: new DatabaseSessions(database),
        audit: new DatabaseAudit(database),
        settings: new DatabaseSettings(database),
      };
    } catch (thrown) {
      const error = systemError(thrown);
      this.failed = { error, at: Date.now() };
      this.opening = null;
      throw error;
    }
  }

  private async databaseHealth(): Promise<ComponentHealth> {
    const started = performance.now();
    try {
      return await (await this.open()).database.health();
    } catch (error) {
      return {
        status: "unhealthy",
        responseTimeMs: Math.round(performance.now() - started),
        error: systemError(error).message,
        details: { url: this.shownUrl },
      };
    }
  }
}

interface Shared {
  store: Store;
  users: number;
}

const shared = new Map<string, Shared>();
const closing = new Map<string, Promise<void>>();

/** A store in use; `release` closes it when nobody else uses it. */
export interface StoreLease {
  store: Store;
  release(): Promise<void>;
}

/**
 * The process's store of this database and home, opened once however many ask.
 * Waits for one that is closing. Throws StoreError "invalid" for a bad address.
 */
export async function acquireStore(options: StoreOptions): Promise<StoreLease> {
  const key = `${databaseAddress(options.url, options.home).target}\n${options.home}`;
  await closing.get(key);
  const entry = shared.get(key) ?? { store: new Store(options), users: 0 };
  shared.set(key, entry);
  entry.users++;
  let released = false;
  return {
    store: entry.store,
    release: async () => {
      if (released) return;
      released = true;
      if (--entry.users > 0) return;
      shared.delete(key);
      const done = entry.store.close().finally(() => closing.delete(key));
      closing.set(key, done);
      await done;
    },
  };
}
