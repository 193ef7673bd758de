import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";

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
    if (this.failure) throw this.failure;
    if (!this.stream.write(piece)) await once(this.stream, "drain");
  }

  async end(): Promise<void> {
    this.stream.end();
    // also where it failed and closed before: "close" is told once
    await finished(this.stream);
  }

  destroy(): Promise<void> {
    return giveUp(this.stream);
  }
}

/** Closes a file that nobody wants any more. Never rejects. */
export async function giveUp(stream: WriteStream): Promise<void> {
  stream.destroy();
  await finished(stream).catch(() => undefined);
}
