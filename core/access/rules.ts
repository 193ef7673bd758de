import type { Passage, ReasonCode, TraceStep } from "../messages";
import { differsOnlyByConfusables } from "../plates/confusables";
import { gatePlate, provincesAgree } from "../plates/gate-plate";
import { normalisePlate } from "../plates/normalise";
import type { AccessIndex, Identity } from "./index-lists";
import type { Subject } from "./occupancy";
import { antiPassbackViolation, countOthers, fullLimit } from "./occupancy";
import { isOpen } from "./schedules";
import { checkFactor } from "./second-factor";
import type {
  AccessContext,
  AccessSnapshot,
  AccessState,
  FactorToken,
  Group,
  Vehicle,
  VisitorPass,
} from "./types";

/** What a decision is about. */
export interface Case {
  passage: Passage;
  /** The passage's text, normalised. */
  text: string;
  lists: AccessSnapshot;
  index: AccessIndex;
  state: AccessState;
  context: AccessContext;
  steps: TraceStep[];
  usedFactor?: FactorToken;
}

/** The vehicle or the visitor's pass that asks to be let through; one of them is null. */
export interface Applicant {
  vehicle: Vehicle | null;
  pass: VisitorPass | null;
  subject: Subject;
}

export interface Refusal {
  check: string;
  reason: ReasonCode;
  detail: string;
}

type Found = { detail: string } | { reason: ReasonCode; detail: string } | null;

/** Whether the read is good and fresh enough to be looked up; the refusal where not. */
export function checkReading(theCase: Case): Refusal | null {
  const { passage, text, context, steps } = theCase;
  const { minConfidence, minReads, maxAgeSeconds } = context.rules;
  const age = (context.clock - passage.lastSeen) / 1000;
  // What is of no time, or of one to come (a clock apart), may be of any.
  if (maxAgeSeconds > 0 && !(Math.abs(age) <= maxAgeSeconds)) {
    return { check: "age", reason: "stale", detail: `last seen ${Math.round(age)} s ago` };
  }
  if (text === "") return unread(passage);
  const confidence = passage.confidence.toFixed(2);
  // Not ">=" turned round: NaN must not open.
  if (!(passage.confidence >= minConfidence)) {
    const detail = `${confidence} is less than ${minConfidence}`;
    return { check: "confidence", reason: "low_confidence", detail };
  }
  steps.push({ check: "confidence", outcome: "pass", detail: confidence });
  const agreeing = agreeingReads(theCase);
  const tooFew = agreeing < minReads ? fewReads(theCase, agreeing) : null;
  if (tooFew) return tooFew;
  steps.push({ check: "reads", outcome: "pass", detail: `${agreeing} agree, ${passage.state}` });
  return null;
}

function unread({ reason }: Passage): Refusal {
  if (reason === "reader_down") {
    return { check: "read", reason, detail: "a plate was seen while the reader was down" };
  }
  return { check: "read", reason: "unreadable", detail: reason ?? "no text" };
}

/** Fewer reads agree than the lane wants: more may come, or those there are must be surer. */
function fewReads({ passage, context }: Case, agreeing: number): Refusal | null {
  const { minReads, minConfidence, fewReadsConfidence = minConfidence } = context.rules;
  const counted = `${agreeing} of ${minReads} reads agree`;
  if (passage.state !== "final") {
    return { check: "reads", reason: "not_final", detail: `${counted} so far` };
  }
  if (passage.confidence >= fewReadsConfidence) return null;
  const sure = `${passage.confidence.toFixed(2)} is less than ${fewReadsConfidence}`;
  return { check: "reads", reason: "low_confidence", detail: `${counted}, ${sure}` };
}

/** Reads that say the passage's text, confusable pairs being one. */
function agreeingReads({ passage, text, index }: Case): number {
  const read = gatePlate(text);
  return passage.votes.filter((vote) => {
    const voted = gatePlate(normalisePlate(vote.text));
    return (
      provincesAgree(voted, read) && differsOnlyByConfusables(voted.text, read.text, index.table)
    );
  }).length;
}

/** The vehicle of a plate first, then its passes in the order of the list. */
export function applicantsOf(theCase: Case, identity: Identity): Applicant[] {
  const { vehicle, passes, plate } = identity;
  const applicants: Applicant[] = passes.map((pass) => ({
    vehicle: null,
    pass,
    subject: { key: `pass:${pass.id}`, plate, groups: [] },
  }));
  if (vehicle) {
    const groups = vehicle.groups.flatMap((id) => theCase.index.groups.get(id) ?? []);
    const subject = { key: `vehicle:${vehicle.id}`, plate, groups };
    applicants.unshift({ vehicle, pass: null, subject });
  }
  return applicants;
}

/** The checks of one applicant, in the order of DESIGN §6. */
export const APPLICANT_CHECKS: readonly {
  check: string;
  run: (theCase: Case, applicant: Applicant) => Found;
}[] = [
  { check: "status", run: checkStatus },
  { check: "validity", run: checkValidity },
  { check: "schedule", run: checkSchedule },
  { check: "lane", run: checkLane },
  { check: "direction", run: checkDirection },
  { check: "anti_passback", run: checkAntiPassback },
  { check: "occupancy", run: checkOccupancy },
  { check: "pass_uses", run: checkPassUses },
  { check: "second_factor", run: checkSecondFactor },
  { check: "external", run: checkExternal },
];

function checkStatus({ index }: Case, { vehicle }: Applicant): Found {
  if (!vehicle) return null;
  if (vehicle.status !== "active") {
    const reason = vehicle.status === "suspended" ? "suspended" : "blocked";
    return { reason, detail: vehicle.status };
  }
  // A group that is gone may have limited this vehicle: nobody knows how.
  const gone = vehicle.groups.find((id) => !index.groups.has(id));
  if (gone !== undefined) return { reason: "unknown_group", detail: `no such group: ${gone}` };
  return { detail: "active" };
}

function checkValidity({ context }: Case, { vehicle, pass }: Applicant): Found {
  const { validFrom, validUntil } = vehicle ?? pass ?? { validFrom: null, validUntil: null };
  if (validFrom === null && validUntil === null) return null;
  // Turned round, so that a date which is none lets nobody in.
  if (validFrom !== null && !(context.clock >= validFrom)) {
    return { reason: "not_yet_valid", detail: `from ${iso(validFrom)}` };
  }
  if (validUntil !== null && !(context.clock <= validUntil)) {
    return { reason: "expired", detail: `until ${iso(validUntil)}` };
  }
  return { detail: "valid" };
}

function iso(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/** Its own schedule; else those of its groups, any of which may be open. */
function checkSchedule({ context, index, lists }: Case, applicant: Applicant): Found {
  const own = (applicant.vehicle ?? applicant.pass)?.scheduleId ?? null;
  const ids = own === null ? applicant.subject.groups.flatMap((g) => g.scheduleId ?? []) : [own];
  if (ids.length === 0) return null;
  const site = { timeZone: context.site.timeZone, holidays: lists.settings.holidays };
  const schedules = ids.flatMap((id) => index.schedules.get(id) ?? []);
  const open = schedules.find((schedule) => isOpen(schedule, context.clock, site));
  if (open) return { detail: open.name };
  const names = schedules.map((schedule) => schedule.name).join(", ");
  return { reason: "outside_schedule", detail: names || `no such schedule: ${ids.join(", ")}` };
}

/** Its own lanes; else those of its groups together. */
function checkLane({ context }: Case, { vehicle, pass, subject }: Applicant): Found {
  const own = (vehicle ?? pass)?.lanes ?? [];
  const lanes = own.length > 0 ? own : subject.groups.flatMap((group: Group) => group.lanes);
  if (lanes.length === 0) return null;
  const here = context.laneId ?? "no lane";
  if (context.laneId !== null && lanes.includes(context.laneId)) return { detail: here };
  return { reason: "wrong_lane", detail: `${here} is not one of ${lanes.join(", ")}` };
}

function checkDirection(theCase: Case, applicant: Applicant): Found {
  const { context, passage } = theCase;
  const unknown = wayMissing(theCase, applicant);
  if (unknown !== null) return { reason: "wrong_direction", detail: unknown };
  const wanted = applicant.vehicle?.way ?? null;
  const { motion, motionStrict } = context.rules;
  if (wanted !== null && wanted !== context.way) {
    return { reason: "wrong_direction", detail: `${context.way ?? "unknown"}, not ${wanted}` };
  }
  if (motion !== null && passage.direction !== motion) {
    const accepted = passage.direction === "unknown" && !motionStrict;
    if (!accepted) return { reason: "wrong_direction", detail: `moving ${passage.direction}` };
  }
  return wanted === null && motion === null ? null : { detail: `moving ${passage.direction}` };
}

/**
 * Why a way that the motion has not shown (yet) keeps the barrier shut, or null. As long
 * as the passage lasts, whatever depends on the way waits for it; at its end, what could
 * not be refused or counted without it stays outside.
 */
function wayMissing(theCase: Case, applicant: Applicant): string | null {
  const { context, passage, lists } = theCase;
  if (!context.wayByMotion || context.way !== null) return null;
  const { antiPassback } = lists.settings;
  const limited = limitsOf(theCase, applicant).some((limit) => limit !== null);
  if (passage.state === "final") {
    const refuses = antiPassback === "hard" || antiPassback === "timed";
    return refuses || limited ? "way not known" : null;
  }
  const { vehicle, pass } = applicant;
  const ofItsOwn = vehicle?.way ?? pass?.usesAllowed ?? context.rules.motion;
  const waits = antiPassback !== "off" || limited || ofItsOwn !== null;
  return waits ? "way not known yet" : null;
}

/** The limits that an entry counts against; null = none. */
function limitsOf({ lists }: Case, { subject }: Applicant): (number | null)[] {
  const ofGroups = subject.groups.flatMap((group) => [group.occupancyLimit, group.permitSpaces]);
  return [lists.settings.occupancyLimit, ...ofGroups];
}

function checkAntiPassback({ context, state, lists }: Case, { subject }: Applicant): Found {
  if (lists.settings.antiPassback === "off" || context.way === null) return null;
  const presence = state.presences.get(subject.key);
  const violation = antiPassbackViolation(presence, context, lists.settings);
  if (!violation) return { detail: lists.settings.antiPassback };
  if (violation.refuses) return { reason: "anti_passback", detail: violation.detail };
  return { detail: `noted, not refused: ${violation.detail}` };
}

function checkOccupancy(theCase: Case, applicant: Applicant): Found {
  const { context, state, lists } = theCase;
  const { subject } = applicant;
  const limits = limitsOf(theCase, applicant);
  if (context.way !== "entry" || limits.every((limit) => limit === null)) return null;
  const counts = countOthers(state, subject);
  return (
    fullLimit(subject, counts, lists.settings.occupancyLimit) ?? {
      detail: `${counts.site} inside`,
    }
  );
}

function checkPassUses({ context, state }: Case, { pass }: Applicant): Found {
  if (!pass || pass.usesAllowed === null || context.way === "exit") return null;
  const used = Math.max(pass.used, state.passUses.get(pass.id) ?? 0);
  const detail = `${used} of ${pass.usesAllowed} used`;
  return used < pass.usesAllowed ? { detail } : { reason: "pass_used_up", detail };
}

function checkSecondFactor(theCase: Case, { vehicle }: Applicant): Found {
  const { context, state } = theCase;
  const kinds = context.rules.secondFactor;
  if (kinds.length === 0) return null;
  const outcome = checkFactor(state.factors, vehicle, context);
  if (outcome.result === "given") {
    theCase.usedFactor = outcome.token;
    return { detail: outcome.token.kind };
  }
  const reason = outcome.result === "wrong" ? "second_factor_wrong" : "second_factor_missing";
  return { reason, detail: `${outcome.result}, one of ${kinds.join(", ")}` };
}

function checkExternal({ context }: Case): Found {
  const { external } = context;
  if (!external) return null;
  return external.allowed
    ? { detail: external.detail }
    : { reason: "external_denied", detail: external.detail };
}
