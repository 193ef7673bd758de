import type { TelegramChannel } from "../../core/notify/types";
import type { Outcome } from "../../core/outbox/types";
import { outcomeOfError } from "../outbound/outcome";
import type { ChannelSender, OutgoingMessage } from "./channels";
import { TelegramApi, type TelegramAnswer } from "./telegram-api";

/** The Bot API's bounds, in characters. */
const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

/** Messages and photos to one chat each. */
export class TelegramSender implements ChannelSender {
  private readonly api: TelegramApi;

  constructor(channel: TelegramChannel) {
    this.api = new TelegramApi(channel);
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<Outcome> {
    const text = message.notices.map(({ rendered }) => rendered.chat).join("\n\n");
    const picture = message.notices.find((one) => one.picture !== null)?.picture ?? null;
    const chat = message.recipient.address;
    try {
      if (picture) {
        const answer = await this.photo(chat, text, picture, signal);
        // a picture that Telegram does not like must not cost the message
        if (answer.status !== 400 || !/photo|image/i.test(answer.description)) {
          return outcomeOf(answer);
        }
      }
      const parameters = { chat_id: chat, text: cut(text, MAX_TEXT), parse_mode: "HTML" };
      return outcomeOf(await this.api.call("sendMessage", parameters, { signal }));
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  close(): Promise<void> {
    return this.api.close();
  }

  private photo(
    chat: string,
    text: string,
    data: Buffer,
    signal: AbortSignal,
  ): Promise<TelegramAnswer> {
    const parameters = { chat_id: chat, caption: cut(text, MAX_CAPTION), parse_mode: "HTML" };
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

/** Cuts between characters and never inside an entity (`&lt;`). */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/&[#\w]*$/, "")}…`;
}
