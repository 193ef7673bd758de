import { deniableAs } from "./identify";
import type { Identity } from "./index-lists";
import { watchHits } from "./index-lists";
import { countOthers } from "./occupancy";
import type { Applicant, Case } from "./rules";
import { redactTokens } from "./second-factor";
import type { AccessSnapshot, DecisionFacts, Vehicle, WatchEntry } from "./types";

/**
 * Cuts lists and state down to what a decision looked at, so that it can be stored with
 * it and made again. What is not needed for that (owner, contact, PIN, tag numbers)
 * is left out.
 */
export function factsOf(
  theCase: Case,
  candidates: readonly Identity[],
  applicant: Applicant | null,
  watched: readonly WatchEntry[],
): DecisionFacts {
  const { state, context, passage } = theCase;
  const { secondFactor } = context.rules;
  const subjects = subjectsOf(candidates);
  return {
    lists: reducedLists(theCase, candidates, watched),
    state: {
      mode: state.mode,
      presences: subjects.flatMap((key) => state.presences.get(key) ?? []),
      counts: applicant ? countOthers(state, applicant.subject) : { site: 0, groups: {} },
      passUses: Object.fromEntries(
        [...state.passUses].filter(([id]) => subjects.includes(`pass:${id}`)),
      ),
      factors: redactTokens(state.factors, applicant?.vehicle ?? null, secondFactor),
    },
    context,
    text: theCase.text,
    final: passage.state === "final",
    lastSeen: passage.lastSeen,
    direction: passage.direction,
    confidence: passage.confidence,
    ...(theCase.text === "" && passage.reason ? { unread: passage.reason } : {}),
  };
}

function subjectsOf(candidates: readonly Identity[]): string[] {
  return candidates.flatMap(({ vehicle, passes }) => [
    ...(vehicle ? [`vehicle:${vehicle.id}`] : []),
    ...passes.map((pass) => `pass:${pass.id}`),
  ]);
}

function reducedLists(
  { lists, index, text, context }: Case,
  candidates: readonly Identity[],
  watched: readonly WatchEntry[],
): AccessSnapshot {
  const vehicles = candidates.flatMap(({ vehicle }) => (vehicle ? [withoutPerson(vehicle)] : []));
  const passes = candidates.flatMap((identity) => identity.passes);
  const groupIds = new Set(vehicles.flatMap((vehicle) => vehicle.groups));
  const groups = lists.groups.filter((group) => groupIds.has(group.id));
  const scheduleIds = new Set(
    [...vehicles, ...passes, ...groups].flatMap((entry) => entry.scheduleId ?? []),
  );
  const meant = candidates.flatMap((identity) => deniableAs(identity, text));
  const plates = [text, ...meant].filter((plate) => plate !== "");
  const denied = plates.flatMap((plate) =>
    watchHits(index.deny, index.table, plate, context.clock),
  );
  return {
    version: lists.version,
    vehicles,
    groups,
    schedules: lists.schedules.filter((schedule) => scheduleIds.has(schedule.id)),
    passes: passes.map((pass) => ({ ...pass, visitor: null, host: null, codeHash: null })),
    watch: [...new Set([...denied, ...watched])],
    // The lane's rules are in the context, as they counted.
    settings: { ...lists.settings, rules: {}, laneRules: [] },
  };
}

function withoutPerson(vehicle: Vehicle): Vehicle {
  return { ...vehicle, owner: null, contact: null, note: null, pin: null, credentials: [] };
}
