import type {
  AccessSettings,
  AccessSnapshot,
  AccessState,
  Group,
  Schedule,
  ModeChange,
  SiteMode,
  StateChange,
  Vehicle,
  VehicleStatus,
  VisitorPass,
  WatchEntry,
} from "./types";

export interface Page<T> {
  total: number;
  items: T[];
}

export interface VehicleQuery {
  /** Plate, owner, contact, note or tag contains this (plates: normalised). */
  text?: string | undefined;
  status?: VehicleStatus | undefined;
  group?: string | undefined;
  skip: number;
  limit: number;
}

/** The plain operations on one kind of entry. `save` inserts or replaces by id. */
export interface EntryRepository<T> {
  list(): Promise<T[]>;
  get(id: string): Promise<T | null>;
  save(entry: T): Promise<void>;
  /** @returns false where there was none */
  remove(id: string): Promise<boolean>;
}

/** Vehicles are many: listed by page, saved in batches. */
export interface VehicleRepository extends Omit<EntryRepository<Vehicle>, "list"> {
  list(query: VehicleQuery): Promise<Page<Vehicle>>;
  findByPlate(plate: string): Promise<Vehicle | null>;
  /** All or none, in one transaction and with one change of the list version. */
  saveAll(vehicles: readonly Vehicle[]): Promise<void>;
}

/**
 * The lists and their state in a store (adapters/database). Rejects with an Error
 * when the store cannot be reached; saving a vehicle whose plate another has rejects
 * too (the wider collision check of `findCollision` comes before).
 */
export interface AccessRepository {
  readonly vehicles: VehicleRepository;
  readonly groups: EntryRepository<Group>;
  readonly schedules: EntryRepository<Schedule>;
  readonly passes: EntryRepository<VisitorPass>;
  readonly watch: EntryRepository<WatchEntry>;

  /**
   * Enters a visitor's plate into a pass, unless the pass was used with another meanwhile.
   * @returns false where it was, or is gone
   */
  enterPassPlate(passId: string, plate: string): Promise<boolean>;

  settings(): Promise<AccessSettings>;
  /**
   * Changes the settings as one step: of two at once none overwrites the other's.
   * @param change may be called again; what it throws leaves all as it was
   */
  changeSettings(change: (now: AccessSettings) => AccessSettings): Promise<AccessSettings>;

  /** All lists, consistent (one read transaction). */
  snapshot(): Promise<AccessSnapshot>;
  /**
   * Changes with each change of a list, also by another process on the same database
   * (a counter in `settings`, raised in the same transaction). Cheap.
   */
  listVersion(): Promise<string>;
  /** Called after each change made through this process. @returns a function that stops it */
  onChange(listener: () => void): () => void;

  /** The site's mode alone: cheap, for those who only watch it. */
  mode(siteId: string): Promise<SiteMode>;
  /** `factors` is left empty: the node that hears them adds them. */
  state(siteId: string): Promise<AccessState>;
  /**
   * Applies what a decision changed, all or none. Idempotent per passage: a `use_pass`
   * counts once for a passage id.
   */
  apply(changes: readonly StateChange[]): Promise<void>;
  /**
   * Takes back what a decision changed, all or none, where the barrier stayed shut: a
   * presence only while it is still of that passage. Idempotent.
   */
  undo(changes: readonly StateChange[]): Promise<void>;
  /** Kept over restarts; `by` says who and why, for the audit log. */
  setMode(siteId: string, mode: SiteMode, by: ModeChange): Promise<void>;
  /** Sets presences (of one group, or all) to not inside and not seen. @returns how many were inside */
  resetOccupancy(siteId: string, groupId: string | null): Promise<number>;
}
