import { randomUUID } from "node:crypto";
import { cardNumbers } from "../../core/access/card-numbers";
import { credentialOf, withdrawn, type Credential } from "../../core/access/credential";
import type { AccessRepository } from "../../core/access/ports";
import type { AuditRepository, SettingsRepository } from "../../core/auth/ports";
import type { DatabaseCredentials } from "../database/repositories/credentials";
import { AuthenticatedOutbound } from "../outbound/auth";
import { Outbound } from "../outbound/outbound";
import type { OutboxService } from "../outbox/service";
import { ACCESS_CONTROL } from "./credential-sync";

export interface CheckParts {
  access: AccessRepository;
  credentials: DatabaseCredentials;
  settings: SettingsRepository;
  audit: AuditRepository;
  outbox: Pick<OutboxService, "enqueue">;
  url: string;
  key: string;
  clock: () => number;
  log: (level: "info" | "warn" | "error", message: string) => void;
}

/** What a comparison of all credentials found and set going. */
export interface CheckReport {
  at: string;
  /** Vehicles of ours. */
  wanted: number;
  /** Of these: the other system did not hold them, or held something else. Told again. */
  missing: number;
  changed: number;
  /** Told before and no vehicle any more: their access is taken away. */
  withdrawn: number;
  /** Credentials there that were never ours: left alone. */
  foreign: number;
  /** Whether the other system could list what it holds; else it was told everything again. */
  listed: boolean;
  /** Plates whose Wiegand 26 numbers are the same: a controller cannot tell them apart. */
  same_numbers: string[][];
}

/** The setting under which the last report stands. */
const REPORT = "access_control.report";
const NIGHT_HOUR = 3;
const LOOK_MS = 600_000;
const HALF_A_DAY_MS = 12 * 3_600_000;
/** A vehicle without an end is told a year; with less than this left of it, it is told again. */
const LEFT_MS = (365 / 2) * 24 * 3_600_000;
const MAX_LIST = 64 * 1024 * 1024;

const running = new Set<CredentialCheck>();

/** The process's, where an access-control system is configured. */
export function currentCheck(): CredentialCheck | null {
  return [...running][0] ?? null;
}

/**
 * Compares what the access-control system holds with the vehicles, each night at 3 and
 * when asked, mends what differs by the outbox, and keeps a report.
 */
export class CredentialCheck {
  private timer: NodeJS.Timeout | null = null;
  private readonly outbound = new Outbound();
  private readonly client: AuthenticatedOutbound;

  constructor(private readonly parts: CheckParts) {
    const { key } = parts;
    const auth = key ? { type: "bearer" as const, token: key } : { type: "none" as const };
    this.client = new AuthenticatedOutbound(this.outbound, auth);
  }

  start(): void {
    this.timer = setInterval(() => void this.atNight(), LOOK_MS);
    this.timer.unref();
    running.add(this);
  }

  async close(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    running.delete(this);
    await this.outbound.close();
  }

  /** The report of the last time; null where there was none. */
  async last(): Promise<CheckReport | null> {
    return ((await this.parts.settings.get(REPORT)) ?? null) as CheckReport | null;
  }

  /** Compares now. @param actor for the audit log. Rejects where the other system cannot be asked. */
  async run(actor: string): Promise<CheckReport> {
    const { settings, audit, clock } = this.parts;
    const report = await this.compare(await this.listed());
    await settings.set(REPORT, report, clock());
    const { same_numbers: same, ...counts } = report;
    await audit.append({
      ...{ id: randomUUID(), at: clock(), actor, organisation: null },
      ...{ action: "access_control.compare", subject: null, purpose: null, result: "ok" },
      ...{ address: null, requestId: null, detail: { ...counts, same_numbers: same.length } },
    });
    return report;
  }

  /** @param there what the other system holds; null where it cannot say */
  private async compare(there: Map<string, Partial<Credential>> | null): Promise<CheckReport> {
    const { access, credentials, clock } = this.parts;
    const [{ vehicles }, told] = await Promise.all([access.snapshot(), credentials.all()]);
    const now = clock();
    const wanted = new Map(vehicles.map((vehicle) => [vehicle.plate, vehicle]));
    const missing: Credential[] = [];
    const changed: Credential[] = [];
    for (const vehicle of vehicles) {
      const credential = credentialOf(vehicle, now);
      const held = there?.get(vehicle.plate);
      if (!held) missing.push(credential);
      else if (differs(held, credential, vehicle.validUntil !== null, now))
        changed.push(credential);
    }
    const gone = [...told].filter((plate) => !wanted.has(plate) && there?.has(plate) !== false);
    const ended = gone.map((plate) => withdrawn(plate, now));
    for (const credential of [...missing, ...changed, ...ended]) await this.tell(credential, now);
    // those that were sent while this went on stay told
    await credentials.add([...wanted.keys()], now);
    await credentials.remove([...told].filter((plate) => !wanted.has(plate)));
    const foreign = [...(there?.keys() ?? [])].filter((id) => !wanted.has(id) && !told.has(id));
    return {
      at: new Date(now).toISOString(),
      wanted: wanted.size,
      ...{ missing: missing.length, changed: changed.length, withdrawn: gone.length },
      ...{ foreign: foreign.length, listed: there !== null },
      same_numbers: sameNumbers([...wanted.keys()]),
    };
  }

  private async tell(credential: Credential, now: number): Promise<void> {
    const { credential_id: lane } = credential;
    const item = { lane, kind: "credential", eventId: null, payload: credential };
    await this.parts.outbox.enqueue(ACCESS_CONTROL, { ...item, key: `${lane} compared ${now}` });
  }

  /** What it holds by id; null where it has no list, which reference 1 does not ask for. */
  private async listed(): Promise<Map<string, Partial<Credential>> | null> {
    const url = `${this.parts.url.replace(/\/+$/, "")}/credentials`;
    const { status, body } = await this.client.send(url, { maxBytes: MAX_LIST });
    if (status === 404 || status === 405 || status === 501) return null;
    if (status !== 200) throw new Error(`it answered ${status}`);
    const answer = JSON.parse(body.toString("utf8")) as unknown;
    const { items, credentials } = (answer ?? {}) as { items?: unknown; credentials?: unknown };
    const list = [answer, items, credentials].find((one) => Array.isArray(one));
    if (!list) return null;
    const held = (list as Partial<Credential>[]).filter((one) => Boolean(one?.credential_id));
    return new Map(held.map((one) => [String(one.credential_id), one]));
  }

  /** Once a night, also where several processes or restarts look. Never rejects. */
  private async atNight(): Promise<void> {
    const now = this.parts.clock();
    if (new Date(now).getHours() !== NIGHT_HOUR) return;
    try {
      const last = await this.last();
      if (last && now - Date.parse(last.at) < HALF_A_DAY_MS) return;
      await this.run("system");
    } catch (error) {
      this.parts.log("warn", `access control is not compared this night: ${String(error)}`);
    }
  }
}

/**
 * Whether it must be told again.
 * @param ends whether the vehicle has an end: one without is told a year, again and again
 */
function differs(held: Partial<Credential>, ours: Credential, ends: boolean, now: number): boolean {
  const until = Date.parse(held.valid_until ?? "");
  const inTime = ends ? until === Date.parse(ours.valid_until) : until >= now + LEFT_MS;
  return held.name !== ours.name || held.access_level !== ours.access_level || !inTime;
}

function sameNumbers(plates: readonly string[]): string[][] {
  const byNumber = new Map<string, string[]>();
  for (const plate of plates) {
    const { number } = cardNumbers(plate).wiegand26;
    byNumber.set(number, [...(byNumber.get(number) ?? []), plate]);
  }
  return [...byNumber.values()].filter((same) => same.length > 1);
}
