import {
  BarrierError,
  type BarrierDriver,
  type BarrierInputs,
  type DriverCapabilities,
  type DriverEvent,
  type OpenContext,
  type PulseResult,
} from "../../core/barrier/ports";
import { AuthenticatedOutbound } from "../outbound/auth";
import { OutboundError, type OutboundCode } from "../outbound/errors";
import { Outbound, type OutboundAnswer, type OutboundOptions } from "../outbound/outbound";
import {
  bodyEncoder,
  bodyMatches,
  checkAction,
  fill,
  readInput,
  readValue,
  statusMatches,
} from "./http-template";
import type { TemplateValues } from "./http-template";
import type { HttpAction, HttpDriverOptions } from "./http-types";
import { OutputTimer, type OutputGuard } from "./output-timer";
import { noInputs } from "./timed-driver";

const CODES: Record<OutboundCode, BarrierError["code"]> = {
  bad_url: "configuration",
  forbidden_address: "forbidden_address",
  unreachable: "unreachable",
  timeout: "timeout",
  tls: "refused",
  too_large: "unexpected_answer",
  too_many_redirects: "unexpected_answer",
};

const ACTIONS = ["open", "off", "hold", "close", "closeOff", "status"] as const;

/** A relay or barrier that is told by HTTP requests. */
export class HttpDriver implements BarrierDriver {
  readonly kind = "http";
  readonly capabilities: DriverCapabilities;
  private readonly outbound: Outbound;
  private readonly client: AuthenticatedOutbound;
  private readonly timer: OutputTimer;
  /** Nothing is known of the outputs yet: each is dropped. */
  private unknown = true;
  private openOn = false;
  /** The close was the last to be sent: what is dropped next is the close alone. */
  private closing = false;
  private lastPulseMs = 500;
  private lastPlate = "";

  /**
   * @param guard drops the output when this process dies in mid-pulse; none where
   *   the device times the pulse itself
   */
  constructor(
    private readonly options: HttpDriverOptions,
    private readonly guard: OutputGuard | null = null,
    network: Pick<OutboundOptions, "lookup" | "deny"> = {},
  ) {
    const wrong = ACTIONS.flatMap((name) => checkAction(name, options[name]));
    if (wrong.length > 0) throw new BarrierError("configuration", wrong.join(", "));
    if (!options.deviceTimed && !options.off) {
      throw new BarrierError("configuration", "a pulse that the device does not time needs `off`");
    }
    if (!options.deviceTimed && options.close && !options.closeOff) {
      const why = "a close that the device does not time needs `closeOff`";
      throw new BarrierError("configuration", why);
    }
    this.capabilities = {
      deviceTimedPulse: options.deviceTimed,
      readBack: options.status?.energised !== undefined,
      inputs: Object.keys(options.status?.inputs ?? {}) as (keyof BarrierInputs)[],
      close: options.close !== undefined,
      hold: options.hold !== undefined && options.off !== undefined,
    };
    this.outbound = new Outbound({ ...network, ...(options.tls ? { tls: options.tls } : {}) });
    this.client = new AuthenticatedOutbound(this.outbound, options.auth);
    this.timer = new OutputTimer(() => this.off(), guard);
  }

  listen(listener: (event: DriverEvent) => void): void {
    this.timer.listen(listener);
  }

  async safe(): Promise<void> {
    if (!this.options.deviceTimed) this.guard?.prepare();
    if (this.options.off ?? this.options.closeOff) await this.timer.drop();
    else if (this.options.status) await this.status();
  }

  open(pulseMs: number, context?: OpenContext): Promise<PulseResult> {
    this.lastPulseMs = pulseMs;
    this.lastPlate = context?.plate ?? "";
    const start = (): Promise<PulseResult> => this.raise("open", this.options.open);
    return this.options.deviceTimed ? start() : this.timer.pulse(start, pulseMs);
  }

  hold(): Promise<PulseResult> {
    const { hold } = this.options;
    if (!hold) throw new BarrierError("configuration", "this device has no request to hold open");
    return this.timer.hold(() => this.raise("hold", hold));
  }

  async release(): Promise<PulseResult> {
    await this.timer.drop();
    return { confirmed: this.options.off !== undefined, detail: "off" };
  }

  async close(pulseMs: number): Promise<PulseResult> {
    const { close } = this.options;
    if (!close) throw new BarrierError("configuration", "this device has no request to close");
    this.lastPulseMs = pulseMs;
    const start = (): Promise<PulseResult> => {
      this.closing = true;
      return this.act("close", close);
    };
    return this.options.deviceTimed ? start() : this.timer.pulse(start, pulseMs);
  }

  async status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }> {
    const { status } = this.options;
    if (!status) return { energised: null, inputs: noInputs() };
    const text = (await this.request("status", status)).body.toString("utf8");
    const inputs = noInputs();
    for (const [name, rule] of Object.entries(status.inputs ?? {})) {
      inputs[name as keyof BarrierInputs] = readInput(fill(rule, this.values()), text);
    }
    const energised = status.energised
      ? readValue(fill(status.energised, this.values()), text)
      : null;
    return { energised, inputs };
  }

  /** Presets without a status request: whether somebody is at the address. */
  async check(): Promise<void> {
    const { status, url, timeoutMs } = this.options;
    if (status) await this.status();
    else
      await this.outbound
        .reach(url, timeoutMs)
        .catch((error) => Promise.reject(barrierError(error)));
  }

  async dispose(): Promise<void> {
    await this.timer.dispose();
    await this.outbound.close();
  }

  private raise(name: string, action: HttpAction): Promise<PulseResult> {
    this.openOn = true;
    this.closing = false;
    return this.act(name, action);
  }

  /** Drops what may be on, each output though another one fails. */
  private async off(): Promise<void> {
    const { off, closeOff, deviceTimed } = this.options;
    const close = this.closing || this.unknown ? closeOff : undefined;
    const open = !this.closing || (this.openOn && !deviceTimed) ? off : undefined;
    const dropped = await Promise.allSettled([
      close && this.request("closeOff", close),
      open && this.request("off", open),
    ]);
    const failed = dropped.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    this.unknown = this.closing = false;
    if (open) this.openOn = false;
  }

  private async act(name: string, action: HttpAction): Promise<PulseResult> {
    const answer = await this.request(name, action);
    return { confirmed: true, detail: `${name}: ${answer.status}` };
  }

  private values(): TemplateValues {
    return {
      pulse_ms: String(this.lastPulseMs),
      pulse_s: String(this.lastPulseMs / 1000),
      channel: String(this.options.channel),
      plate: this.lastPlate,
    };
  }

  private async request(name: string, action: HttpAction): Promise<OutboundAnswer> {
    const values = this.values();
    const path = fill(action.path, values, encodeURIComponent);
    const url = /^https?:\/\//.test(path) ? path : this.options.url.replace(/\/+$/, "") + path;
    const headers = Object.fromEntries(
      Object.entries(action.headers ?? {}).map(([key, value]) => [key, fill(value, values)]),
    );
    const { body } = action;
    let answer: OutboundAnswer;
    try {
      answer = await this.client.send(url, {
        method: action.method,
        headers,
        ...(body ? { body: fill(body, values, bodyEncoder(body)) } : {}),
        timeoutMs: this.options.timeoutMs,
        maxRedirects: this.options.maxRedirects ?? 0,
      });
    } catch (error) {
      throw barrierError(error);
    }
    judge(name, action, answer);
    return answer;
  }
}

/** Throws unless the answer is the one that means yes. */
function judge(name: string, action: HttpAction, answer: OutboundAnswer): void {
  const { status } = answer;
  if (!statusMatches(action.expectStatus, status)) {
    const login = status === 401 || status === 403 ? ": check user and password" : "";
    const moved = status >= 300 && status < 400 ? ": it redirects; give the address it names" : "";
    const code = login ? "refused" : "unexpected_answer";
    throw new BarrierError(code, `${name}: the device answered ${status}${login}${moved}`);
  }
  const text = answer.body.toString("utf8");
  if (!bodyMatches(action.expectBody, text)) {
    throw new BarrierError("unexpected_answer", `${name}: the answer is not the expected one`);
  }
}

function barrierError(error: unknown): BarrierError {
  if (error instanceof BarrierError) return error;
  if (error instanceof OutboundError) return new BarrierError(CODES[error.code], error.message);
  return new BarrierError("unreachable", error instanceof Error ? error.message : String(error));
}
