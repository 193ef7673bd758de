import { issueGrant } from "../../adapters/grants/grants";
import type { BarrierRegistry } from "../../adapters/barriers/registry";
import type { MqttMessage } from "../../adapters/mqtt/session";
import type { BarrierHandle } from "../../core/barrier/ports";
import type { BarrierOutcome } from "../../core/messages";
import { COMMAND_MAX_AGE_MS, parseCommand, type SetCommand } from "../../core/mqtt/command";
import { barrierAt } from "../../core/mqtt/lanes";
import type { Topics } from "../../core/mqtt/topics";
import { nameOf } from "../auth/actor";
import { may } from "../auth/permissions";
import type { AuthService } from "../auth/service";
import { Throttle } from "../auth/throttle";

/**
 * Whose word moves a barrier: nobody's, that of a key or token in the message whose
 * owner has the right `barrier.move`, or the broker's, which lets only those publish
 * whom it knows.
 */
export const COMMAND_MODES = ["off", "key", "broker"] as const;
export type CommandMode = (typeof COMMAND_MODES)[number];

export interface CommandParts {
  auth: Pick<AuthService, "authenticate" | "audit">;
  barriers: Pick<BarrierRegistry, "get" | "places">;
  topics: Topics;
  mode: CommandMode;
  /** Who the broker's word stands for in the audit log, e.g. "mqtt:home". */
  actor: string;
  clock: () => number;
  log: (level: "warn" | "error", message: string) => void;
}

/** What comes back on `barrier/result`. */
export interface CommandReply {
  id: string | null;
  action: string | null;
  result: BarrierOutcome["result"];
  reason: string | null;
  state: string | null;
}

/** Refusals of a lane in a minute; what is beyond is not even looked at. */
const REFUSALS = 20;
const REFUSALS_MS = 60_000;
/** Refusals of all lanes in a minute. */
const ALL_REFUSALS = 60;
/** Commands that are checked or carried out at the same time. */
const AT_ONCE = 20;
/** Stands for all lanes that are none, and for all that are refused. */
const NO_LANE = "";
const ALL = "";
/** Ids of commands that were carried out. */
const REMEMBERED = 500;

/** A command that must not be carried out, with the reason for its sender and the audit log. */
class Refused extends Error {}

/** Carries out commands that come by MQTT, for those who may. */
export class MqttCommands {
  private readonly refusals = new Throttle(REFUSALS, REFUSALS_MS);
  private readonly allRefusals = new Throttle(ALL_REFUSALS, REFUSALS_MS);
  private underWay = 0;
  private readonly done = new Set<string>();

  constructor(private readonly parts: CommandParts) {}

  /** @param answer publishes the reply below the lane. Never rejects. */
  async take(
    message: MqttMessage,
    answer: (lane: string, reply: CommandReply) => void,
  ): Promise<void> {
    const lane = this.parts.topics.commandedLane(message.topic);
    if (lane === null || this.isDeaf(lane)) return;
    let command: SetCommand | null = null;
    const arrived = this.parts.clock();
    this.underWay += 1;
    try {
      if (this.underWay > AT_ONCE) throw new Refused("too many commands at the same time");
      command = this.read(message);
      answer(lane, await this.carryOut(lane, command, arrived));
    } catch (error) {
      if (!(error instanceof Refused || error instanceof RangeError)) {
        this.parts.log("error", `a command by MQTT failed: ${String(error)}`);
      }
      const known = error instanceof Refused || error instanceof RangeError;
      const reason = known ? error.message : "it could not be checked: try again";
      await this.refuse(lane, command, reason, answer);
    } finally {
      this.underWay -= 1;
    }
  }

  /** Whether so much was refused that nothing more is looked at for a while: not even a key. */
  private isDeaf(lane: string): boolean {
    const now = this.parts.clock();
    return this.allRefusals.wait(ALL, now) > 0 || this.refusals.wait(this.countedAs(lane), now) > 0;
  }

  /** Names that the sender makes up count as one. */
  private countedAs(lane: string): string {
    return barrierAt(this.parts.barriers.places(), lane) ? lane : NO_LANE;
  }

  private read({ payload, retained }: MqttMessage): SetCommand {
    if (this.parts.mode === "off") throw new Refused("commands are turned off");
    // it would be carried out at every start
    if (retained) throw new Refused("a command must not be retained");
    return parseCommand(payload.toString("utf8"), this.parts.clock());
  }

  private async carryOut(
    lane: string,
    command: SetCommand,
    arrived: number,
  ): Promise<CommandReply> {
    const { action, reason, id } = command;
    const actor = await this.actorOf(command);
    if (this.parts.clock() - arrived > COMMAND_MAX_AGE_MS) {
      throw new Refused("the command is too old: to check it took too long");
    }
    const { barriers } = this.parts;
    const meant = barrierAt(barriers.places(), lane);
    if (!meant) throw new Refused("there is no such barrier");
    const barrier = barriers.get(meant.id);
    if (!barrier) throw new Refused("the barrier is away");
    const known = id === null ? null : `${lane} ${id}`;
    if (known !== null && this.done.has(known)) {
      return replyOf(command, { result: "ignored", reason: "done already" }, barrier);
    }
    if (known !== null) this.remember(known);
    const grant = issueGrant({ action, subject: barrier.id, actor });
    // the barrier itself writes the audit line, whatever comes of it
    return replyOf(command, await barrier.command({ action, reason, actor, grant }), barrier);
  }

  /** @throws Refused where nobody's right is shown */
  private async actorOf({ key, token }: SetCommand): Promise<string> {
    const { auth, mode, actor } = this.parts;
    if (key === null && token === null) {
      if (mode === "broker") return actor;
      throw new Refused("no key in the message");
    }
    const principal = await auth.authenticate(
      key !== null ? { apiKey: key } : { authorization: `Bearer ${token ?? ""}` },
    );
    if (!principal) throw new Refused("the key is not good");
    if (!may(principal, "barrier.move")) throw new Refused("the key may not move barriers");
    return nameOf(principal);
  }

  private async refuse(
    lane: string,
    command: SetCommand | null,
    reason: string,
    answer: (lane: string, reply: CommandReply) => void,
  ): Promise<void> {
    const now = this.parts.clock();
    if (this.refusals.take(this.countedAs(lane), now) > 0) return;
    if (this.allRefusals.take(ALL, now) > 0) return;
    answer(lane, replyOf(command, { result: "refused", reason }, null));
    try {
      await this.parts.auth.audit({
        actor: this.parts.actor,
        organisation: null,
        action: `barrier.${command?.action ?? "command"}`,
        subject: `lane:${lane}`,
        purpose: command?.reason ?? null,
        result: "refused",
        address: null,
        requestId: null,
        detail: { by: "mqtt", why: reason },
      });
    } catch (error) {
      this.parts.log("error", `a refused command is missing in the audit log: ${String(error)}`);
    }
  }

  private remember(id: string): void {
    this.done.add(id);
    const [oldest] = this.done;
    if (this.done.size > REMEMBERED && oldest !== undefined) this.done.delete(oldest);
  }
}

function replyOf(
  command: SetCommand | null,
  { result, reason }: Pick<BarrierOutcome, "result" | "reason">,
  barrier: BarrierHandle | null,
): CommandReply {
  const { id = null, action = null } = command ?? {};
  return { id, action, result, reason, state: barrier?.state() ?? null };
}
