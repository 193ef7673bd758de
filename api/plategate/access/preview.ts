import { gates } from "../../../adapters/access/gates";
import { decide, type Verdict } from "../../../core/access/decide";
import { rulesFor } from "../../../core/access/lane-rules";
import type { Way } from "../../../core/access/types";
import type { Passage, PassageVote } from "../../../core/messages";
import { normalisePlate } from "../../../core/plates/normalise";
import type { ApiServices } from "../../services";

/** What a preview is asked about. */
export interface PreviewQuestion {
  reads: { text: string; confidence: number }[];
  laneId: string | null;
  siteId: string;
  way: Way | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/**
 * The decision that reads would get: by the rules of the lane's gate where it runs here,
 * else by the usual ones. Moves nothing.
 */
export async function previewOf(
  { access, timeZone }: ApiServices,
  question: PreviewQuestion,
): Promise<Verdict["decision"]> {
  const { laneId, siteId, way, at } = question;
  const passage = passageOf(question);
  const running = gates.find(laneId);
  if (running) return running.gate.preview(passage, at, way);
  const [lists, state] = await Promise.all([access.snapshot(), access.state(siteId)]);
  const site = { id: siteId, timeZone };
  const context = { laneId, way, clock: at, site, rules: rulesFor(laneId, {}, lists.settings) };
  return decide(passage, lists, state, context).decision;
}

/** A final passage of these reads: the text that most of them say, as sure as the surest. */
function passageOf({ reads, laneId, at }: PreviewQuestion): Passage {
  const votes = reads.map(({ text, confidence }): PassageVote => {
    const plain = normalisePlate(text);
    const characters = [...plain].map(() => confidence);
    return { text: plain, confidence, characters, capturedAt: at, box: [0, 0, 1, 1] };
  });
  const weight = (text: string): number =>
    votes.reduce((sum, vote) => sum + (vote.text === text ? vote.confidence ** 2 : 0), 0);
  const text = votes.reduce(
    (best, vote) => (weight(vote.text) > weight(best) ? vote.text : best),
    votes[0]?.text ?? "",
  );
  const agreeing = votes.filter((vote) => vote.text === text);
  const confidence = Math.max(0, ...agreeing.map((vote) => vote.confidence));
  return {
    id: "preview",
    cameraId: "preview",
    laneId,
    state: "final",
    revision: 1,
    text,
    confidence,
    characters: [...text].map((char) => ({ char, confidence, alternatives: [] })),
    region: null,
    reads: votes.length,
    votes,
    direction: "unknown",
    firstSeen: at,
    lastSeen: at,
    firstReadable: at,
    best: null,
    images: { frame: null, crop: null },
  };
}
