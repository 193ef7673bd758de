import type { ExternalAnswer } from "../../core/access/types";
import { AuthenticatedOutbound } from "../outbound/auth";
import { Outbound } from "../outbound/outbound";

/** A car waits for the answer: what takes longer is a no. */
const TIMEOUT_MS = 2_000;
/** A passage is looked at several times a second: an answer counts for so long (ms). */
const KEPT_MS = 3_000;
const MAX_KEPT = 500;

/**
 * Asks an access-control system whether a plate may pass, as reference 1 has it:
 * `GET {url}/credentials/{plate}/access` with a bearer key, `{"has_access": true}`.
 * Whatever else it answers, also nothing, is a no.
 */
export class ExternalCheck {
  private readonly outbound = new Outbound();
  private readonly client: AuthenticatedOutbound;
  private readonly base: string;
  private readonly kept = new Map<string, { answer: ExternalAnswer; until: number }>();

  /** @throws RangeError where the address is none */
  constructor(
    url: string,
    key: string,
    private readonly clock: () => number = Date.now,
  ) {
    if (!/^https?:\/\/./.test(url) || !URL.canParse(url)) {
      throw new RangeError("the access-control system's address is not a URL (http or https)");
    }
    this.base = url.replace(/\/+$/, "");
    this.client = new AuthenticatedOutbound(
      this.outbound,
      key ? { type: "bearer", token: key } : { type: "none" },
    );
  }

  /**
   * What it says, or has said of this plate a moment ago. Rejects where the system cannot
   * be reached; that is not kept.
   */
  async ask(plate: string): Promise<ExternalAnswer> {
    const known = this.kept.get(plate);
    if (known && this.clock() < known.until) return known.answer;
    const answer = await this.askNow(plate);
    this.kept.delete(plate);
    this.kept.set(plate, { answer, until: this.clock() + KEPT_MS });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
    return answer;
  }

  private async askNow(plate: string): Promise<ExternalAnswer> {
    const url = `${this.base}/credentials/${encodeURIComponent(plate)}/access`;
    const { status, body } = await this.client.send(url, { timeoutMs: TIMEOUT_MS });
    if (status !== 200) return { allowed: false, detail: `it answered ${status}` };
    const allowed = hasAccess(body);
    return { allowed, detail: allowed ? "has access" : "has no access" };
  }

  close(): Promise<void> {
    return this.outbound.close();
  }
}

function hasAccess(body: Buffer): boolean {
  try {
    const answer = JSON.parse(body.toString("utf8")) as { has_access?: unknown } | null;
    return answer?.has_access === true;
  } catch {
    return false;
  }
}
