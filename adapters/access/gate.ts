import { randomUUID } from "node:crypto";
import type { Verdict } from "../../core/access/decide";
import { decide } from "../../core/access/decide";
import { inlineSnapshot, NOTHING_INLINE } from "../../core/access/inline-list";
import { rulesFor } from "../../core/access/lane-rules";
import { DecisionLedger } from "../../core/access/ledger";
import type {
  AccessContext,
  AccessSnapshot,
  AccessState,
  ExternalAnswer,
  FactorToken,
  LaneRules,
  ModeChange,
  SiteMode,
  Way,
} from "../../core/access/types";
import type { BarrierOutcome, Decision, Passage, ReasonCode } from "../../core/messages";
import { aboutOf, grantMark, issueGrant, type GrantSite } from "../grants/grants";
import { Admissions } from "./admissions";
import type { ListKeeper } from "./list-keeper";
import type { SiteStateStore } from "./memory-state";
import { changeSiteMode } from "./site-mode";
import { inTurn } from "./site-queue";

/** Which way a lane goes: always one, or told from the motion the camera sees. */
export type WaySetting = "" | Way | "towards_entry" | "towards_exit";

export interface GateOptions {
  /** Null = the passage's own. */
  laneId: string | null;
  site: AccessContext["site"];
  way: WaySetting;
  /** What the gate says itself; settings and defaults say the rest (core/access/lane-rules). */
  rules: Partial<LaneRules>;
  /** Its least confidence comes from ALPR_MIN_CONFIDENCE. */
  environment?: boolean;
  /** For how long the last known state counts once the store is gone. */
  graceMs: number;
  /** Another system that has a say, asked about the plate of the entry before a passage opens. */
  external?: (plate: string) => Promise<ExternalAnswer>;
}

/** What came of looking at a passage. */
export type Considered =
  | { kind: "decided"; decision: Decision }
  /** Nothing to say (yet), and why; look again at `until`, where given. */
  | { kind: "quiet"; until: number | null; reason: ReasonCode | null };

/** The other system was not asked, as the passage was not to open before; ask and look again. */
const NOT_ASKED: ExternalAnswer = { allowed: false, detail: "not asked" };

const ASK_TRIES = 5;

/** Most second factors kept at once. */
const MAX_TOKENS = 50;
/** Most PINs heard on a lane in a minute; more are not looked at. */
const MAX_PINS_A_MINUTE = 5;

/** Decides about the passages of one lane, each once, by the lists and state of its site. */
export class Gate {
  private readonly ledger = new DecisionLedger();
  private readonly admissions = new Admissions();
  private tokens: FactorToken[] = [];
  private lastState: { state: AccessState; at: number } | null = null;

  constructor(
    private readonly lists: ListKeeper,
    private readonly states: () => SiteStateStore | null,
    private readonly options: GateOptions,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Decides about a version of a passage and, where it opens, writes down what that
   * changes before it says so. One passage at a time for a site.
   */
  async consider(passage: Passage): Promise<Considered> {
    const { site } = this.options;
    await this.lists.firstLook();
    for (let tries = 0; tries < ASK_TRIES; tries++) {
      // Asked outside of the site's turn: a slow answer keeps no other lane waiting.
      const external = await this.askOther(passage);
      const considered = await inTurn(site.id, () => this.considerNow(passage, external));
      if (considered) return considered;
    }
    throw new Error("lists and state change too fast to ask the other system");
  }

  /** @returns null where the other system has to be asked after all */
  private async considerNow(
    passage: Passage,
    external: ExternalAnswer | undefined,
  ): Promise<Considered | null> {
    const now = this.now();
    if (this.ledger.isOpen(passage.id, now)) return { kind: "quiet", until: null, reason: null };
    const mark = grantMark();
    const verdict = await this.verdictOf(passage, now, external);
    const { reason } = verdict.decision;
    if (reason === "external_denied" && external === NOT_ASKED) return null;
    const waitMs = this.rules(passage.laneId).secondFactorSeconds * 1000;
    const answer = this.ledger.answer(passage, verdict.decision, waitMs, now);
    if (!answer.say) return { kind: "quiet", until: answer.until, reason };
    this.tokens = this.tokens.filter((token) => token !== verdict.usedFactor);
    if (verdict.decision.result === "open") this.admissions.admit(passage.id, verdict.changes);
    return {
      kind: "decided",
      decision: sign(verdict.decision, { id: this.options.site.id, mark }),
    };
  }

  /**
   * Hears what a barrier did. Where it stayed shut, nobody went in: what the decision
   * changed is taken back, and a later version of the passage may be let through.
   * Rejects where the store does not take that.
   */
  settle(outcome: BarrierOutcome): Promise<void> {
    return inTurn(this.options.site.id, async () => {
      const correction = this.admissions.report(outcome);
      if (!correction || outcome.passageId === null) return;
      const store = this.states();
      if (correction.what === "apply") return store?.apply(correction.changes);
      this.ledger.forget(outcome.passageId);
      await store?.undo(correction.changes);
    });
  }

  /** Whether a second factor was taken in; false where there were too many PINs. */
  hear(token: FactorToken): boolean {
    const recent = this.tokens.filter(
      (known) => known.kind === "pin" && known.at > token.at - 60_000,
    );
    if (token.kind === "pin" && recent.length >= MAX_PINS_A_MINUTE) return false;
    this.tokens = [...this.tokens.slice(1 - MAX_TOKENS), token];
    return true;
  }

  /** Sets the state of the whole site. */
  async setMode(mode: SiteMode, by: ModeChange): Promise<void> {
    const store = this.states();
    if (!store) throw new Error("the store is not open yet");
    await changeSiteMode(store, this.options.site.id, mode, by);
    this.lastState = null;
  }

  /** The mode of the site, as the store has it. */
  async siteMode(): Promise<SiteMode> {
    const store = this.states();
    if (!store) throw new Error("the store is not open yet");
    const mode = await store.mode(this.options.site.id);
    // What counts while the store is away is not older than what was heard here.
    if (this.lastState) this.lastState.state.mode = mode;
    return mode;
  }

  /**
   * What the decision would be, by this lane's rules, moving nothing; another system is
   * not asked.
   * @param way instead of the lane's own
   */
  async preview(
    passage: Passage,
    at = this.now(),
    way?: Way | null,
  ): Promise<Omit<Decision, "id" | "grant">> {
    const lists = this.lists.current();
    const state = await this.state(this.now());
    const lane = this.context(passage, at);
    const context = way ? { ...lane, way } : lane;
    if (!lists || !state) return unavailable(passage, context);
    return decide(passage, lists, state, context).decision;
  }

  /** The other system's word, where there is one and all else speaks for opening. */
  private async askOther(passage: Passage): Promise<ExternalAnswer | undefined> {
    const { external } = this.options;
    if (!external) return undefined;
    if (this.ledger.isOpen(passage.id, this.now())) return NOT_ASKED;
    const { result, vehicle } = await this.preview(passage);
    if (result !== "open" || !vehicle) return NOT_ASKED;
    try {
      return await external(vehicle.plate);
    } catch (error) {
      return { allowed: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  private async verdictOf(
    passage: Passage,
    now: number,
    external: ExternalAnswer | undefined,
  ): Promise<Verdict> {
    const context = { ...this.context(passage, now), ...(external ? { external } : {}) };
    const state = await this.state(now);
    const lists = this.lists.current() ?? (state?.mode === "emergency_open" ? NO_LISTS : null);
    if (!lists || !state) return refusal(passage, context);
    const verdict = decide(passage, lists, state, context);
    if (verdict.changes.length === 0) return verdict;
    const written = await this.write(verdict, lists);
    return written ? verdict : refusal(passage, context);
  }

  /** @returns false where the change could not be kept and something depends on it */
  private async write(verdict: Verdict, lists: AccessSnapshot): Promise<boolean> {
    try {
      await this.states()?.apply(verdict.changes);
      return true;
    } catch {
      return !countsMatter(verdict, lists);
    }
  }

  private async state(now: number): Promise<AccessState | null> {
    try {
      const state = await this.states()?.state(this.options.site.id);
      if (state) this.lastState = { state, at: now };
    } catch {
      // The last known state serves while it is fresh enough.
    }
    const known = this.lastState;
    if (!known || now - known.at > this.options.graceMs) return null;
    return { ...known.state, factors: this.tokens };
  }

  private context(passage: Passage, clock: number): AccessContext {
    const { laneId, site, way } = this.options;
    const byMotion = way === "towards_entry" || way === "towards_exit";
    return {
      laneId: laneId ?? passage.laneId,
      way: wayOf(way, passage),
      ...(byMotion ? { wayByMotion: true } : {}),
      clock,
      site,
      rules: this.rules(passage.laneId),
    };
  }

  /** Names of the rules that the gate says itself, and whether the environment says one. */
  ownRules(): { names: string[]; environment: boolean } {
    const { rules, environment = false } = this.options;
    return { names: Object.keys(rules), environment };
  }

  /** The rules that count now. @param passageLane where the gate is for no lane of its own */
  rules(passageLane: string | null): LaneRules {
    const { laneId, rules } = this.options;
    return rulesFor(laneId ?? passageLane, rules, this.lists.current()?.settings ?? null);
  }
}

const NO_LISTS = inlineSnapshot(NOTHING_INLINE, "none");

function countsMatter(verdict: Verdict, lists: AccessSnapshot): boolean {
  const { settings, groups } = lists;
  return (
    verdict.changes.some((change) => change.type === "use_pass") ||
    settings.antiPassback !== "off" ||
    settings.occupancyLimit !== null ||
    groups.some((group) => group.occupancyLimit !== null || group.permitSpaces !== null)
  );
}

function wayOf(setting: WaySetting, passage: Passage): Way | null {
  if (setting === "" || setting === "entry" || setting === "exit") return setting || null;
  if (passage.direction === "unknown") return null;
  return (passage.direction === "towards") === (setting === "towards_entry") ? "entry" : "exit";
}

function refusal(passage: Passage, context: AccessContext): Verdict {
  return {
    decision: unavailable(passage, context),
    changes: [],
    usedFactor: null,
    watchHits: [],
  };
}

function unavailable(passage: Passage, context: AccessContext): Verdict["decision"] {
  return {
    passageId: passage.id,
    cameraId: passage.cameraId,
    laneId: context.laneId,
    result: "deny",
    reason: "list_unavailable",
    plate: passage.text,
    vehicle: null,
    decidedAt: context.clock,
    trace: {
      clock: context.clock,
      listVersion: "none",
      votes: passage.votes,
      steps: [{ check: "lists", outcome: "fail", detail: "the store cannot be reached" }],
    },
  };
}

function sign(decision: Verdict["decision"], site: GrantSite): Decision {
  const id = randomUUID();
  if (decision.result !== "open") return { id, ...decision };
  const about = aboutOf({ id, ...decision });
  const claims = { action: "open", subject: decision.passageId, actor: "gate", site, about };
  return { id, ...decision, grant: issueGrant(claims) };
}
