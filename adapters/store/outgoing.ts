import type { ResourceChange } from "../../core/config/ports";
import type { Resource } from "../../core/config/types";
import type { BarrierStatus } from "../../core/barrier/ports";
import type { ImageStore } from "../../core/events/ports";
import { matches, noticeOfFault } from "../../core/notify/notice";
import { FaultWatch } from "../barriers/fault-watch";
import { barriers } from "../barriers/registry";
import { configChanges } from "../config/bus";
import { ExporterTarget, exporterTarget } from "../exporters/target";
import { openRule, type OpenRule } from "../notify/rule-targets";
import { placeNames } from "../notify/place-names";
import type { OutboxService } from "../outbox/service";
import type { Repositories } from "./repositories";

/** How often changes made by other processes are looked for. */
const LOOK_MS = 5_000;

export interface OutgoingParts {
  outbox: OutboxService;
  images: ImageStore;
  home: string;
  env: NodeJS.ProcessEnv;
  log: (level: "info" | "warn" | "error", message: string) => void;
}

/** The configured things that events go to. */
type Configured = Resource<"exporters"> | Resource<"notification_rules">;

interface Open {
  updatedAt: number;
  /** Null where it is turned off or cannot be used. */
  close: (() => Promise<void>) | null;
}

/**
 * Keeps the configured exporters and notification rules as targets of the outbox:
 * what the API changes counts from the next event on, here and soon in other processes.
 */
export class Outgoing {
  private readonly open = new Map<string, Open>();
  private readonly rules = new Set<OpenRule>();
  /** Faults are heard from the beginning, and told when the rules are there. */
  private readonly faults: FaultWatch;
  private early: (() => Promise<void>)[] | null = [];
  private resources: Repositories["resources"] | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly names = placeNames(() =>
    this.resources ? Promise.resolve(this.resources) : Promise.reject(new Error("not open")),
  );
  private loading: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly onChange = ({ kind }: ResourceChange): void => {
    if (kind === "exporters" || kind === "notification_rules") void this.load();
  };

  constructor(private readonly parts: OutgoingParts) {
    this.faults = new FaultWatch(barriers, (status, since) => {
      const tell = () => this.tellFault(status, since);
      if (this.early) this.early.push(tell);
      else void tell();
    });
  }

  /** Opens what is configured, before the first event is stored. Never rejects. */
  async start(resources: Repositories["resources"]): Promise<void> {
    if (this.closed) return;
    this.resources = resources;
    if (!this.timer) {
      configChanges.on("change", this.onChange);
      this.timer = setInterval(() => void this.load(), LOOK_MS);
      this.timer.unref();
    }
    await this.load();
    const { early } = this;
    this.early = null;
    for (const tell of early ?? []) void tell();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.faults.close();
    configChanges.off("change", this.onChange);
    if (this.timer) clearInterval(this.timer);
    await this.loading;
    for (const key of [...this.open.keys()]) await this.shut(key);
  }

  /** One after the other, so that none works on an old list. Never rejects. */
  private load(): Promise<void> {
    this.loading = this.loading.then(() => this.reload());
    return this.loading;
  }

  private async reload(): Promise<void> {
    const { resources } = this;
    if (this.closed || !resources) return;
    try {
      const exporters = (await resources.exporters.all()).map((one) => ({
        key: exporterTarget(one.id),
        one,
        use: () => this.useExporter(one),
      }));
      const rules = (await resources.notification_rules.all()).map((one) => ({
        key: `rule:${one.id}`,
        one,
        use: () => this.useRule(one),
      }));
      const found = [...exporters, ...rules];
      const keys = new Set(found.map(({ key }) => key));
      for (const key of [...this.open.keys()]) if (!keys.has(key)) await this.shut(key);
      for (const { key, one, use } of found) await this.bringUp(key, one, use);
    } catch (error) {
      this.parts.log("warn", `exporters and notifications cannot be read: ${String(error)}`);
    }
  }

  private async bringUp(
    key: string,
    { updatedAt, fields, locked }: Configured,
    use: () => () => Promise<void>,
  ): Promise<void> {
    const before = this.open.get(key);
    if (before?.updatedAt === updatedAt) return;
    let close: Open["close"] = null;
    try {
      if (locked) throw new Error("its secrets cannot be opened: enter them again");
      if (fields.enabled) close = use();
    } catch (error) {
      this.parts.log("error", `${fields.name} cannot be used: ${String(error)}`);
    }
    this.open.set(key, { updatedAt, close });
    // only now: the new one has taken the old one's place, and no event falls between
    await before?.close?.();
  }

  private async shut(key: string): Promise<void> {
    const { close } = this.open.get(key) ?? {};
    this.open.delete(key);
    await close?.();
  }

  private useExporter({ id, fields }: Resource<"exporters">): () => Promise<void> {
    const { outbox, home, images, env } = this.parts;
    const parts = { home, images, env, clock: Date.now };
    return outbox.register(new ExporterTarget(exporterTarget(id), fields, true, parts));
  }

  private useRule({ id, fields }: Resource<"notification_rules">): () => Promise<void> {
    const { outbox, images, log } = this.parts;
    const rule = openRule(
      outbox,
      { ...fields, id },
      { events: true },
      { images, log, clock: Date.now, names: this.names },
    );
    this.rules.add(rule);
    return () => {
      this.rules.delete(rule);
      return rule.close();
    };
  }

  /** Stored events come to the rules by the outbox; a barrier's fault is none. Never rejects. */
  private async tellFault(status: BarrierStatus, since: number): Promise<void> {
    const notice = noticeOfFault(status, since);
    for (const rule of this.rules) {
      if (!matches(rule.rule, notice)) continue;
      try {
        await rule.tell(notice, `fault ${status.id} ${since}`);
      } catch (error) {
        this.parts.log(
          "error",
          `${rule.rule.name}: a barrier's fault is not told: ${String(error)}`,
        );
      }
    }
  }
}
