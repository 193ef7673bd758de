import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";

const inflate = promisify(inflateRaw);

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
/** A comment may stand behind the end's record. */
const MAX_COMMENT = 0xffff;
const MAX_ENTRIES = 10_000;
const STORED = 0;
const DEFLATED = 8;

/** A file that is no ZIP archive, or one that is too much. */
export class ZipError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ZipError";
  }
}

/** A file of an archive. */
export interface ZipEntry {
  name: string;
  crc: number;
  content: Buffer;
}

/**
 * Unpacks a ZIP archive, never more than `limit` bytes in all, whatever it says of its
 * sizes. By the specification of ZIP (APPNOTE 6.3.10) without its 64-bit extension.
 * @param wanted which files are unpacked, by name
 * @throws ZipError
 */
export async function unpackZip(
  archive: Buffer,
  limit: number,
  wanted: (name: string) => boolean,
): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  let left = limit;
  for (const { name, crc, method, packed } of directory(archive)) {
    if (!wanted(name)) continue;
    const content = await unpacked(method, packed, left, limit);
    left -= content.length;
    entries.push({ name, crc, content });
  }
  return entries;
}

async function unpacked(
  method: number,
  packed: Buffer,
  left: number,
  limit: number,
): Promise<Buffer> {
  const tooLarge = new ZipError(`more than ${Math.floor(limit / 2 ** 20)} MB when unpacked`);
  if (method === STORED && packed.length <= left) return packed;
  if (method === STORED || left === 0) throw tooLarge;
  if (method !== DEFLATED) throw new ZipError("packed in a way that is not known");
  try {
    return await inflate(packed, { maxOutputLength: left });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge;
    throw new ZipError("the archive is broken");
  }
}

/** The archive's files by its directory. */
function* directory(
  archive: Buffer,
): Generator<{ name: string; crc: number; method: number; packed: Buffer }> {
  const end = endOf(archive);
  const count = archive.readUInt16LE(end + 10);
  if (count > MAX_ENTRIES) throw new ZipError("too many files in the archive");
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    const head = part(archive, at, ENTRY_SIZE, ENTRY);
    const nameLength = head.readUInt16LE(28);
    const name = part(archive, at + ENTRY_SIZE, nameLength).toString("utf8");
    const local = head.readUInt32LE(42);
    const own = part(archive, local, LOCAL_SIZE, LOCAL);
    const start = local + LOCAL_SIZE + own.readUInt16LE(26) + own.readUInt16LE(28);
    const packed = part(archive, start, head.readUInt32LE(20));
    yield { name, crc: head.readUInt32LE(16), method: head.readUInt16LE(10), packed };
    at += ENTRY_SIZE + nameLength + head.readUInt16LE(30) + head.readUInt16LE(32);
  }
}

function endOf(archive: Buffer): number {
  const first = Math.max(0, archive.length - END_SIZE - MAX_COMMENT);
  for (let at = archive.length - END_SIZE; at >= first; at--) {
    if (archive.readUInt32LE(at) === END) return at;
  }
  throw new ZipError("not a whole ZIP archive");
}

function part(archive: Buffer, at: number, length: number, mark?: number): Buffer {
  const found = archive.subarray(at, at + length);
  const right = found.length === length && (mark === undefined || found.readUInt32LE(0) === mark);
  if (!right) throw new ZipError("the archive is broken");
  return found;
}

/** An archive of these files without compression: who reads it gets what is here. */
export function storedZip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const heads: Buffer[] = [];
  let at = 0;
  for (const { name: text, crc, content } of entries) {
    const name = Buffer.from(text);
    const local = Buffer.alloc(LOCAL_SIZE);
    local.writeUInt32LE(LOCAL, 0);
    local.writeUInt16LE(20, 4);
    sizes(local, 14, crc, content.length, name.length);
    const head = Buffer.alloc(ENTRY_SIZE);
    head.writeUInt32LE(ENTRY, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(20, 6);
    sizes(head, 16, crc, content.length, name.length);
    head.writeUInt32LE(at, 42);
    parts.push(local, name, content);
    heads.push(head, name);
    at += LOCAL_SIZE + name.length + content.length;
  }
  const end = Buffer.alloc(END_SIZE);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    heads.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...heads, end]);
}

/** What a file's two headers say alike, from its checksum on. */
function sizes(head: Buffer, at: number, crc: number, size: number, nameLength: number): void {
  head.writeUInt32LE(crc, at);
  head.writeUInt32LE(size, at + 4);
  head.writeUInt32LE(size, at + 8);
  head.writeUInt16LE(nameLength, at + 12);
}
