import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";

/** A file that is written piece by piece, its writer waiting while the disk is busy. */
export class PieceFile {
  private readonly stream: WriteStream;
  private failure: Error | null = null;

  /** @param path is made anew; what is there is lost */
  constructor(path: string) {
    this.stream = createWriteStream(path, { mode: 0o600 });
    this.stream.on("error", (error) => (this.failure = error));
  }

  async write(piece: string | Uint8Array): Promise<void> {
    this.check();
    if (!this.stream.write(piece)) await once(this.stream, "drain");
  }

  async end(): Promise<void> {
    this.stream.end();
    await once(this.stream, "close");
    this.check();
  }

  private check(): void {
    if (this.failure) throw this.failure;
  }

  async destroy(): Promise<void> {
    if (this.stream.closed) return;
    this.stream.destroy();
    await once(this.stream, "close").catch(() => undefined);
  }
}
