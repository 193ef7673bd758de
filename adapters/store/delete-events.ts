import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ImageStore } from "../../core/events/ports";
import { EventPurge, type Deletable } from "../database/repositories/retention";
import type { Repositories } from "./repositories";

/** Events deleted in one transaction. */
const STEP = 200;

/** Settings of this name list pictures whose events are being deleted. */
const PENDING = "deleting.pictures.";

const pendingSchema = z.array(z.object({ id: z.string(), pictures: z.array(z.string()) }));
type Pending = z.output<typeof pendingSchema>;

/**
 * Deletes events, then their pictures: an event that was held meanwhile keeps both. Which
 * pictures go is noted before, so that a crash in between leaves none behind (`finishPictures`).
 * @param evenHeld also those that are held
 */
export async function deleteWithPictures(
  repositories: Repositories,
  images: ImageStore,
  events: readonly Deletable[],
  evenHeld: boolean,
): Promise<{ events: number; pictures: number }> {
  const purge = new EventPurge(repositories.database);
  const done = { events: 0, pictures: 0 };
  for (let at = 0; at < events.length; at += STEP) {
    const part = events.slice(at, at + STEP);
    const key = `${PENDING}${randomUUID()}`;
    const pending = part.map(({ id, frame, crop }) => ({
      id,
      pictures: [frame, crop].filter((path) => path !== null),
    }));
    await repositories.settings.set(key, pending, Date.now());
    done.events += await purge.delete(part, evenHeld);
    done.pictures += await finish(repositories, images, key, pending);
  }
  return done;
}

/** Deletes pictures that an earlier deletion did not get to. @returns how many */
export async function finishPictures(
  repositories: Repositories,
  images: ImageStore,
): Promise<number> {
  let pictures = 0;
  for (const [key, value] of Object.entries(await repositories.settings.all())) {
    if (!key.startsWith(PENDING)) continue;
    const pending = pendingSchema.safeParse(value).data ?? [];
    pictures += await finish(repositories, images, key, pending);
  }
  return pictures;
}

async function finish(
  repositories: Repositories,
  images: ImageStore,
  key: string,
  pending: Pending,
): Promise<number> {
  const ids = pending.map(({ id }) => id);
  const kept = await new EventPurge(repositories.database).present(ids);
  let pictures = 0;
  for (const { id, pictures: paths } of pending) {
    if (kept.has(id)) continue;
    for (const path of paths) if (await images.delete(path)) pictures++;
  }
  await repositories.settings.delete(key);
  return pictures;
}
