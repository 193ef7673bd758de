import type { GateOptions, WaySetting } from "../../adapters/access/gate";
import type { FactorKind, FactorToken, LaneRules, SiteMode } from "../../core/access/types";
import { SITE_MODES } from "../../core/access/types";
import { numberField } from "../shared/kit";

/** The node's settings as the editor saves them. */
export interface GateFields {
  store: string;
  site: string;
  laneId: string;
  plates: string;
  way: WaySetting;
  minConfidence: string | number;
  minReads: string | number;
  fewReadsConfidence: string | number;
  maxAgeSeconds: string | number;
  motion: "" | "towards" | "away";
  motionStrict: boolean;
  factorLoop: boolean;
  factorTag: boolean;
  factorPin: boolean;
  factorSeconds: string | number;
  graceSeconds: string | number;
  /** Address of an access-control system that has a say; empty = none. */
  externalUrl: string;
  trustMessages: boolean;
}

/** What the node understands beside a passage. */
export interface GateMessage {
  /** A second factor: a loop, the number of a tag, or a PIN. */
  factor?: { kind?: unknown; value?: unknown; lane_id?: unknown };
  /** A state for the whole site. */
  access?: { mode?: unknown; reason?: unknown; actor?: unknown; grant?: unknown };
}

/**
 * What a gate says itself; settings and defaults say the rest.
 * @param env where nothing is typed, ALPR_MIN_CONFIDENCE (reference 1, per cent) counts
 * @throws RangeError for a confidence that is none: the gate must not guess how sure is sure enough
 */
export function gateOptions(
  config: GateFields,
  site: GateOptions["site"],
  env: NodeJS.ProcessEnv = process.env,
): GateOptions {
  const kinds: [FactorKind, boolean][] = [
    ["loop", config.factorLoop],
    ["tag", config.factorTag],
    ["pin", config.factorPin],
  ];
  const asked = kinds.flatMap(([kind, wanted]) => (wanted ? [kind] : []));
  const fromEnvironment = environmentConfidence(env);
  const least = confidenceField(config.minConfidence) ?? fromEnvironment;
  return {
    laneId: config.laneId || null,
    site,
    way: config.way || "",
    rules: {
      ...given("minConfidence", least),
      ...given("fewReadsConfidence", confidenceField(config.fewReadsConfidence)),
      ...given("minReads", typed(config.minReads)),
      ...given("maxAgeSeconds", typed(config.maxAgeSeconds)),
      motion: config.motion || null,
      motionStrict: Boolean(config.motionStrict),
      ...(asked.length > 0 ? { secondFactor: asked } : {}),
      ...given("secondFactorSeconds", typed(config.factorSeconds)),
    },
    environment: confidenceField(config.minConfidence) === null && fromEnvironment !== null,
    graceMs: numberField(config.graceSeconds, 300) * 1000,
  };
}

/** A number field's value; null where it is empty. */
function typed(value: unknown): number | null {
  const number = numberField(value, NaN);
  return Number.isNaN(number) ? null : number;
}

function given<K extends keyof LaneRules>(name: K, value: number | null): Partial<LaneRules> {
  return value === null ? {} : { [name]: value };
}

function confidenceField(value: unknown): number | null {
  const confidence = typed(value);
  if (confidence === null || (confidence >= 0 && confidence <= 1)) return confidence;
  throw new RangeError(`a least confidence is between 0 and 1, not ${confidence}`);
}

function environmentConfidence({ ALPR_MIN_CONFIDENCE }: NodeJS.ProcessEnv): number | null {
  const given = ALPR_MIN_CONFIDENCE?.trim();
  if (!given) return null;
  const perCent = Number(given);
  if (perCent >= 0 && perCent <= 100) return perCent / 100;
  throw new RangeError(`ALPR_MIN_CONFIDENCE is per cent, 0 to 100, not "${given}"`);
}

/**
 * The access-control system that has a say: the node's own, else that of reference 1's
 * variables; null where there is none. The environment's key goes to its address alone.
 */
export function externalOf(
  { externalUrl }: GateFields,
  key: string,
  env: NodeJS.ProcessEnv = process.env,
): { url: string; key: string } | null {
  if (externalUrl) return { url: externalUrl, key };
  const url = env.ACCESS_CONTROL_API_URL;
  return url ? { url, key: env.ACCESS_CONTROL_API_KEY ?? "" } : null;
}

/**
 * The second factor in a message, if there is one.
 * @throws Error where there is one that cannot be understood
 */
export function readToken(
  { factor }: GateMessage,
  laneId: string | null,
  now: number,
): FactorToken | null {
  if (factor === undefined || factor === null) return null;
  const { kind, value, lane_id: lane } = factor;
  if (kind !== "loop" && kind !== "tag" && kind !== "pin") {
    throw new Error('msg.factor.kind is "loop", "tag" or "pin"');
  }
  const written = typeof value === "number" || typeof value === "string" ? String(value) : null;
  if (kind !== "loop" && !written) throw new Error("msg.factor.value is a text or a number");
  return {
    kind,
    value: kind === "loop" ? null : written,
    laneId: typeof lane === "string" && lane !== "" ? lane : laneId,
    at: now,
  };
}

/** What a message asks the site's state to be. */
export interface ModeCommand {
  mode: SiteMode;
  actor: string;
  reason: string;
}

/**
 * The change of state in a message, if there is one; whether its sender may is not checked here.
 * @throws Error where there is one that cannot be understood
 */
export function readModeCommand({ access }: GateMessage): ModeCommand | null {
  if (access === undefined || access === null) return null;
  const mode = SITE_MODES.find((known) => known === access.mode);
  if (!mode) throw new Error(`msg.access.mode is one of ${SITE_MODES.join(", ")}`);
  const text = (value: unknown, fallback: string): string =>
    typeof value === "string" && value !== "" ? value : fallback;
  return { mode, actor: text(access.actor, "flow"), reason: text(access.reason, "message") };
}
