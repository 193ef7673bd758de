import { userInfo } from "node:os";
import { openDatabase } from "../adapters/database/open";
import { imageStore } from "../adapters/images/create";
import { plateHashKey } from "../adapters/store/hash-key";
import { PersonRecords, type Asker } from "../adapters/store/person";
import { secretBox } from "../adapters/config/secret-box";
import { repositoriesOf, type Repositories } from "../adapters/store/repositories";
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
  return withRepositories(env, (repositories, { home, key }) => {
    const images = imageStore(home, env);
    return work(new PersonRecords(repositories, images, key), images);
  });
}

/** Opens the database that PLATEGATE_HOME and DATABASE_URL name, does the work, closes it. */
export async function withRepositories<T>(
  env: NodeJS.ProcessEnv,
  work: (repositories: Repositories, where: { home: string; key: Buffer | null }) => Promise<T>,
): Promise<T> {
  const home = homeFolder(env);
  const database = await openDatabase({
    url: env.DATABASE_URL,
    home,
    log: (level, message) => {
      if (level !== "info") process.stderr.write(`plategate: ${message}\n`);
    },
  });
  try {
    const hashing = plateHashKey(home, env);
    return await work(repositoriesOf(database, hashing, secretBox(home, process.env)), {
      home,
      key: hashing.key,
    });
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
