import { createHash } from "node:crypto";
import { join } from "node:path";
import { StoreError } from "../../core/events/errors";
import type { ComponentHealth, ImageStore } from "../../core/events/ports";
import { systemError } from "../database/errors";
import { CountSettler } from "../database/repositories/count-settler";
import { openDatabase } from "../database/open";
import type { DatabaseOptions, DialectName } from "../database/types";
import { databaseAddress, type DatabaseAddress } from "../database/url";
import { CredentialCheck } from "../access/credential-check";
import { CredentialSync } from "../access/credential-sync";
import { DatabaseCredentials } from "../database/repositories/credentials";
import { AlertKeeper } from "../alerts/keeper";
import { events as bus } from "../events/bus";
import { BoloWatch } from "../bolo/watch";
import { EventFeed } from "../events/feed";
import { Spool, type SpoolLimits } from "../events/spool";
import { EventWriter, type WriterLimits } from "../events/writer";
import type { NewEvent } from "../../core/events/event";
import type { RetentionReceipt } from "../../core/events/retention";
import { OUTBOX_LIMIT, OutboxFeed } from "../outbox/feed";
import { OutboxService } from "../outbox/service";
import { imageStore } from "../images/create";
import { secretBox, type SecretBox } from "../config/secret-box";
import { BossQueue } from "../jobs/boss-queue";
import { JobFolder } from "../jobs/folder";
import { TableQueue } from "../jobs/queue";
import { JobService } from "../jobs/service";
import { plateHashKey, type PlateHashKey } from "./hash-key";
import { ReportService } from "../reports/service";
import { LookUpLog } from "./look-ups";
import { Outgoing } from "./outgoing";
import { PersonRecords } from "./person";
import { repositoriesOf, type Repositories } from "./repositories";
import { runRetention } from "./retention-job";
import { CountTimer } from "./count-timer";
import { RetentionTimer } from "./retention-timer";

export interface StoreOptions extends DatabaseOptions {
  /** PLATEGATE_HASH_UNKNOWN and others; default: the process's. */
  env?: NodeJS.ProcessEnv;
  spool?: SpoolLimits;
  writer?: WriterLimits;
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

/** The limits, or those of PLATEGATE_SPOOL_MB: at most so much in the file. */
function spoolLimits(env: NodeJS.ProcessEnv): SpoolLimits {
  const megabytes = Number(env.PLATEGATE_SPOOL_MB ?? "");
  if (!(megabytes >= 1 && megabytes <= 1_000_000)) return SPOOL_LIMITS;
  const maxBytes = Math.floor(megabytes * 1024 * 1024);
  return { maxBytes, reserveBytes: Math.min(SPOOL_LIMITS.reserveBytes, maxBytes) };
}

/** The database with its repositories, the pictures, and the writer that lets events wait. */
export class Store {
  readonly images: ImageStore;
  readonly writer: EventWriter;
  /** Every final event once, in a written order. */
  readonly feed: EventFeed;
  /** What leaves for other systems. */
  readonly outbox: OutboxService;
  /** Videos to read, archives to make. */
  readonly jobs: JobService;
  readonly shownUrl: string;
  /** Reports: made when asked for and by schedule. */
  readonly reports: ReportService;
  /** Who looked what up. */
  readonly lookUps: LookUpLog;
  private readonly outgoing: Outgoing;
  private readonly hashing: PlateHashKey;
  private readonly box: SecretBox;
  private readonly retention: RetentionTimer;
  private readonly counting: CountTimer;
  private readonly alerts: AlertKeeper;
  private opening: Promise<Repositories> | null = null;
  private failed: { error: StoreError; at: number } | null = null;
  private closed = false;
  private bolos: BoloWatch | null = null;
  private credentials: CredentialSync | null = null;
  private credentialCheck: CredentialCheck | null = null;

  /** Throws StoreError "invalid" for an address that cannot be. */
  constructor(private readonly options: StoreOptions) {
    const address = databaseAddress(options.url, options.home);
    this.shownUrl = address.shown;
    this.hashing = plateHashKey(options.home, options.env ?? process.env);
    this.box = secretBox(options.home, options.env ?? process.env);
    this.retention = new RetentionTimer(() => this.runRetention(), options.log);
    this.counting = new CountTimer(
      async () => new CountSettler((await this.open()).database).settle(),
      options.log,
    );
    this.images = imageStore(options.home, options.env ?? process.env);
    this.feed = new EventFeed({
      log: async () => (await this.open()).stream,
      bus,
      shared: address.dialect !== "sqlite",
      clock: Date.now,
      warn: (message) => options.log("warn", message),
    });
    this.outbox = outboxService(options, address.dialect, () => this.open());
    this.jobs = jobService(options, address, () => this.open());
    this.outgoing = new Outgoing({
      outbox: this.outbox,
      images: this.images,
      home: options.home,
      env: options.env ?? process.env,
      log: options.log,
    });
    this.reports = new ReportService({
      open: () => this.open(),
      outbox: this.outbox,
      home: options.home,
      env: options.env ?? process.env,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      log: options.log,
    });
    this.alerts = new AlertKeeper(
      () => this.open(),
      (message) => options.log("error", message),
    );
    this.lookUps = new LookUpLog({
      audit: async () => (await this.open()).audit,
      clock: Date.now,
      log: options.log,
    });
    this.writer = new EventWriter({
      repository: async () => (await this.open()).events,
      images: this.images,
      spool: new Spool(
        spoolPath(options.home, address.target),
        options.spool ?? spoolLimits(options.env ?? process.env),
      ),
      hidesPictures: (event) =>
        this.hashing.hide && event.retentionClass === "unknown" && !this.wants(event),
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

  /** PLATEGATE_HOME: the folder of everything that is written. */
  get home(): string {
    return this.options.home;
  }

  /**
   * Resolves when what the watch list says now is looked for.
   * @returns whether its entries can send mail
   */
  async watchListSeen(): Promise<{ canMail: boolean }> {
    await this.bolos?.look();
    return { canMail: this.bolos?.canMail ?? false };
  }

  /** Deletes an event and its pictures. @returns false where there is no such event */
  async deleteEvent(id: string): Promise<boolean> {
    const { events } = await this.open();
    const event = await events.delete(id);
    if (!event) return false;
    for (const path of [event.frame, event.crop]) if (path) await this.images.delete(path);
    return true;
  }

  /** Deletes what has been kept long enough. @returns the receipt, also in the audit log */
  async runRetention(): Promise<RetentionReceipt> {
    const now = Date.now();
    const expireReports = () => this.reports.expire(now);
    return runRetention(await this.open(), this.images, this.jobs, now, expireReports);
  }

  /** Export and erasure by plate. */
  async people(): Promise<PersonRecords> {
    return new PersonRecords(await this.open(), this.images, this.hashing.key);
  }

  async health(): Promise<StoreHealth> {
    const [database, images] = await Promise.all([this.databaseHealth(), this.images.health()]);
    return { database, images, queue: this.writer.health() };
  }

  /** Stores what can be stored, then closes everything. */
  async close(): Promise<void> {
    await this.jobs.close();
    await this.retention.stop();
    await this.counting.stop();
    await this.lookUps.close();
    await this.writer.close();
    await this.reports.close();
    await this.outgoing.close();
    await this.bolos?.close();
    await this.credentialCheck?.close();
    await this.credentials?.close();
    await this.outbox.close();
    await this.alerts.close();
    this.closed = true;
    const opened = await this.opening?.catch(() => null);
    await opened?.database.close();
    await this.images.close();
  }

  private async openNow(): Promise<Repositories> {
    try {
      const database = await openDatabase(this.options);
      this.failed = null;
      const opened = repositoriesOf(
        database,
        { ...this.hashing, wanted: (event) => this.wants(event) },
        this.box,
        this.outbox.feed,
      );
      await this.outgoing.start(opened.resources);
      const { access } = opened;
      const { notification_rules: rules } = opened.resources;
      const { outbox, images } = this;
      const { log, env = process.env } = this.options;
      this.bolos = new BoloWatch({ access, rules, outbox, images, env, log });
      await this.bolos.start();
      this.openAccessControl(opened);
      this.outbox.start();
      this.reports.start();
      return opened;
    } catch (thrown) {
      const error = systemError(thrown);
      this.failed = { error, at: Date.now() };
      this.opening = null;
      throw error;
    }
  }

  /** Reference 1's access-control system, where the environment names one. */
  private openAccessControl({ access, settings, audit, database }: Repositories): void {
    const { env = process.env, log } = this.options;
    const { ACCESS_CONTROL_API_URL: url, ACCESS_CONTROL_API_KEY: key = "" } = env;
    if (!url) return;
    const credentials = new DatabaseCredentials(database);
    const { outbox } = this;
    const parts = { access, credentials, settings, outbox, url, key, log, clock: Date.now };
    this.credentials = new CredentialSync(parts);
    this.credentials.start();
    this.credentialCheck = new CredentialCheck({ ...parts, audit });
    this.credentialCheck.start();
  }

  /** Whether the watch list looks for this plate. */
  private wants(event: NewEvent): boolean {
    return this.bolos?.wants(event) ?? false;
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

/** Other processes of a server may commit a moment after they made an item. */
const COMMIT_MS = 100;

function outboxService(
  { env = process.env, log }: StoreOptions,
  dialect: DialectName,
  open: () => Promise<Repositories>,
): OutboxService {
  const limit = Number(env.PLATEGATE_OUTBOX_LIMIT ?? "");
  return new OutboxService({
    repository: async () => (await open()).outbox,
    feed: new OutboxFeed(Date.now, limit > 0 ? limit : OUTBOX_LIMIT),
    log,
    settleMs: dialect === "sqlite" ? 0 : COMMIT_MS,
  });
}

function jobService(
  { env = process.env, home, log }: StoreOptions,
  address: DatabaseAddress,
  open: () => Promise<Repositories>,
): JobService {
  const folder = new JobFolder(home, env);
  let told = "";
  const parts = {
    jobs: async () => (await open()).jobs,
    clock: Date.now,
    log,
    storage: () => folder.storage(),
    failed: (error: unknown) => {
      const message = `the queue of jobs does not work: ${String(error)}`;
      if (message !== told) log("warn", message); // once, not at every try
      told = message;
    },
  };
  const queue =
    address.dialect === "postgres"
      ? new BossQueue({ ...parts, url: address.target })
      : new TableQueue(parts);
  return new JobService({ ...parts, env, folder, queue });
}

/** One file per database: what waits for one must not go into another. */
function spoolPath(home: string, target: string): string {
  const name = createHash("sha256")
    .update(target.replace(/:[^:@/]*@/, "@"))
    .digest("hex");
  return join(home, "spool", `events-${name.slice(0, 12)}.spool`);
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
  // while one waits, another may begin to close
  for (let ends = closing.get(key); ends; ends = closing.get(key)) await ends;
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
