import { EventEmitter } from "node:events";
import type { ResourceChange, ResourceRepositories } from "../../core/config/ports";
import type { Resource } from "../../core/config/types";
import { configChanges } from "./bus";

/** How often it is looked for what other processes have changed, in ms. */
const LOOK_EVERY_MS = 10_000;

interface Followed {
  users: number;
  cameras: Resource<"cameras">[];
  zones: Resource<"zones">[];
  known: string;
  stop(): void;
}

/**
 * The cameras and zones of the configuration API as they are now, for flows that
 * follow them. Emits "change" when any of it is different.
 */
export class CameraRegistry extends EventEmitter<{ change: [] }> {
  private readonly followed = new Map<object, Followed>();

  /**
   * Follows a store, once however often it is asked.
   * @param store stands for it
   * @param load rejects while the database is away; it is asked again
   * @param failed told of failures, which change nothing
   * @returns a function that ends this use
   */
  follow(
    store: object,
    load: () => Promise<ResourceRepositories>,
    failed: (error: unknown) => void,
  ): () => void {
    const entry = this.followed.get(store) ?? this.begin(store, load, failed);
    entry.users++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (--entry.users > 0) return;
      entry.stop();
      this.followed.delete(store);
      this.emit("change");
    };
  }

  /** The cameras of a store; empty until they are known. */
  camerasOf(store: object): readonly Resource<"cameras">[] {
    return this.followed.get(store)?.cameras ?? [];
  }

  camera(id: string): Resource<"cameras"> | undefined {
    return this.all(({ cameras }) => cameras).find((camera) => camera.id === id);
  }

  zonesOf(cameraId: string): Resource<"zones">[] {
    return this.all(({ zones }) => zones).filter(({ fields }) => fields.camera_id === cameraId);
  }

  private all<T>(part: (entry: Followed) => T[]): T[] {
    return [...this.followed.values()].flatMap(part);
  }

  private begin(
    store: object,
    load: () => Promise<ResourceRepositories>,
    failed: (error: unknown) => void,
  ): Followed {
    const entry: Followed = { users: 0, cameras: [], zones: [], known: "", stop: () => undefined };
    let turn = Promise.resolve();
    const look = () => {
      turn = turn.then(() => this.refresh(store, entry, load)).catch(failed);
    };
    const onChange = ({ kind }: ResourceChange) => {
      if (kind === "cameras" || kind === "zones") look();
    };
    configChanges.on("change", onChange);
    const timer = setInterval(look, LOOK_EVERY_MS);
    timer.unref();
    entry.stop = () => {
      clearInterval(timer);
      configChanges.off("change", onChange);
    };
    this.followed.set(store, entry);
    look();
    return entry;
  }

  private async refresh(
    store: object,
    entry: Followed,
    load: () => Promise<ResourceRepositories>,
  ): Promise<void> {
    const repositories = await load();
    const [cameras, zones] = await Promise.all([
      repositories.cameras.all(),
      repositories.zones.all(),
    ]);
    const known = JSON.stringify([cameras, zones]);
    if (this.followed.get(store) !== entry || known === entry.known) return;
    Object.assign(entry, { cameras, zones, known });
    this.emit("change");
  }
}

/** The process's. */
export const cameraRegistry = new CameraRegistry();
cameraRegistry.setMaxListeners(0);
