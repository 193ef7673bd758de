import { sql } from "kysely";
import type { EventFilter } from "../../../core/events/filters";
import { LISTS, listOfReason, SHARED_REASONS, type ListName } from "../../../core/events/lists";
import type { Database } from "../types";
import { conditionOf } from "./event-query";

const DECISIONS = ["open", "deny", "review"] as const;

/** How many decided passages each list had, from an index that holds decision, time and reason. */
export async function countsByList(
  { db }: Database,
  filter: EventFilter,
  hashKey: Buffer | null,
): Promise<Record<ListName, number>> {
  const counts = Object.fromEntries(LISTS.map((list) => [list, 0])) as Record<ListName, number>;
  const wanted = DECISIONS.filter(
    (one) => filter.decision === undefined || one === filter.decision,
  );
  const fitting = (decision: (typeof DECISIONS)[number]) =>
    db.selectFrom("events").where(conditionOf({ ...filter, decision }, hashKey));
  for (const decision of wanted) {
    const byReason = await fitting(decision)
      .select((eb) => ["reason", eb.fn.countAll<number>().as("n")])
      .groupBy("reason")
      .execute();
    for (const { reason, n } of byReason) {
      if (!(SHARED_REASONS as readonly (string | null)[]).includes(reason)) {
        counts[listOfReason(reason, false)] += Number(n);
      }
    }
    // only of these few the row itself must be looked at
    if (
      !byReason.some(({ reason }) =>
        (SHARED_REASONS as readonly (string | null)[]).includes(reason),
      )
    )
      continue;
    const shared = await fitting(decision)
      .where("reason", "in", SHARED_REASONS)
      .select((eb) => [
        sql<number>`case when vehicle_id is null then 0 else 1 end`.as("known"),
        eb.fn.countAll<number>().as("n"),
      ])
      .groupBy(sql`1`)
      .execute();
    for (const { known, n } of shared) {
      counts[listOfReason(SHARED_REASONS[0] ?? null, Number(known) === 1)] += Number(n);
    }
  }
  return counts;
}
