/** What somebody asked the bot, of the Bot API's updates. */
export type BotRequest = {
  chat: string;
  /** Telegram's number of the person. */
  user: string;
  /** Their name, for people. */
  name: string;
} & (
  | { kind: "command"; command: string; argument: string; sentAt: number }
  /** A button that we sent was pressed. */
  | { kind: "press"; id: string; data: string; messageId: number | null }
);

/**
 * Reads an update: a command in a message, or a pressed button; null for all else, also
 * edited and forwarded messages.
 */
export function requestOf(update: unknown): BotRequest | null {
  const { message, callback_query: press } = objectOf(update);
  return press ? pressOf(objectOf(press)) : message ? commandOf(objectOf(message)) : null;
}

/** The number of an update; null where it has none. */
export function updateId(update: unknown): number | null {
  const { update_id: id } = objectOf(update);
  return typeof id === "number" && Number.isSafeInteger(id) ? id : null;
}

function commandOf(message: Loose): BotRequest | null {
  const { text, date, forward_date: forwarded, forward_origin: origin, via_bot: via } = message;
  const who = whoOf(message["chat"], message["from"]);
  if (!who || typeof text !== "string" || typeof date !== "number") return null;
  if (forwarded !== undefined || origin !== undefined || via !== undefined) return null;
  const [, command, argument = ""] = /^\/(\w{1,32})(?:@\w+)?(?:\s+([^]{0,200}))?$/.exec(text) ?? [];
  if (command === undefined) return null;
  const asked = { command: command.toLowerCase(), argument: argument.trim(), sentAt: date * 1000 };
  return { ...who, kind: "command", ...asked };
}

function pressOf({ id, data, message, from }: Loose): BotRequest | null {
  const { chat, message_id: messageId } = objectOf(message);
  const who = whoOf(chat, from);
  if (!who || typeof id !== "string" || typeof data !== "string") return null;
  return {
    ...who,
    kind: "press",
    id,
    data: data.slice(0, 64),
    messageId: typeof messageId === "number" ? messageId : null,
  };
}

type Loose = Record<string, unknown>;

function objectOf(value: unknown): Loose {
  return typeof value === "object" && value !== null ? (value as Loose) : {};
}

function whoOf(chat: unknown, from: unknown): Pick<BotRequest, "chat" | "user" | "name"> | null {
  const { id: chatId } = objectOf(chat);
  const { id: userId, is_bot: bot, first_name: first, last_name: last } = objectOf(from);
  if (typeof chatId !== "number" || typeof userId !== "number" || bot === true) return null;
  const names = [first, last].filter((one) => typeof one === "string");
  return { chat: String(chatId), user: String(userId), name: names.join(" ").slice(0, 80) };
}
