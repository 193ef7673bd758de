import { randomBytes } from "node:crypto";
import { issueGrant } from "../../adapters/grants/grants";
import type { BarrierRegistry } from "../../adapters/barriers/registry";
import type { TelegramApi } from "../../adapters/notify/telegram-api";
import type { AccessRepository } from "../../core/access/ports";
import type { BarrierHandle } from "../../core/barrier/ports";
import type { Language } from "../../core/notify/types";
import { requestOf, type BotRequest } from "../../core/telegram/updates";
import { may, type Permission, type Principal } from "../auth/permissions";
import type { AuthService } from "../auth/service";
import { Throttle } from "../auth/throttle";
import { BOT_TEXTS } from "./texts";

export interface BotParts {
  api: Pick<TelegramApi, "call">;
  auth: Pick<AuthService, "users" | "principalOf" | "audit">;
  barriers: Pick<BarrierRegistry, "list" | "get">;
  access: Pick<AccessRepository, "state" | "settings">;
  siteId: string;
  language: Language;
  /** Chats in which the bot listens. */
  chats: ReadonlySet<string>;
  /** Telegram's number of a person → the user of Plategate whose rights count. */
  users: ReadonlyMap<string, string>;
  clock: () => number;
}

/** A command, and a question that waits for its answer, is good for so long (ms). */
export const GOOD_FOR_MS = 30_000;
const MAX_QUESTIONS = 100;
/** Refusals of a person in a minute that are answered and written down. */
const REFUSALS = 5;

interface Question {
  chat: string;
  user: string;
  barrierId: string;
  askedAt: number;
}

type Command = Extract<BotRequest, { kind: "command" }>;
type Press = Extract<BotRequest, { kind: "press" }>;

/** Why somebody is not served; for the audit log. */
class Refused extends Error {}

/** It was carried out, and only the answer did not get through. */
class Unsaid extends Error {}

/**
 * Answers `/status` and `/open` of those who may: in a listed chat, from a listed person,
 * with the rights that the user of Plategate has at that moment. A gate opens when the
 * same person confirms within 30 s.
 */
export class TelegramCommands {
  private readonly questions = new Map<string, Question>();
  private readonly refusals = new Throttle(REFUSALS, 60_000);

  constructor(private readonly parts: BotParts) {}

  /** Rejects where Telegram or the database does not answer. */
  async take(update: unknown): Promise<void> {
    const request = requestOf(update);
    if (!request) return;
    try {
      if (request.kind === "press") await this.press(request);
      else await this.command(request);
    } catch (error) {
      if (error instanceof Refused) return await this.refuse(request, error.message);
      if (!(error instanceof Unsaid)) await this.sayFailed(request);
      throw error;
    }
  }

  /** Whoever waits for an answer hears that there is none to come, where Telegram is there. */
  private async sayFailed(request: BotRequest): Promise<void> {
    if (!this.parts.chats.has(request.chat)) return;
    const { failed } = this.texts;
    const told =
      request.kind === "press" ? this.answer(request, failed) : this.say(request.chat, failed);
    await told.catch(() => undefined); // the first trouble is the one to tell
  }

  private get texts() {
    return BOT_TEXTS[this.parts.language];
  }

  private async command(request: Command): Promise<void> {
    const { command, sentAt } = request;
    if (!["status", "open", "help", "start"].includes(command)) return;
    const right: Permission = command === "open" ? "barrier.move" : "events.read";
    await this.principalOf(request, right);
    if (this.parts.clock() - sentAt > GOOD_FOR_MS) {
      await this.audit(request, command, "the command is too old");
      await this.say(request.chat, this.texts.tooOld);
    } else if (command === "status") await this.status(request.chat);
    else if (command === "open") await this.ask(request);
    else await this.say(request.chat, this.texts.help);
  }

  /** Asks which gate, or whether it is meant. */
  private async ask({ chat, user, argument }: Command): Promise<void> {
    const all = this.parts.barriers.list();
    const wanted = argument === "" ? all : all.filter((one) => isCalled(one, argument));
    if (wanted.length === 0) return this.say(chat, this.texts.noBarrier);
    const buttons = wanted.slice(0, 20).map((barrier) => {
      const nonce = this.remember({ chat, user, barrierId: barrier.id });
      const text = wanted.length === 1 ? this.texts.open : `${this.texts.open} ${barrier.name}`;
      return [{ text, callback_data: `open:${nonce}` }];
    });
    const [only] = wanted;
    const text = wanted.length === 1 ? this.texts.sure(only?.name ?? "") : this.texts.which;
    const cancel = [{ text: this.texts.cancel, callback_data: "cancel" }];
    await this.say(chat, text, { inline_keyboard: [...buttons, cancel] });
  }

  private async press(request: Press): Promise<void> {
    const { chat, user, data } = request;
    const principal = await this.principalOf(request, "barrier.move");
    const nonce = data.startsWith("open:") ? data.slice(5) : null;
    const question = nonce === null ? null : (this.questions.get(nonce) ?? null);
    if (question && (question.chat !== chat || question.user !== user)) {
      throw new Refused("somebody else was asked");
    }
    this.forget(chat, user);
    if (nonce === null) return this.answer(request, this.texts.cancelled);
    const fresh = question && this.parts.clock() - question.askedAt <= GOOD_FOR_MS;
    const barrier = fresh ? this.parts.barriers.get(question.barrierId) : undefined;
    if (!barrier) {
      await this.audit(request, "open", "the question was over");
      return this.answer(request, this.texts.over);
    }
    await this.open(request, barrier, principal);
  }

  private async open(request: Press, barrier: BarrierHandle, { name }: Principal): Promise<void> {
    const action = "open";
    const reason = `by Telegram: ${request.name || request.user}`;
    const grant = issueGrant({ action, subject: barrier.id, actor: name });
    // the barrier itself writes the audit line, whatever comes of it
    const outcome = await barrier.command({ action, reason, actor: name, grant });
    const text = this.texts.outcomes[outcome.result](barrier.name);
    const why = outcome.result === "done" ? null : this.texts.reasons[outcome.reason ?? ""];
    await this.answer(request, why ? `${text}: ${why}` : text).catch((error: unknown) => {
      throw new Unsaid(error instanceof Error ? error.message : String(error));
    });
  }

  private async status(chat: string): Promise<void> {
    const { barriers, access, siteId } = this.parts;
    const [state, settings] = await Promise.all([access.state(siteId), access.settings()]);
    const { texts } = this;
    const inside = [...state.presences.values()].filter((presence) => presence.inside).length;
    const limit = settings.occupancyLimit === null ? "" : ` / ${settings.occupancyLimit}`;
    const gates = barriers.list().map((barrier) => {
      const status = barrier.status();
      const trouble = status.trouble ? ` ⚠️ ${status.trouble}` : "";
      return `• ${barrier.name}: ${texts.states[status.state] ?? status.state}${trouble}`;
    });
    const mode = texts.modes[state.mode];
    const lines = [...(mode ? [mode] : []), `${texts.status}:`, ...gates];
    await this.say(chat, [...lines, `${texts.inside}: ${inside}${limit}`].join("\n"));
  }

  /**
   * Whose rights count; asked anew each time, so that a right that was taken is gone.
   * @throws Refused where there is no such person, or the right is missing
   */
  private async principalOf(request: BotRequest, right: Permission): Promise<Principal> {
    const { auth, chats, users } = this.parts;
    if (!chats.has(request.chat)) throw new Refused("the chat is not listed");
    const username = users.get(request.user);
    if (username === undefined) throw new Refused("the person is not listed");
    const user = await auth.users.find(username).catch(() => null);
    if (!user?.active || user.username.toLowerCase() !== username.toLowerCase()) {
      throw new Refused("there is no such user, or it is locked");
    }
    const principal = await auth.principalOf(user, null);
    if (!may(principal, right)) throw new Refused(`${username} lacks the right ${right}`);
    return principal;
  }

  /** Strangers in other chats get no answer: the bot is not there for them. */
  private async refuse(request: BotRequest, why: string): Promise<void> {
    if (this.refusals.take(`${request.chat} ${request.user}`, this.parts.clock()) > 0) return;
    await this.audit(request, request.kind === "press" ? "open" : request.command, why);
    if (!this.parts.chats.has(request.chat)) return;
    if (request.kind === "press") await this.toast(request, this.texts.notYou);
    else await this.say(request.chat, this.texts.notYou);
  }

  /** What was refused before it reached a barrier, which writes the rest. */
  private audit({ chat, user, name }: BotRequest, command: string, why: string): Promise<void> {
    return this.parts.auth.audit({
      actor: `telegram:${user}`,
      organisation: null,
      action: command === "open" ? "barrier.open" : `telegram.${command}`,
      subject: null,
      purpose: null,
      result: "refused",
      address: null,
      requestId: null,
      detail: { by: "telegram", chat, name, why },
    });
  }

  private remember(question: Omit<Question, "askedAt">): string {
    const nonce = randomBytes(16).toString("base64url");
    this.questions.set(nonce, { ...question, askedAt: this.parts.clock() });
    const [oldest] = this.questions.keys();
    if (this.questions.size > MAX_QUESTIONS && oldest !== undefined) this.questions.delete(oldest);
    return nonce;
  }

  /** One answer ends all that this person was asked here. */
  private forget(chat: string, user: string): void {
    for (const [nonce, question] of this.questions) {
      if (question.chat === chat && question.user === user) this.questions.delete(nonce);
    }
  }

  private async say(chat: string, text: string, markup?: object): Promise<void> {
    const keyboard = markup ? { reply_markup: markup } : {};
    await this.call("sendMessage", { chat_id: chat, text, ...keyboard });
  }

  /** Puts what came of it in the question's place: its buttons are gone. */
  private async answer(request: Press, text: string): Promise<void> {
    await this.toast(request, "");
    const { chat, messageId } = request;
    if (messageId === null) return this.say(chat, text);
    await this.call("editMessageText", { chat_id: chat, message_id: messageId, text });
  }

  private async call(method: string, parameters: Record<string, unknown>): Promise<void> {
    const { ok, description } = await this.parts.api.call(method, parameters);
    if (!ok) throw new Error(`Telegram: ${description}`);
  }

  /** Ends the button's waiting; Telegram forgets old ones, which is no harm. */
  private async toast({ id }: Press, text: string): Promise<void> {
    await this.parts.api.call("answerCallbackQuery", { callback_query_id: id, text });
  }
}

function isCalled({ id, name, laneId }: BarrierHandle, wanted: string): boolean {
  const given = wanted.toLowerCase();
  return [id, name, laneId].some((one) => one?.toLowerCase() === given);
}
