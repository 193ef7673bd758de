import { statfs } from "node:fs/promises";

const MB = 1024 * 1024;
/** Room that uploads leave on the disk: without it no passage could be stored, and the gate would stop. */
const RESERVE = { bytes: 2048 * MB, share: 0.05 };
/** Share of the disk that uploads that are kept may take. */
const KEPT_SHARE = 0.5;
/** Uploads at once of one user. */
const AT_ONCE = 2;
/** How much is written between two looks at the disk. */
const LOOK_BYTES = 16 * MB;

/** Why an upload is not taken (further). */
export type RoomProblem = "too_many" | "disk" | "kept";

export class RoomError extends Error {
  constructor(readonly problem: RoomProblem) {
    super(`no room for this upload: ${problem}`);
    this.name = "RoomError";
  }
}

interface RoomParts {
  /** A folder on the disk, which is there. */
  folder: () => Promise<string>;
  /** Bytes of the files that are kept. */
  kept: () => Promise<number>;
  env: NodeJS.ProcessEnv;
}

/** An upload that is under way. */
export interface UploadPlace {
  /** To be called with each piece before it is written. @throws RoomError */
  wrote(bytes: number): Promise<void>;
  leave(): void;
}

/** Lets uploads in while they leave room for what the gate must store. */
export class UploadRoom {
  private readonly running = new Set<{ user: string; left: number }>();
  private readonly reserve: number;
  private readonly most: number;

  constructor(private readonly parts: RoomParts) {
    this.reserve = bytesOf(parts.env.PLATEGATE_RESERVE_MB);
    this.most = bytesOf(parts.env.PLATEGATE_MAX_UPLOADS_MB);
  }

  /**
   * @param bytes what is announced; 0 = not known, then only what is written counts
   * @throws RoomError
   */
  async enter(user: string, bytes: number): Promise<UploadPlace> {
    const mine = [...this.running].filter((one) => one.user === user);
    if (mine.length >= AT_ONCE) throw new RoomError("too_many");
    const place = { user, left: bytes };
    this.running.add(place);
    const leave = (): void => void this.running.delete(place);
    try {
      await this.look();
    } catch (error) {
      leave();
      throw error;
    }
    let since = 0;
    const wrote = async (written: number): Promise<void> => {
      place.left = Math.max(0, place.left - written);
      since += written;
      if (since < LOOK_BYTES) return;
      since = 0;
      await this.look();
    };
    return { wrote, leave };
  }

  /** Whether all that is under way still fits. */
  private async look(): Promise<void> {
    const { bavail, blocks, bsize } = await statfs(await this.parts.folder());
    const [free, total] = [bavail * bsize, blocks * bsize];
    const coming = [...this.running].reduce((sum, { left }) => sum + left, 0);
    const reserve = this.reserve || Math.min(RESERVE.bytes, total * RESERVE.share);
    if (free - coming < reserve) throw new RoomError("disk");
    const most = this.most || total * KEPT_SHARE;
    if ((await this.parts.kept()) + coming > most) throw new RoomError("kept");
  }
}

/** A setting in MB as bytes; 0 where it is none. */
function bytesOf(setting: string | undefined): number {
  const megabytes = Number(setting ?? "");
  return megabytes > 0 ? megabytes * MB : 0;
}
