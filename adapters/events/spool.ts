import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { StoreError } from "../../core/events/errors";
import { systemError } from "../database/errors";

const MAGIC = 0x50475350;
const HEADER = 12;

export interface SpoolLimits {
  /** Written with zeros at the start, so that there is room when the disk is full. */
  reserveBytes: number;
  /** The file never grows beyond. */
  maxBytes: number;
}

/** Where a record is in the file. */
export interface SpoolPlace {
  offset: number;
  length: number;
}

/**
 * A file of records that wait: appended, synced, read back, and wiped when none
 * waits any more. Records: magic, length, CRC-32, payload; the first that is not
 * whole ends the list, so that a crash in mid-write costs nothing but that write.
 */
export class Spool {
  private file: FileHandle | null = null;
  private end = 0;
  /** One change of the file after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly limits: SpoolLimits,
  ) {}

  /** Opens the file, reserves its room, and says which records wait from before. */
  async open(): Promise<SpoolPlace[]> {
    try {
      await mkdir(dirname(this.path), { recursive: true });
      const file = await open(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
      this.file = file;
      const found = await this.scan(file);
      await this.reserve(file);
      return found;
    } catch (error) {
      await this.close();
      throw systemError(error);
    }
  }

  /** Appends a record and waits until the disk has it. */
  append(payload: Buffer): Promise<SpoolPlace> {
    return this.inTurn(() => this.appendNow(payload));
  }

  /**
   * Wipes the records, if `idle` still says so when it is its turn: plates must not
   * stay where nobody looks after them.
   */
  reset(idle: () => boolean): Promise<void> {
    return this.inTurn(async () => {
      if (idle() && this.end > 0) await this.wipe();
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async appendNow(payload: Buffer): Promise<SpoolPlace> {
    const file = this.opened();
    const offset = this.end;
    const record = Buffer.alloc(HEADER + payload.length + HEADER);
    if (offset + record.length > this.limits.maxBytes) {
      throw new StoreError("bound", "the spool file is full");
    }
    record.writeUInt32BE(MAGIC, 0);
    record.writeUInt32BE(payload.length, 4);
    record.writeUInt32BE(crc32(payload), 8);
    payload.copy(record, HEADER);
    try {
      await writeAll(file, record, offset);
      await file.datasync();
    } catch (error) {
      // what was written of it must not be taken for a record
      await writeAll(file, Buffer.alloc(HEADER), offset).catch(() => undefined);
      throw systemError(error);
    }
    this.end = offset + HEADER + payload.length;
    return { offset, length: payload.length };
  }

  async read({ offset, length }: SpoolPlace): Promise<Buffer> {
    try {
      const payload = Buffer.alloc(length);
      await this.opened().read(payload, 0, length, offset + HEADER);
      return payload;
    } catch (error) {
      throw systemError(error);
    }
  }

  private async wipe(): Promise<void> {
    const file = this.opened();
    const used = Math.min(this.end + HEADER, this.limits.reserveBytes);
    const zeros = Buffer.alloc(Math.min(used, 1 << 20));
    try {
      for (let at = 0; at < used; at += zeros.length) {
        await writeAll(file, zeros.subarray(0, Math.min(zeros.length, used - at)), at);
      }
      const { size } = await file.stat();
      if (size > this.limits.reserveBytes) await file.truncate(this.limits.reserveBytes);
      await file.datasync();
    } catch (error) {
      throw systemError(error);
    }
    this.end = 0;
  }

  /** Bytes that records take. */
  used(): number {
    return this.end;
  }

  async close(): Promise<void> {
    await this.last;
    const file = this.file;
    this.file = null;
    await file?.close();
  }

  private opened(): FileHandle {
    if (!this.file) throw new StoreError("unavailable", "the spool file is not open");
    return this.file;
  }

  private async scan(file: FileHandle): Promise<SpoolPlace[]> {
    const places: SpoolPlace[] = [];
    const { size } = await file.stat();
    const header = Buffer.alloc(HEADER);
    let at = 0;
    while (at + HEADER <= size) {
      await file.read(header, 0, HEADER, at);
      const length = header.readUInt32BE(4);
      if (header.readUInt32BE(0) !== MAGIC || at + HEADER + length > size) break;
      const payload = Buffer.alloc(length);
      await file.read(payload, 0, length, at + HEADER);
      if (crc32(payload) !== header.readUInt32BE(8)) break;
      places.push({ offset: at, length });
      at += HEADER + length;
    }
    this.end = at;
    return places;
  }

  private async reserve(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    const zeros = Buffer.alloc(1 << 20);
    try {
      for (let at = size; at < this.limits.reserveBytes; at += zeros.length) {
        const room = Math.min(zeros.length, this.limits.reserveBytes - at);
        await writeAll(file, zeros.subarray(0, room), at);
      }
      await file.datasync();
    } catch (error) {
      // a disk that is full already: what is there is the reserve
      if (systemError(error).code !== "full") throw error;
    }
  }
}

async function writeAll(file: FileHandle, data: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await file.write(data, done, data.length - done, offset + done);
    done += bytesWritten;
  }
}
