import { sql, type Selectable } from "kysely";
import type { PageOf } from "../../../core/auth/ports";
import { countedPart, DAY_MS, isCounted } from "../../../core/events/counts";
import type { StoredEvent } from "../../../core/events/event";
import type { EventFilter, EventPage } from "../../../core/events/filters";
import type { EventsTable } from "../schema";
import type { Database } from "../types";
import { EventCounts } from "./event-counts";
import { conditionOf, isByPlate, type FilterPart } from "./event-query";
import { eventOf } from "./event-rows";

const SORT_COLUMNS = {
  timestamp: "occurred_at",
  confidence: "confidence",
  plate_text: "plate_text",
} as const;

/** So many events are counted one by one; beyond, their number is estimated. */
const COUNT_LIMIT = 10_000;
/** So few are found by their filter and then sorted; more are found in their order. */
const FEW = 5_000;
/** Where place and time leave so few, they lead to the events; else the plate or confidence. */
const NARROW = 20_000;
/** A page further in is looked for from the day that it begins on. */
const DEEP = 2_000;

const ALL_PARTS: readonly FilterPart[] = ["equal", "range", "plate", "confidence", "list"];
/** What must not lead to an index, so that place and time do; the plate; the confidence. */
const BY_PLACE: readonly FilterPart[] = ["plate", "confidence"];
const BY_CONFIDENCE: readonly FilterPart[] = ["equal", "range", "list"];
const BY_PLATE: readonly FilterPart[] = ["equal", "range", "confidence", "list"];
/** The list by the index of decisions, which holds the reason: no row is read in vain. */
const BY_LIST: readonly FilterPart[] = ["equal", "plate", "confidence"];
/** What may not keep a walk from the order that it is in. */
const IN_ORDER: readonly FilterPart[] = [...BY_PLACE, "list"];

/** How to find events: which parts of the filter must not lead to an index, and how many fit. */
interface Plan {
  total: number;
  exact: boolean;
  unled: readonly FilterPart[];
}

/** Lists of events: the number of all without counting all, a page without reading what is before. */
export class EventList {
  private readonly counts: EventCounts;

  constructor(
    private readonly database: Database,
    private readonly hashKey: Buffer | null,
  ) {
    this.counts = new EventCounts(database);
  }

  /** A page and the number of all that fit; `estimated` where that number is not exact. */
  async page(filter: EventFilter, page: EventPage): Promise<PageOf<StoredEvent>> {
    const plan = await this.plan(filter);
    const { total, exact } = plan;
    const estimate = exact ? {} : { estimated: true };
    if (page.limit === 0 || (exact && page.skip >= total)) return { items: [], total, ...estimate };
    const rows =
      exact && total <= FEW
        ? await this.rows(filter, page, plan.unled, true)
        : await this.inOrder(filter, page);
    return { items: rows.map(eventOf), total, ...estimate };
  }

  private async plan(filter: EventFilter): Promise<Plan> {
    if (isCounted(filter)) {
      return { total: await this.counts.total(filter), exact: true, unled: [] };
    }
    // few events come from one job, and its index leads to them
    const around =
      filter.jobId === undefined ? await this.counts.total(countedPart(filter)) : COUNT_LIMIT;
    const byPlate = isByPlate(filter);
    const unled =
      filter.jobId !== undefined
        ? ALL_PARTS
        : around <= NARROW
          ? IN_ORDER
          : byPlate
            ? BY_PLATE
            : filter.list !== undefined && filter.minConfidence === undefined
              ? BY_LIST
              : await this.withoutPlate(filter);
    const counted = await this.counted(filter, unled);
    if (counted <= COUNT_LIMIT) return { total: counted, exact: true, unled };
    return { total: await this.estimate(filter, around), exact: false, unled };
  }

  /** A confidence that few events have leads to them; one that many have does not. */
  private async withoutPlate(filter: EventFilter): Promise<readonly FilterPart[]> {
    const { minConfidence, ...others } = filter;
    if (minConfidence === undefined || !isCounted(others)) return BY_PLACE;
    const few = (await this.counted({ minConfidence }, [], NARROW)) <= NARROW;
    const everywhere = Object.values(others).every((value) => value === undefined);
    return few || everywhere ? BY_CONFIDENCE : BY_PLACE;
  }

  /** How many fit; more than the limit are not counted. */
  private async counted(
    filter: EventFilter,
    unled: readonly FilterPart[],
    limit = COUNT_LIMIT,
  ): Promise<number> {
    const { n } = await this.database.db
      .selectFrom(
        this.fitting(filter, unled)
          .select(sql<number>`1`.as("one"))
          .limit(limit + 1)
          .as("fit"),
      )
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    return n;
  }

  /** As the share is among the newest, so it is taken to be among all. */
  private async estimate(filter: EventFilter, around: number): Promise<number> {
    const oldest = await this.fitting(countedPart(filter))
      .select("occurred_at")
      .orderBy("occurred_at", "desc")
      .offset(COUNT_LIMIT - 1)
      .limit(1)
      .executeTakeFirst();
    const from = Math.max(oldest?.occurred_at ?? 0, filter.from ?? 0);
    const { n } = await this.fitting({ ...filter, from }, IN_ORDER)
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    return Math.min(around, Math.max(COUNT_LIMIT + 1, Math.round((n / COUNT_LIMIT) * around)));
  }

  /** The index that has the order is walked until the page is full. */
  private async inOrder(filter: EventFilter, page: EventPage): Promise<Selectable<EventsTable>[]> {
    if (page.sortBy === "confidence") {
      const unled = ALL_PARTS.filter((part) => part !== "confidence");
      return this.rows(filter, page, unled, false);
    }
    if (page.sortBy === "plate_text") return this.rows(filter, page, ALL_PARTS, false);
    const near = page.skip > DEEP && isCounted(filter) ? await this.nearer(filter, page) : null;
    const { skip } = near ?? page;
    return this.rows(near?.filter ?? filter, { ...page, skip }, IN_ORDER, false);
  }

  /** The day that a page begins on, from the counts, and what is left to skip from there. */
  private async nearer(
    filter: EventFilter,
    { skip, sortOrder }: EventPage,
  ): Promise<{ filter: EventFilter; skip: number }> {
    const days = await this.counts.timeline(filter, "day");
    if (sortOrder === "desc") days.reverse();
    let before = 0;
    for (const { start, count } of days) {
      if (before + count > skip) {
        const within =
          sortOrder === "desc"
            ? { to: Math.min(start + DAY_MS - 1, filter.to ?? Infinity) }
            : { from: Math.max(start, filter.from ?? -Infinity) };
        return { filter: { ...filter, ...within }, skip: skip - before };
      }
      before += count;
    }
    return { filter, skip };
  }

  /**
   * The rows of a page; their ids are found first, from an index alone where it can be.
   * @param sorted sort what fits, and walk no index for its order
   */
  private rows(
    filter: EventFilter,
    page: EventPage,
    unled: readonly FilterPart[],
    sorted: boolean,
  ): Promise<Selectable<EventsTable>[]> {
    const column = SORT_COLUMNS[page.sortBy];
    const { sortOrder } = page;
    const key = sql.ref(`events.${column}`);
    const inner = this.fitting(filter, unled)
      .select(["id", sql<unknown>`${key}`.as("place")])
      .orderBy(sorted ? this.unordered(column) : key, sortOrder)
      .orderBy("id", sortOrder)
      .limit(page.limit)
      .offset(page.skip);
    return (
      this.database.db
        .selectFrom(inner.as("page"))
        .innerJoin("events", "events.id", "page.id")
        .selectAll("events")
        // by the page's own columns: by the table's, SQLite would walk the whole table again
        .orderBy("page.place", sortOrder)
        .orderBy("page.id", sortOrder)
        .execute()
    );
  }

  private fitting(filter: EventFilter, unled: readonly FilterPart[] = []) {
    const parts = this.database.dialect === "sqlite" ? unled : [];
    return this.database.db.selectFrom("events").where(conditionOf(filter, this.hashKey, parts));
  }

  /** A column as an expression that no index has in order. */
  private unordered(column: (typeof SORT_COLUMNS)[keyof typeof SORT_COLUMNS]) {
    if (column !== "plate_text") return sql`${sql.ref(column)} + 0`;
    return this.database.dialect === "mysql" ? sql`concat(plate_text, '')` : sql`plate_text || ''`;
  }
}
