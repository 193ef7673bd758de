import type { PageOf, PageRequest } from "../../../core/auth/ports";

/** The parts of Kysely's select builder that a page needs. */
interface Rows<R> {
  limit(n: number): Rows<R>;
  offset(n: number): Rows<R>;
  execute(): Promise<R[]>;
}

interface Count {
  executeTakeFirstOrThrow(): Promise<{ n: number }>;
}

/** One page of `rows` as items, with the number of all; limit 0 gives the number alone. */
export async function pageOf<R, T>(
  page: PageRequest,
  item: (row: R) => T,
  query: { count: Count; rows: Rows<R> },
): Promise<PageOf<T>> {
  const [{ n }, rows] = await Promise.all([
    query.count.executeTakeFirstOrThrow(),
    page.limit === 0 ? [] : query.rows.limit(page.limit).offset(page.skip).execute(),
  ]);
  return { items: rows.map(item), total: n };
}
