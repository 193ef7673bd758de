import type { AccessRepository } from "../../core/access/ports";
import { confusablesOf } from "../../core/access/index-lists";
import type { WatchEntry } from "../../core/access/types";
import type { ImageStore } from "../../core/events/ports";
import type { ResourceChange, ResourceRepository } from "../../core/config/ports";
import type { MailServer, Variables } from "../../core/notify/environment";
import { watcherOf, type Sighted } from "../../core/bolo/match";
import { configChanges } from "../config/bus";
import type { OutboxService } from "../outbox/service";
import { openWatchMail } from "./mail";
import { BoloWebhook } from "./webhook";

/** Another process may change the lists too: they are looked at this often, in milliseconds. */
const LOOK_MS = 5_000;

/** Why an entry's addresses are told nothing. */
export const NO_MAIL_SERVER =
  "no mail is sent: set SMTP_SERVER, or make a notification rule by e-mail";

export interface BoloParts {
  access: AccessRepository;
  /** Mail goes over the server of one of them where the environment names none. */
  rules: Pick<ResourceRepository<"notification_rules">, "all">;
  outbox: OutboxService;
  images: Pick<ImageStore, "open">;
  env: Variables;
  log: (level: "info" | "warn" | "error", message: string) => void;
}

/**
 * Keeps a target of the outbox for each entry of the watch list that has somebody to
 * tell, so that a hit is written down in the event's own transaction and told once.
 */
export class BoloWatch {
  private readonly targets = new Map<string, { entry: string; stop: () => Promise<void> }>();
  private version = "";
  private watchers: ((event: Sighted) => boolean)[] = [];
  /** Whose mail server is used; null: that of the environment, or none. */
  private server: MailServer | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly onConfig = ({ kind }: ResourceChange): void => {
    if (kind === "notification_rules") void this.look();
  };
  private forget: (() => void) | null = null;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: BoloParts) {}

  /** Resolves when the entries that are there are watched for. */
  async start(): Promise<void> {
    this.forget = this.parts.access.onChange(() => void this.look());
    configChanges.on("change", this.onConfig);
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
    await this.look();
  }

  /** Whether an active entry looks for this plate, whomever it tells. */
  wants(event: Sighted): boolean {
    return this.watchers.some((looksFor) => looksFor(event));
  }

  /** Whether there is a mail server for the addresses of entries. */
  get canMail(): boolean {
    return Boolean(this.parts.env.SMTP_SERVER) || this.server !== null;
  }

  async close(): Promise<void> {
    this.forget?.();
    configChanges.off("change", this.onConfig);
    if (this.timer) clearInterval(this.timer);
    await this.looking;
    await Promise.all([...this.targets.values()].map(({ stop }) => stop()));
  }

  /** One look after the other; a database that is away leaves the targets as they are. */
  look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      try {
        await this.refresh();
      } catch (error) {
        this.parts.log("warn", `the watch list cannot be read: ${String(error)}`);
      }
    });
    return this.looking;
  }

  private async refresh(): Promise<void> {
    const { access } = this.parts;
    this.server = await this.mailServer();
    const version = JSON.stringify([await access.listVersion(), this.server]);
    if (version === this.version) return;
    const [entries, settings] = await Promise.all([access.watch.list(), access.settings()]);
    const wanted = new Map(
      entries
        .filter((entry) => entry.list === "watch" && entry.active)
        .filter(({ webhookUrl, emails }) => webhookUrl !== null || emails.length > 0)
        .map((entry) => [entry.id, entry]),
    );
    const outdated: (() => Promise<void>)[] = [];
    for (const [id, { entry, stop }] of this.targets) {
      const now = wanted.get(id);
      if (now && entry === this.shape(now, settings.confusables)) {
        wanted.delete(id);
        continue;
      }
      this.targets.delete(id);
      outdated.push(stop);
    }
    const table = confusablesOf(settings);
    this.watchers = entries.flatMap((entry) => this.watcher(entry, table));
    for (const entry of wanted.values()) this.watchFor(entry, settings.confusables, table);
    // only now: the new ones have taken their place, and no event falls between
    await Promise.all(outdated.map((stop) => stop()));
    this.version = version;
  }

  /** The server of the first e-mail rule that is on, where the environment names none. */
  private async mailServer(): Promise<MailServer | null> {
    if (this.parts.env.SMTP_SERVER) return null;
    const rules = await this.parts.rules.all();
    const rule = rules.find(
      ({ fields, locked }) => !locked && fields.enabled && fields.channel.type === "email",
    );
    if (!rule) return null;
    const { channel, recipients, time_zone } = rule.fields;
    return { channel, recipients, time_zone };
  }

  /** All that an entry's targets are made of. */
  private shape(entry: WatchEntry, confusables: string[] | null): string {
    return JSON.stringify([entry, confusables, this.server]);
  }

  private watcher(
    entry: WatchEntry,
    table: ReturnType<typeof confusablesOf>,
  ): ((event: Sighted) => boolean)[] {
    try {
      return [watcherOf(entry, table)];
    } catch {
      return []; // said by watchFor
    }
  }

  private watchFor(
    entry: WatchEntry,
    confusables: string[] | null,
    table: ReturnType<typeof confusablesOf>,
  ): void {
    const { outbox, images, env, log } = this.parts;
    try {
      const looksFor = watcherOf(entry, table);
      const stops: (() => Promise<void>)[] = [];
      if (entry.webhookUrl) {
        stops.push(outbox.register(new BoloWebhook(entry, entry.webhookUrl, looksFor)));
      }
      if (entry.emails.length > 0) {
        const { server } = this;
        const parts = { images, env, server, log, clock: Date.now };
        const stop = openWatchMail(outbox, entry, looksFor, parts);
        if (stop) stops.push(stop);
        else log("warn", `watch list ${entry.pattern}: ${NO_MAIL_SERVER}`);
      }
      this.targets.set(entry.id, {
        entry: this.shape(entry, confusables),
        stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
      });
    } catch (error) {
      log("error", `watch entry ${entry.id} is not watched for: ${String(error)}`);
    }
  }
}
