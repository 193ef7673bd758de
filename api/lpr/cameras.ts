import type { LprCamera, LprCameraRepository } from "../../core/lpr/ports";
import { Presence } from "../../core/lpr/presence";
import { LprError } from "./messages";

/** Cameras that may register themselves; a flood of made-up names must not fill the disk. */
const MAX_CAMERAS = 10_000;
/** How often silence is looked for, and last-seen times are written, in milliseconds. */
const SWEEP_MS = 5_000;
const WRITE_MS = 10_000;

export type CameraState = "online" | "offline";

/** The cameras that push: who they are, kept over restarts, and whether they are there. */
export class CameraBook {
  private readonly presence = new Presence();
  private readonly cameras = new Map<string, LprCamera>();
  private readonly changed = new Set<string>();
  private readonly timers: NodeJS.Timeout[];

  private constructor(
    private readonly repository: LprCameraRepository,
    known: LprCamera[],
    private readonly told: (camera: LprCamera, state: CameraState) => void,
    private readonly onError: (error: unknown) => void,
  ) {
    for (const camera of known) this.cameras.set(camera.id, camera);
    this.timers = [
      setInterval(() => this.tell(this.presence.silent(Date.now()), "offline"), SWEEP_MS),
      setInterval(() => void this.write(), WRITE_MS),
    ];
    for (const timer of this.timers) timer.unref();
  }

  /** @param told is called when a camera comes or goes */
  static async open(
    repository: LprCameraRepository,
    told: (camera: LprCamera, state: CameraState) => void,
    onError: (error: unknown) => void,
  ): Promise<CameraBook> {
    return new CameraBook(repository, await repository.all(), told, onError);
  }

  /**
   * A camera has said something; one that is not known yet is registered by that.
   * @throws LprError where there are too many
   */
  heard(id: string, link: string, location: string | null, at: number): LprCamera {
    const before = this.cameras.get(id);
    if (!before && this.cameras.size >= MAX_CAMERAS) {
      throw new LprError("RATE_LIMIT_EXCEEDED", "too_many_cameras");
    }
    const camera: LprCamera = {
      id,
      location: location ?? before?.location ?? null,
      registeredAt: before?.registeredAt ?? at,
      lastSeenAt: at,
    };
    this.cameras.set(id, camera);
    this.changed.add(id);
    if (this.presence.heard(id, link, at)) this.told(camera, "online");
    return camera;
  }

  /** A connection has said something for the cameras it speaks for. */
  alive(link: string, at: number): void {
    const back = this.presence.alive(link, at);
    for (const id of this.presence.camerasOf(link)) {
      const camera = this.cameras.get(id);
      if (!camera) continue;
      this.cameras.set(id, { ...camera, lastSeenAt: at });
      this.changed.add(id);
    }
    this.tell(back, "online");
  }

  /** A connection is gone. */
  left(link: string): void {
    this.tell(this.presence.left(link), "offline");
  }

  /** The one camera that a connection speaks for; null for none or several. */
  onlyOneOf(link: string): string | null {
    const [id, ...others] = this.presence.camerasOf(link);
    return id !== undefined && others.length === 0 ? id : null;
  }

  list(): (LprCamera & { state: CameraState })[] {
    return [...this.cameras.values()].map((camera) => ({
      ...camera,
      state: this.presence.isOnline(camera.id) ? "online" : "offline",
    }));
  }

  counts(): { total: number; online: number } {
    return { total: this.cameras.size, online: this.presence.online() };
  }

  /** Writes what has changed since the last time. */
  async write(): Promise<void> {
    const ids = [...this.changed];
    if (ids.length === 0) return;
    this.changed.clear();
    try {
      await this.repository.save(ids.flatMap((id) => this.cameras.get(id) ?? []));
    } catch (error) {
      for (const id of ids) this.changed.add(id);
      this.onError(error);
    }
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.write();
  }

  private tell(ids: string[], state: CameraState): void {
    for (const id of ids) {
      const camera = this.cameras.get(id);
      if (camera) this.told(camera, state);
    }
  }
}
