import type { AccessSettings, LaneRules, RuleSettings } from "./types";
import { DEFAULT_LANE_RULES, SETTABLE_RULES } from "./types";

/**
 * The rules that count for a lane, the more special word first: settings of the lane,
 * what its gate says itself, settings of all lanes, the usual.
 * @param given what the gate's node and the environment say
 */
export function rulesFor(
  laneId: string | null,
  given: Partial<LaneRules>,
  settings: Pick<AccessSettings, "rules" | "laneRules"> | null,
): LaneRules {
  const own = settings?.laneRules?.find((one) => one.laneId === laneId);
  return {
    ...DEFAULT_LANE_RULES,
    ...said(settings?.rules),
    ...given,
    ...said(own),
  };
}

/**
 * Settings with other rules of one lane; those of the others stay.
 * @param rules what the lane says; nothing = it has none of its own
 */
export function withLaneRules(
  settings: AccessSettings,
  laneId: string,
  rules: RuleSettings | null,
): AccessSettings {
  const others = settings.laneRules.filter((one) => one.laneId !== laneId);
  const own = said(rules ?? undefined);
  const laneRules = Object.keys(own).length > 0 ? [...others, { ...own, laneId }] : others;
  return { ...settings, laneRules };
}

/** The rules that settings name. */
function said(settings: RuleSettings | undefined): Partial<LaneRules> {
  const named = SETTABLE_RULES.filter((name) => (settings?.[name] ?? null) !== null);
  return Object.fromEntries(named.map((name) => [name, settings?.[name]]));
}
