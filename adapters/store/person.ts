import { randomUUID } from "node:crypto";
import type { Vehicle, VisitorPass } from "../../core/access/types";
import type { StoredEvent } from "../../core/events/event";
import { hashPlate } from "../../core/events/hashing";
import type { ImageStore } from "../../core/events/ports";
import { normalisePlate } from "../../core/plates/normalise";
import { StoreError } from "../../core/events/errors";
import { EventPurge } from "../database/repositories/retention";
import { deleteWithPictures } from "./delete-events";
import type { Repositories } from "./repositories";

/** Who asks, for the audit log. */
export interface Asker {
  actor: string;
  organisation: string | null;
  purpose: string | null;
}

/** All that is kept of one plate. Pictures are named by their paths in the store. */
export interface PlateExport {
  plate: string;
  exportedAt: number;
  events: StoredEvent[];
  vehicle: Vehicle | null;
  passes: VisitorPass[];
  /** Look-ups of this plate: when, by whom, why. */
  lookUps: { at: number; actor: string; action: string; purpose: string | null }[];
}

export interface EraseResult {
  plate: string;
  erasedAt: number;
  events: number;
  pictures: number;
  /** Events that were left because they are held. */
  held: number;
  vehicle: boolean;
  passes: number;
}

export interface EraseOptions {
  /** Also the registered vehicle and its visitor passes. */
  lists: boolean;
  /** Also events that are held. */
  held: boolean;
}

/** The rights of people recorded: what is kept of a plate, and its erasure. */
export class PersonRecords {
  constructor(
    private readonly repositories: Repositories,
    private readonly images: ImageStore,
    private readonly hashKey: Buffer | null,
  ) {}

  /** Everything kept of a plate. Rejects with StoreError "invalid" for a text that is no plate. */
  async export(plateText: string, asker: Asker, now: number): Promise<PlateExport> {
    const plate = plateOf(plateText);
    await this.note("person.export", plate, asker, now, {});
    const { access, audit } = this.repositories;
    const [events, vehicle, passes, lookUps] = await Promise.all([
      this.purge().ofPlates(this.stored(plate)),
      access.vehicles.findByPlate(plate),
      access.passes.list(),
      audit.list({ subject: `plate:${plate}` }, { skip: 0, limit: 1000 }),
    ]);
    return {
      plate,
      exportedAt: now,
      events,
      vehicle,
      passes: passes.filter((pass) => pass.plate === plate),
      lookUps: lookUps.items.map(({ at, actor, action, purpose }) => ({
        at,
        actor,
        action,
        purpose,
      })),
    };
  }

  /** Deletes everything kept of a plate but the audit log, which says that it was done. */
  async erase(
    plateText: string,
    options: EraseOptions,
    asker: Asker,
    now: number,
  ): Promise<EraseResult> {
    const plate = plateOf(plateText);
    const all = await this.purge().ofPlates(this.stored(plate));
    const concerned = options.held ? all : all.filter((event) => !event.held);
    const deleted = await deleteWithPictures(
      this.repositories,
      this.images,
      concerned,
      options.held,
    );
    await this.repositories.database.db
      .deleteFrom("occupancy")
      .where("plate", "=", plate)
      .execute();
    const lists = options.lists ? await this.eraseLists(plate) : { vehicle: false, passes: 0 };
    const result: EraseResult = {
      plate,
      erasedAt: now,
      events: deleted.events,
      pictures: deleted.pictures,
      held: all.length - concerned.length,
      ...lists,
    };
    await this.note("person.erase", plate, asker, now, { ...result });
    return result;
  }

  private async eraseLists(plate: string): Promise<{ vehicle: boolean; passes: number }> {
    const { vehicles, passes } = this.repositories.access;
    const vehicle = await vehicles.findByPlate(plate);
    const own = (await passes.list()).filter((pass) => pass.plate === plate);
    if (vehicle) await vehicles.remove(vehicle.id);
    for (const pass of own) await passes.remove(pass.id);
    return { vehicle: vehicle !== null, passes: own.length };
  }

  private purge(): EventPurge {
    return new EventPurge(this.repositories.database);
  }

  /** How events name the plate: readable, and hashed where there is a key. */
  private stored(plate: string): string[] {
    return this.hashKey ? [plate, hashPlate(plate, this.hashKey)] : [plate];
  }

  private note(
    action: string,
    plate: string,
    asker: Asker,
    now: number,
    detail: Record<string, unknown>,
  ): Promise<void> {
    return this.repositories.audit.append({
      id: randomUUID(),
      at: now,
      ...asker,
      action,
      subject: `plate:${plate}`,
      result: "ok",
      address: null,
      requestId: null,
      detail,
    });
  }
}

function plateOf(text: string): string {
  const plate = normalisePlate(text);
  if (plate === "" || plate.length > 128) {
    throw new StoreError("invalid", `"${text.slice(0, 40)}" is no plate`);
  }
  return plate;
}
