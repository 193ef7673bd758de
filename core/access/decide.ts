import type { Decision, DecisionResult, Passage, ReasonCode, TraceStep } from "../messages";
import { normalisePlate } from "../plates/normalise";
import { factsOf } from "./facts";
import { identify, deniableAs } from "./identify";
import type { AccessIndex, Identity } from "./index-lists";
import { indexOf, watchHits } from "./index-lists";
import type { Applicant, Case, Refusal } from "./rules";
import { applicantsOf, APPLICANT_CHECKS, checkReading } from "./rules";
import { presenceChange } from "./occupancy";
import type {
  AccessContext,
  AccessSnapshot,
  AccessState,
  FactorToken,
  StateChange,
  WatchEntry,
} from "./types";

/** A decision before it has an id and a grant, and what it changes. */
export interface Verdict {
  decision: Omit<Decision, "id" | "grant">;
  /** To be applied with an "open"; empty otherwise. */
  changes: StateChange[];
  /** The second factor that was used up. */
  usedFactor: FactorToken | null;
  /** Hits on the watch list: reported beside the decision. */
  watchHits: WatchEntry[];
}

interface Outcome {
  result: DecisionResult;
  reason: ReasonCode;
  applicant: Applicant | null;
  candidates: readonly Identity[];
}

/**
 * Decides about a passage by the order of DESIGN §6: emergency state, deny list, (how
 * sure the read is, whose plate it is, its status,) validity, schedule, lane and
 * direction, anti-passback, occupancy and permits, visitor pass uses, second factor,
 * another system's word, open. Pure: the same arguments give the same verdict.
 *
 * "review" means that a person should look: the read is unsure or could be two
 * vehicles. A verdict about a passage that is not final may still change.
 * @throws RangeError where the settings or the time zone cannot be read (then nothing opens)
 */
export function decide(
  passage: Passage,
  lists: AccessSnapshot,
  state: AccessState,
  context: AccessContext,
): Verdict {
  const index = indexOf(lists);
  const text = normalisePlate(passage.text);
  const steps: TraceStep[] = [];
  const theCase: Case = { passage, text, lists, index, state, context, steps };
  const hits = text === "" ? [] : watchHits(index.watch, index.table, text, context.clock);
  const outcome = outcomeOf(theCase, hits);
  const facts = factsOf(theCase, outcome.candidates, outcome.applicant, hits);
  const admitted = outcome.result === "open" ? outcome.applicant : null;
  return {
    decision: {
      passageId: passage.id,
      cameraId: passage.cameraId,
      laneId: context.laneId,
      result: outcome.result,
      reason: outcome.reason,
      plate: text,
      vehicle: outcome.applicant ? vehicleOf(outcome.applicant) : null,
      decidedAt: context.clock,
      trace: {
        clock: context.clock,
        listVersion: lists.version,
        votes: passage.votes,
        steps,
        facts,
      },
    },
    changes: admitted ? changesOf(theCase, admitted) : [],
    usedFactor: admitted ? (theCase.usedFactor ?? null) : null,
    watchHits: hits,
  };
}

function outcomeOf(theCase: Case, hits: readonly WatchEntry[]): Outcome {
  const { steps, state, text, index } = theCase;
  const plain = (result: DecisionResult, reason: ReasonCode): Outcome => ({
    result,
    reason,
    applicant: null,
    candidates: [],
  });
  if (state.mode !== "normal") {
    steps.push({ check: "state", outcome: "fail", detail: state.mode });
    return state.mode === "emergency_open"
      ? plain("open", "emergency_open")
      : plain("deny", "lock_down");
  }
  steps.push({ check: "state", outcome: "pass", detail: "normal" });
  const denied = text === "" ? undefined : deniedOf(theCase, [text]);
  if (denied) {
    steps.push({ check: "deny_list", outcome: "fail", detail: denied.pattern });
    return plain("deny", "deny_list");
  }
  steps.push({ check: "deny_list", outcome: "pass", detail: "no entry" });
  const unsure = checkReading(theCase);
  if (unsure) {
    steps.push({ check: unsure.check, outcome: "fail", detail: unsure.detail });
    // No person could read it better where the reader itself is down.
    const result = unsure.reason === "reader_down" ? "deny" : "review";
    return { ...plain(result, unsure.reason), candidates: candidatesOf(index, theCase) };
  }
  return byList(theCase, hits);
}

function deniedOf({ index, context }: Case, plates: readonly string[]): WatchEntry | undefined {
  return plates.flatMap((plate) => watchHits(index.deny, index.table, plate, context.clock))[0];
}

function candidatesOf(index: AccessIndex, theCase: Case): readonly Identity[] {
  if (theCase.text === "") return [];
  return identify(index, theCase.text, theCase.lists.settings.maxConfusables).candidates;
}

function byList(theCase: Case, hits: readonly WatchEntry[]): Outcome {
  const { steps, lists } = theCase;
  const found = identify(theCase.index, theCase.text, lists.settings.maxConfusables);
  const { candidates } = found;
  if (found.kind === "ambiguous") {
    const plates = candidates.map((identity) => identity.plate).join(", ");
    steps.push({ check: "list", outcome: "fail", detail: `could be any of ${plates}` });
    return { result: "review", reason: "ambiguous", applicant: null, candidates };
  }
  if (found.kind === "unknown") {
    steps.push({ check: "list", outcome: "fail", detail: "no entry" });
    return { result: "deny", reason: "unknown_plate", applicant: null, candidates };
  }
  const detail = found.kind === "exact" ? "exact" : `confusable with ${found.identity.plate}`;
  steps.push({ check: "list", outcome: "pass", detail });
  // A misread of a denied plate is no way round its entry, not even where that is exact.
  const denied = deniedOf(theCase, deniableAs(found.identity, theCase.text));
  if (denied) {
    steps.push({ check: "deny_list", outcome: "fail", detail: denied.pattern });
    return { result: "deny", reason: "deny_list", applicant: null, candidates };
  }
  const { applicant, refusal } = bestApplicant(theCase, found.identity);
  if (refusal) return { result: "deny", reason: refusal.reason, applicant, candidates };
  if (hits[0] && lists.settings.watchHitsNeedReview) {
    steps.push({ check: "watch_list", outcome: "fail", detail: hits[0].pattern });
    return { result: "review", reason: "watch_list", applicant, candidates };
  }
  return { result: "open", reason: allowedReason(applicant, found.kind), applicant, candidates };
}

function allowedReason(applicant: Applicant, kind: "exact" | "confusable"): ReasonCode {
  if (applicant.pass) return "visitor_pass";
  return kind === "exact" ? "allowed" : "allowed_confusable";
}

/**
 * Tries the vehicle, then the visitor passes of its plate; the first that may pass
 * counts, else the first refusal. A vehicle that is suspended or blocked has no second try.
 */
function bestApplicant(
  theCase: Case,
  identity: Identity,
): { applicant: Applicant; refusal: Refusal | null } {
  let first: { applicant: Applicant; refusal: Refusal } | null = null;
  for (const applicant of applicantsOf(theCase, identity)) {
    const refusal = firstRefusal(theCase, applicant);
    if (!refusal) return { applicant, refusal: null };
    first ??= { applicant, refusal };
    if (refusal.check === "status") break;
  }
  if (!first) throw new RangeError("an entry of the list with neither vehicle nor pass");
  return first;
}

function firstRefusal(theCase: Case, applicant: Applicant): Refusal | null {
  for (const { check, run } of APPLICANT_CHECKS) {
    const found = run(theCase, applicant);
    if (found === null) theCase.steps.push({ check, outcome: "skip", detail: "not asked for" });
    else if ("reason" in found) {
      theCase.steps.push({ check, outcome: "fail", detail: found.detail });
      return { ...found, check };
    } else theCase.steps.push({ check, outcome: "pass", detail: found.detail });
  }
  return null;
}

function vehicleOf(applicant: Applicant): NonNullable<Decision["vehicle"]> {
  const { vehicle, pass, subject } = applicant;
  return {
    id: vehicle?.id ?? subject.key,
    plate: subject.plate,
    owner: vehicle?.owner ?? pass?.visitor ?? null,
    groups: subject.groups.map((group) => group.id),
  };
}

function changesOf(theCase: Case, applicant: Applicant): StateChange[] {
  const { context, passage, state } = theCase;
  const { subject } = applicant;
  const before = state.presences.get(subject.key);
  const changes = presenceChange(subject, before, context, passage.id);
  if (applicant.pass && context.way !== "exit") {
    changes.push({ type: "use_pass", passId: applicant.pass.id, passageId: passage.id });
  }
  return changes;
}
