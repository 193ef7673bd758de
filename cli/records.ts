import { join } from "node:path";
import { userInfo } from "node:os";
import { openDatabase } from "../adapters/database/open";
import { DiskImages } from "../adapters/images/disk";
import { plateHashKey } from "../adapters/store/hash-key";
import { PersonRecords, type Asker } from "../adapters/store/person";
import { repositoriesOf } from "../adapters/store/repositories";
import type { ImageStore } from "../core/events/ports";
import { homeFolder } from "./app/home";

/** What `export` and `erase` take to say who asks. */
export interface AskerFlags {
  actor?: string;
  organisation?: string;
  purpose?: string;
}

/**
 * Opens the record beside a Plategate that may be running (which alone stores what
 * waits), does the work and closes it again.
 */
export async function withRecords<T>(
  env: NodeJS.ProcessEnv,
  work: (people: PersonRecords, images: ImageStore) => Promise<T>,
): Promise<T> {
  const home = homeFolder(env);
  const images = new DiskImages(join(home, "pictures"));
  const database = await openDatabase({
    url: env.DATABASE_URL,
    home,
    log: (level, message) => {
      if (level !== "info") process.stderr.write(`plategate: ${message}\n`);
    },
  });
  try {
    const hashing = plateHashKey(home, env);
    return await work(
      new PersonRecords(repositoriesOf(database, hashing), images, hashing.key),
      images,
    );
  } finally {
    await database.close();
  }
}

/** Who asks: as said, else the user of this machine. */
export function askerOf(flags: AskerFlags): Asker {
  return {
    actor: flags.actor ?? `cli:${userInfo().username}`,
    organisation: flags.organisation ?? null,
    purpose: flags.purpose ?? null,
  };
}
