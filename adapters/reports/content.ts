import { wallClock } from "../../core/access/wall-clock";
import type { WalkedEvent } from "../../core/events/event";
import type { EventFilter } from "../../core/events/filters";
import { LISTS } from "../../core/events/lists";
import type { EventRepository } from "../../core/events/ports";
import { plateSearch } from "../../core/plates/search";
import { rangeOf } from "../../core/reports/times";
import type { Report } from "../../core/reports/types";
import { reasonTexts } from "../notify/texts";
import type { Block, Cell } from "./blocks";
import { reportTexts, type ReportTexts } from "./texts";

/** Events that are read together. */
const STEP = 500;
/** More lines nobody reads on paper. */
export const PDF_ROWS = 10_000;
/** Shares of the page's width, by the texts' columns. */
const WIDTHS = [0.13, 0.13, 0.07, 0.08, 0.15, 0.1, 0.12, 0.07, 0.09, 0.06];

export interface ContentParts {
  events: EventRepository;
  timeZone: string;
  now: number;
  /** Told of lines that are done, and how many there will be; stops the report by throwing. */
  progress: (done: number, total: number) => Promise<void>;
}

/** What a report says, piece by piece. */
export async function* contentOf(report: Report, parts: ContentParts): AsyncGenerator<Block> {
  const { definition } = report;
  const { timeZone, now } = parts;
  const texts = reportTexts(definition.language);
  const range = rangeOf(definition, report.asOf, timeZone);
  const plate = definition.filter.plate ? plateSearch(definition.filter.plate) : {};
  const filter: EventFilter | null = plate && {
    ...plate,
    ...range,
    cameraId: definition.filter.camera_id ?? undefined,
    laneId: definition.filter.lane_id ?? undefined,
    decision: definition.filter.decision ?? undefined,
  };
  const { plate: searched, camera_id, lane_id, decision } = definition.filter;
  const wanted = [searched, camera_id, lane_id, decision && texts.decisions[decision]];
  const time = (at: number) => timeText(at, timeZone);
  yield { kind: "title", text: definition.name };
  yield {
    kind: "facts",
    facts: [
      [texts.period, `${time(range.from)} – ${time(range.to)} (${timeZone})`],
      [texts.filter, wanted.filter(Boolean).join(", ") || texts.all],
      [texts.made, `${time(now)}, ${report.requestedBy}`],
    ],
  };
  if (!filter) return;
  if (definition.kind === "summary") yield* summary(filter, texts, parts);
  else yield* passages(report, filter, texts, parts);
}

async function* passages(
  { definition }: Report,
  filter: EventFilter,
  texts: ReportTexts,
  { events, timeZone, progress }: ContentParts,
): AsyncGenerator<Block> {
  const total = await events.count(filter);
  const reasons = reasonTexts(definition.language);
  const clock = clockOf(timeZone);
  const most = definition.format === "pdf" ? PDF_ROWS : Infinity;
  yield { kind: "facts", facts: [[texts.passages, String(total)]] };
  yield { kind: "head", cells: texts.columns, widths: WIDTHS };
  let done = 0;
  let after: WalkedEvent | null = null;
  for (;;) {
    const page: WalkedEvent[] = await events.walk(filter, after, STEP);
    for (const event of page) {
      if (done === most) {
        yield { kind: "note", text: texts.cut.replace("{rows}", String(most)) };
        return;
      }
      done++;
      yield { kind: "row", cells: cellsOf(event, texts, reasons, clock) };
    }
    await progress(done, Math.min(most, total));
    after = page.at(-1) ?? null;
    if (page.length < STEP) return;
  }
}

function cellsOf(
  event: WalkedEvent,
  texts: ReportTexts,
  reasons: Record<string, string>,
  clock: (at: number) => string,
): Cell[] {
  const { confidence, decision, reason, timeToOpenMs } = event;
  return [
    clock(event.timestamp),
    event.plateText,
    confidence === null ? "" : `${Math.round(confidence * 100)} %`,
    texts.decisions[decision ?? "none"] ?? "",
    reason === null ? "" : (reasons[reason] ?? reason),
    event.vehiclePlate ?? "",
    event.cameraId ?? "",
    event.laneId ?? "",
    texts.directions[event.direction] ?? event.direction,
    timeToOpenMs === null ? "" : Math.round(timeToOpenMs / 10) / 100,
  ];
}

async function* summary(
  filter: EventFilter,
  texts: ReportTexts,
  { events, timeZone, progress }: ContentParts,
): AsyncGenerator<Block> {
  const [days, lists] = await Promise.all([
    events.statistics({ filter, interval: "day", timeZone, week: true }),
    events.byList(filter),
  ]);
  await progress(1, 2);
  const total = days.totalEvents;
  const share = (count: number) => `${((count / Math.max(1, total)) * 100).toFixed(1)} %`;
  yield {
    kind: "facts",
    facts: [
      [texts.passages, String(total)],
      [texts.vehicles, String(days.uniquePlates)],
      [
        texts.confidence,
        days.avgConfidence === null ? "–" : `${(days.avgConfidence * 100).toFixed(1)} %`,
      ],
    ],
  };
  const dayOf = (at: number) => wallClock(at, timeZone).date;
  yield { kind: "section", text: texts.byDay };
  yield {
    kind: "bars",
    labels: days.timeline.map(({ timestamp }) => dayOf(timestamp).slice(5)),
    values: days.timeline.map(({ count }) => count),
  };
  yield* table(
    texts,
    texts.byDay,
    days.timeline.map(({ timestamp, count }) => [dayOf(timestamp), count]),
    share,
  );
  const perHour = Array.from({ length: 24 }, (_, hour) =>
    days.week.reduce((sum, day) => sum + (day[hour] ?? 0), 0),
  );
  const hourName = (hour: number) => `${String(hour).padStart(2, "0")}:00`;
  yield { kind: "section", text: texts.byHour };
  yield { kind: "bars", labels: perHour.map((_, hour) => hourName(hour)), values: perHour };
  const decisions = Object.entries(days.byDecision);
  const decided = decisions.reduce((sum, [, count]) => sum + count, 0);
  const counts: [string, number][] = [...decisions, ["none", total - decided]];
  yield { kind: "section", text: texts.byDecision };
  yield* table(
    texts,
    texts.byDecision,
    counts.filter(([, count]) => count > 0).map(([name, n]) => [texts.decisions[name] ?? name, n]),
    share,
  );
  yield { kind: "section", text: texts.byList };
  yield* table(
    texts,
    texts.byList,
    LISTS.map((list) => [texts.lists[list], lists[list]]),
    share,
  );
  yield { kind: "section", text: texts.byCamera };
  const cameras = Object.entries(days.byCamera).map(([id, { count }]): [string, number] => [
    id,
    count,
  ]);
  yield* table(
    texts,
    texts.byCamera,
    cameras.sort(([, a], [, b]) => b - a),
    share,
  );
}

function* table(
  texts: ReportTexts,
  name: string,
  rows: [string, number][],
  share: (count: number) => string,
): Generator<Block> {
  yield { kind: "head", cells: [name, texts.count, "%"], widths: [0.5, 0.25, 0.25] };
  for (const [label, count] of rows) yield { kind: "row", cells: [label, count, share(count)] };
}

/** "2026-03-02 10:00", on the site's clock. */
function timeText(at: number, timeZone: string): string {
  const { date, minutes } = wallClock(at, timeZone);
  return `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Times with seconds; the minute is made once for all events within it. */
function clockOf(timeZone: string): (at: number) => string {
  let known = { minute: NaN, text: "" };
  return (at) => {
    const minute = Math.floor(at / 60_000);
    if (minute !== known.minute) known = { minute, text: timeText(at, timeZone) };
    return `${known.text}:${two(Math.floor(at / 1000) % 60)}`;
  };
}

const two = (value: number): string => String(value).padStart(2, "0");
