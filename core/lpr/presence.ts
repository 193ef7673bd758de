/** A camera is offline when it has said nothing for this long, in milliseconds. */
export const SILENT_MS = 60_000;

interface Known {
  lastMessageAt: number;
  /** Connections that speak for it; more than one while a new one replaces a dead one. */
  links: Set<string>;
  online: boolean;
}

/** Which pushing cameras are there: by their last message and their connections. Pure; the clock is passed in. */
export class Presence {
  private readonly cameras = new Map<string, Known>();
  private readonly byLink = new Map<string, Set<string>>();

  /**
   * A camera has said something over a connection.
   * @returns whether it was offline until now
   */
  heard(cameraId: string, link: string, at: number): boolean {
    const known = this.cameras.get(cameraId) ?? {
      lastMessageAt: at,
      links: new Set<string>(),
      online: false,
    };
    const cameBack = !known.online;
    known.online = true;
    known.lastMessageAt = at;
    known.links.add(link);
    this.cameras.set(cameraId, known);
    const own = this.byLink.get(link) ?? new Set<string>();
    this.byLink.set(link, own.add(cameraId));
    return cameBack;
  }

  /** A connection has said something for whatever cameras it speaks for. @returns those that came back */
  alive(link: string, at: number): string[] {
    return this.camerasOf(link).filter((id) => this.heard(id, link, at));
  }

  /** The cameras that a connection speaks for. */
  camerasOf(link: string): string[] {
    return [...(this.byLink.get(link) ?? [])];
  }

  /** A connection is gone. @returns the cameras that are offline by that */
  left(link: string): string[] {
    const gone = this.camerasOf(link).filter((id) => {
      const known = this.cameras.get(id);
      known?.links.delete(link);
      if (!known?.online || known.links.size > 0) return false;
      known.online = false;
      return true;
    });
    this.byLink.delete(link);
    return gone;
  }

  /** @returns the cameras that went offline by their silence */
  silent(now: number): string[] {
    return [...this.cameras].flatMap(([id, known]) => {
      if (!known.online || now - known.lastMessageAt < SILENT_MS) return [];
      known.online = false;
      return [id];
    });
  }

  isOnline(cameraId: string): boolean {
    return this.cameras.get(cameraId)?.online ?? false;
  }

  online(): number {
    return [...this.cameras.values()].filter((known) => known.online).length;
  }
}
