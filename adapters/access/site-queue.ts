const tails = new Map<string, Promise<unknown>>();

/**
 * Runs jobs of one site one after the other, over all lanes of this process: two lanes
 * must not both give away the last space.
 */
export function inTurn<T>(siteId: string, job: () => Promise<T>): Promise<T> {
  const before = tails.get(siteId) ?? Promise.resolve();
  const mine = before.then(job, job);
  const tail = mine.catch(() => undefined);
  tails.set(siteId, tail);
  void tail.then(() => {
    if (tails.get(siteId) === tail) tails.delete(siteId);
  });
  return mine;
}
