import { Liquid } from "liquidjs";
import type { Language, Notice, NotificationRule, Template } from "../../core/notify/types";
import { blankNotice } from "../../core/notify/notice";
import type { PlaceNames } from "./place-names";
import { BUILT_IN, reasonTexts, textsOf } from "./texts";

/**
 * Liquid: values, conditions and loops, no code. Templates see plain values alone,
 * reach no file, and are cut off when they take too long or grow too big.
 */
const options = {
  ownPropertyOnly: true,
  // no files: `include`, `render` and `layout` find nothing
  templates: {},
  parseLimit: 50_000,
  renderLimit: 250,
  memoryLimit: 2_000_000,
} as const;
const plain = new Liquid(options);
const html = new Liquid({ ...options, outputEscape: "escape" });

export interface Rendered {
  subject: string;
  text: string;
  /** Body of a mail; everything in it that is not the template's is escaped. */
  html: string;
  /** The text as HTML that chats take: escaped values, no tags of our own. */
  chat: string;
}

/** Templates that ran into a limit, until when they are not tried: each try holds everything up. */
const runaway = new Map<string, number>();
const RUNAWAY_MS = 60_000;

/** What is wrong with a template, or null. It is tried with a notice of no vehicle. */
export function templateProblem(text: string): string | null {
  if (isRunaway(text)) return "it takes too long";
  const sample = { ...blankNotice("unknown", 0), plate: "AB123CD", eventId: "test" };
  const options = { language: "en", address: "", timeZone: "UTC" } as const;
  try {
    plain.parseAndRenderSync(text, viewOf(sample, { ...options, suppressed: 0, pictureCid: null }));
    return null;
  } catch (error) {
    return problemOf(error, text);
  }
}

function isRunaway(text: string): boolean {
  const until = runaway.get(text) ?? 0;
  if (until <= Date.now()) runaway.delete(text);
  return until > Date.now();
}

function problemOf(error: unknown, text: string): string {
  const problem = error instanceof Error ? error.message : String(error);
  if (/limit exceeded/.test(problem)) runaway.set(text, Date.now() + RUNAWAY_MS);
  return problem;
}

export interface RenderOptions {
  language: Language;
  /** Whom it goes to; empty for webhooks and brokers. */
  address: string;
  timeZone: string;
  /** Notices that were left out before this one. */
  suppressed: number;
  /** Content id of the picture in a mail. */
  pictureCid: string | null;
  names?: PlaceNames;
}

/**
 * A notice in words. A template that fails falls back to the built-in one, so that
 * nobody misses an alert over a typing mistake.
 * @param onProblem hears of the failure
 */
export function render(
  notice: Notice,
  template: Template | undefined,
  options: RenderOptions,
  onProblem: (problem: string) => void,
): Rendered {
  const view = viewOf(notice, options);
  const part = (engine: Liquid, name: "subject" | "text" | "html"): string => {
    const own = template?.[name];
    if (own && !isRunaway(own)) {
      try {
        return String(engine.parseAndRenderSync(own, view));
      } catch (error) {
        onProblem(problemOf(error, own));
      }
    }
    return String(engine.parseAndRenderSync(BUILT_IN[name], view));
  };
  return {
    // a line break in a subject would begin another header
    subject: part(plain, "subject").replace(/\s+/g, " ").trim(),
    text: part(plain, "text").trim(),
    html: part(html, "html").trim(),
    chat: part(html, "text").trim(),
  };
}

/** All that a template may name; docs/notifications.md lists it. */
export function viewOf(notice: Notice, options: RenderOptions): Record<string, unknown> {
  const { language, address, timeZone, suppressed, pictureCid, names } = options;
  const texts = textsOf(language);
  const at = new Date(notice.at);
  return {
    kind: notice.kind,
    language,
    recipient: address,
    title: texts.titles[notice.kind],
    event_id: notice.eventId,
    plate: notice.plate,
    time: new Intl.DateTimeFormat(language === "th" ? "th-TH" : "sv-SE", {
      timeZone,
      dateStyle: "short",
      timeStyle: "medium",
    }).format(at),
    timestamp: at.toISOString(),
    lane_id: notice.laneId,
    lane_name: names?.lane ?? notice.laneId,
    camera_id: notice.cameraId,
    camera_name: names?.camera ?? notice.cameraId,
    decision: notice.decision,
    decision_text: notice.decision && texts.decisions[notice.decision],
    reason: notice.reason,
    reason_text: notice.reason && reasonTexts(language)[notice.reason],
    confidence: notice.confidence,
    confidence_percent: notice.confidence === null ? null : Math.round(notice.confidence * 100),
    region: notice.region,
    direction: notice.direction,
    vehicle_plate: notice.vehiclePlate,
    barrier_id: notice.barrierId,
    text: notice.text ?? (notice.kind === "test" ? texts.testText : null),
    suppressed,
    suppressed_text:
      suppressed > 0 ? texts.suppressed.replace("{{ suppressed }}", String(suppressed)) : null,
    picture_cid: pictureCid,
    labels: texts.labels,
  };
}

/** What webhooks and brokers get: the same values without the words. */
export function dataOf(notice: Notice): Record<string, unknown> {
  return {
    kind: notice.kind,
    timestamp: new Date(notice.at).toISOString(),
    event_id: notice.eventId,
    plate_text: notice.plate,
    lane_id: notice.laneId,
    camera_id: notice.cameraId,
    decision: notice.decision,
    reason: notice.reason,
    confidence: notice.confidence,
    region: notice.region,
    direction: notice.direction,
    vehicle_plate: notice.vehiclePlate,
    barrier_id: notice.barrierId,
    text: notice.text,
  };
}

/** What is wrong with a rule's templates: field → problem. */
export function templateProblems(
  templates: NotificationRule["templates"],
): { field: string; message: string }[] {
  return Object.entries(templates).flatMap(([kind, template]) =>
    Object.entries(template ?? {}).flatMap(([part, text]) => {
      const message = typeof text === "string" ? templateProblem(text) : null;
      return message === null ? [] : [{ field: `templates.${kind}.${part}`, message }];
    }),
  );
}
