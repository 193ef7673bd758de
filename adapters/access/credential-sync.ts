import type { SettingsRepository } from "../../core/auth/ports";
import type { AccessRepository } from "../../core/access/ports";
import { credentialOf, withdrawn, type Credential } from "../../core/access/credential";
import type { Vehicle } from "../../core/access/types";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import { DEFAULT_RETRY, type Outcome, type RetryPolicy } from "../../core/outbox/types";
import type { DatabaseCredentials } from "../database/repositories/credentials";
import type { OutboxService } from "../outbox/service";
import { AuthenticatedOutbound } from "../outbound/auth";
import { Outbound, type OutboundAnswer } from "../outbound/outbound";
import { outcomeOfAnswer, outcomeOfError } from "../outbound/outcome";

/** What waits for the access-control system in the outbox. */
export const ACCESS_CONTROL = "access-control";
/** The last change that was handed to the outbox, ms since the epoch. */
const SYNCED = "access_control.synced_until";
/** Another process may change the list too: it is looked at this often, in ms. */
const LOOK_MS = 5_000;
/** A change this young is left for the next look: another of the same moment may come yet. In ms. */
const SETTLE_MS = 20;
/** Changes further in the future than this were made by a clock that is wrong. */
const SKEW_MS = 1_000;
/** So many go into the outbox between two notes of how far it is. */
const STEP = 100;
/** The time of change of a vehicle that was seen, but is left for the next look. */
const UNSENT = -1;

interface SyncParts {
  access: AccessRepository;
  credentials: DatabaseCredentials;
  settings: SettingsRepository;
  outbox: OutboxService;
  /** Of the access-control system, with its key. */
  url: string;
  key: string;
  log: (level: "info" | "warn" | "error", message: string) => void;
  clock: () => number;
}

type Seen = Pick<Vehicle, "plate" | "updatedAt">;

/**
 * Keeps another access-control system's credentials as our vehicles are (reference 1: `POST
 * {url}/credentials`): each change goes out by the outbox, and waits there while it is away.
 */
export class CredentialSync {
  /** Vehicles by id as they were last seen; null before the first look. */
  private seen: Map<string, Seen> | null = null;
  private version = "";
  private timer: NodeJS.Timeout | null = null;
  private forget: (() => void) | null = null;
  private stop: (() => Promise<void>) | null = null;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: SyncParts) {}

  start(): void {
    const { access, outbox, url, key } = this.parts;
    this.stop = outbox.register(new CredentialTarget(url, key));
    this.forget = access.onChange(() => void this.look());
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
    void this.look();
  }

  async close(): Promise<void> {
    this.forget?.();
    if (this.timer) clearInterval(this.timer);
    await this.looking;
    await this.stop?.();
  }

  /** One look after the other; a database that is away, or a full outbox, is tried again. */
  look(): Promise<void> {
    this.looking = this.looking.then(() =>
      this.refresh().catch((error: unknown) => {
        this.parts.log("warn", `vehicles are not sent to the access control: ${String(error)}`);
      }),
    );
    return this.looking;
  }

  private async refresh(): Promise<void> {
    const { access, clock } = this.parts;
    const version = await access.listVersion();
    if (version === this.version) return;
    const { vehicles } = await access.snapshot();
    const now = new Map(vehicles.map(({ id, plate }) => [id, plate]));
    const plates = new Set(now.values());
    for (const [id, { plate }] of this.seen ?? []) {
      if (now.get(id) === plate || plates.has(plate)) continue;
      await this.send(withdrawn(plate, clock()), `${plate} gone ${clock()}`);
    }
    const settled = clock() - SETTLE_MS;
    const isYoung = (at: number) => at > settled && at < settled + SKEW_MS;
    const old = vehicles.filter(({ updatedAt }) => !isYoung(updatedAt));
    await this.sendChanged(old);
    this.seen = new Map(
      vehicles.map(({ id, plate, updatedAt }) => [
        id,
        { plate, updatedAt: isYoung(updatedAt) ? UNSENT : updatedAt },
      ]),
    );
    const young = old.length < vehicles.length;
    this.version = young ? "" : version;
    if (young) setTimeout(() => void this.look(), SETTLE_MS).unref();
  }

  /**
   * Those changed since the last look, oldest change first; on the first look those since the
   * mark. Later looks do not go by the mark: a change may carry an older time than one that
   * was sent (a clock put right, a long import), and it may be the one that blocks.
   */
  private async sendChanged(vehicles: readonly Vehicle[]): Promise<void> {
    const { settings, credentials, clock } = this.parts;
    const now = clock();
    const noted = await settings.get(SYNCED);
    // never in the future: what is changed until then would be passed over after a restart
    const first = typeof noted === "number" ? Math.min(noted, now) : -1;
    const { seen } = this;
    const changed = vehicles
      .filter(({ id, plate, updatedAt }) => {
        if (!seen) return updatedAt > first;
        const before = seen.get(id);
        return before?.updatedAt !== updatedAt || before.plate !== plate;
      })
      .sort((a, b) => a.updatedAt - b.updatedAt);
    for (let at = 0; at < changed.length; at += STEP) {
      const some = changed.slice(at, at + STEP);
      // before they are sent: what may be held there can be taken back, whatever happens
      await credentials.add(
        some.map(({ plate }) => plate),
        now,
      );
      for (const vehicle of some) {
        await this.send(credentialOf(vehicle, now), `${vehicle.plate} ${vehicle.updatedAt}`);
      }
      const last = some.at(-1)?.updatedAt ?? first;
      // others of the same moment come in the next step
      const until = changed[at + STEP]?.updatedAt === last ? last - 1 : last;
      await settings.set(SYNCED, Math.max(first, Math.min(until, now)), now);
    }
  }

  private async send(credential: Credential, key: string): Promise<void> {
    const lane = credential.credential_id;
    const item = { lane, kind: "credential", eventId: null, payload: credential, key };
    await this.parts.outbox.enqueue(ACCESS_CONTROL, item);
  }
}

/** The access-control system as a target of the outbox. */
class CredentialTarget implements OutboxTarget {
  readonly id = ACCESS_CONTROL;
  readonly name = "access control";
  readonly retry: RetryPolicy = DEFAULT_RETRY;
  readonly concurrency = 2;
  readonly batch = 1;
  private readonly outbound = new Outbound();
  private readonly client: AuthenticatedOutbound;
  private readonly url: string;

  constructor(url: string, key: string) {
    this.url = `${url.replace(/\/+$/, "")}/credentials`;
    this.client = new AuthenticatedOutbound(
      this.outbound,
      key ? { type: "bearer", token: key } : { type: "none" },
    );
  }

  wants(): boolean {
    return false; // vehicles, not events
  }

  laneOf(): string {
    return "";
  }

  deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]> {
    return Promise.all(deliveries.map(({ item }) => this.post(item.payload, signal)));
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  private async post(credential: unknown, signal: AbortSignal): Promise<Outcome> {
    const { credential_id: id } = credential as Credential;
    try {
      const answer = await this.send("POST", this.url, credential, signal);
      // a system that tells making from changing: it is there already
      const changed =
        answer.status === 409
          ? await this.send("PUT", `${this.url}/${encodeURIComponent(id)}`, credential, signal)
          : answer;
      return outcomeOfAnswer(changed);
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  private send(
    method: string,
    url: string,
    credential: unknown,
    signal: AbortSignal,
  ): Promise<OutboundAnswer> {
    const headers = { "content-type": "application/json" };
    return this.client.send(url, { method, headers, body: JSON.stringify(credential), signal });
  }
}
