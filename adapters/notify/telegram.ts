import type { TelegramChannel } from "../../core/notify/types";
import type { Outcome } from "../../core/outbox/types";
import { outcomeOfError } from "../outbound/outcome";
import type { ChannelSender, OutgoingMessage } from "./channels";
import { TelegramApi, type TelegramAnswer } from "./telegram-api";

/** The Bot API's bounds, in characters. */
const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

/** Stands for the picture among what has arrived. */
const PICTURE = "picture";
/** Messages of which a part has arrived are remembered up to so many. */
const MAX_UNFINISHED = 100;
/** Between the notices of one message. */
const GAP = "\n\n";

/** Messages and photos to one chat each. */
export class TelegramSender implements ChannelSender {
  private readonly api: TelegramApi;
  /** What has arrived of messages whose rest must be tried again, by the message's id. */
  private readonly arrived = new Map<string, Set<string>>();

  /** Ids that Telegram gave chats anew, by the ids that are configured. */
  private readonly moved = new Map<string, string>();

  constructor(channel: TelegramChannel) {
    this.api = new TelegramApi(channel);
  }

  /** As many messages as it takes: a digest is parted between its notices. */
  async send(message: OutgoingMessage, signal: AbortSignal): Promise<Outcome> {
    const arrived = this.arrived.get(message.id) ?? new Set<string>();
    const outcome = await this.sendParts(message, arrived, signal).catch(outcomeOfError);
    this.arrived.delete(message.id);
    if (outcome.result !== "delivered") this.arrived.set(message.id, arrived);
    const [oldest] = this.arrived.keys();
    if (this.arrived.size > MAX_UNFINISHED && oldest !== undefined) this.arrived.delete(oldest);
    return outcome;
  }

  private async sendParts(
    message: OutgoingMessage,
    arrived: Set<string>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const chat = message.recipient.address;
    const { picture, caption, texts } = partsOf(message);
    const waiting = [...texts];
    if (picture && !arrived.has(PICTURE)) {
      const answer = await this.to(chat, (id) => this.photo(id, caption, picture, signal));
      // a picture that Telegram does not like must not cost the message
      const disliked = answer.status === 400 && /photo|image/i.test(answer.description);
      if (!answer.ok && !disliked) return outcomeOf(answer);
      if (disliked && caption !== "") waiting.unshift(caption);
      else arrived.add(PICTURE);
    }
    for (const [i, text] of waiting.entries()) {
      const part = `${i} ${text}`;
      if (arrived.has(part)) continue;
      const answer = await this.to(chat, (id) => {
        const parameters = { chat_id: id, text, parse_mode: "HTML" };
        return this.api.call("sendMessage", parameters, { signal });
      });
      if (!answer.ok) return outcomeOf(answer);
      arrived.add(part);
    }
    return { result: "delivered" };
  }

  close(): Promise<void> {
    return this.api.close();
  }

  /** A group that became a supergroup has another id, which Telegram names in its refusal. */
  private async to(
    chat: string,
    call: (id: string) => Promise<TelegramAnswer>,
  ): Promise<TelegramAnswer> {
    const answer = await call(this.moved.get(chat) ?? chat);
    if (answer.ok || answer.movedTo === null) return answer;
    this.moved.set(chat, answer.movedTo);
    return call(answer.movedTo);
  }

  private photo(
    chat: string,
    text: string,
    data: Buffer,
    signal: AbortSignal,
  ): Promise<TelegramAnswer> {
    const parameters = { chat_id: chat, caption: text, parse_mode: "HTML" };
    return this.api.upload(
      "sendPhoto",
      parameters,
      { field: "photo", name: "plate.jpg", data },
      { signal },
    );
  }
}

/**
 * Too many requests, a wrong token and Telegram's own trouble leave the message
 * waiting; a chat that is not there or has blocked the bot is an answer to it.
 */
function outcomeOf(answer: TelegramAnswer): Outcome {
  if (answer.ok) return { result: "delivered" };
  const { status, retryAfter } = answer;
  const error = `Telegram: ${answer.description}`;
  if (status === 400 || status === 403) return { result: "failed", error };
  return {
    result: "unavailable",
    error,
    ...(retryAfter === null ? {} : { retryAfterMs: retryAfter * 1000 }),
  };
}

/** The first picture with its notice under it, where that is short enough, and what is left to say. */
function partsOf({ notices }: OutgoingMessage): {
  picture: Buffer | null;
  caption: string;
  texts: string[];
} {
  const chats = notices.map(({ rendered }) => rendered.chat);
  const shown = notices.findIndex(({ picture }) => picture !== null);
  const picture = notices[shown]?.picture ?? null;
  const all = chats.join(GAP);
  if (picture && all.length <= MAX_CAPTION) return { picture, caption: all, texts: [] };
  const caption = picture ? (chats[shown] ?? "") : "";
  if (caption === "" || caption.length > MAX_CAPTION) {
    return { picture, caption: "", texts: joined(chats) };
  }
  return { picture, caption, texts: joined(chats.toSpliced(shown, 1)) };
}

/** Notices in as few messages as hold them; none is parted, a single one that is too long is cut. */
function joined(chats: readonly string[]): string[] {
  const texts: string[] = [];
  for (const chat of chats.map((one) => cut(one, MAX_TEXT))) {
    const longer = [...texts.slice(-1), chat].join(GAP);
    if (texts.length > 0 && longer.length <= MAX_TEXT) texts[texts.length - 1] = longer;
    else texts.push(chat);
  }
  return texts;
}

/** Cuts between characters and never inside an entity (`&lt;`). */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/&[#\w]*$/, "")}…`;
}
