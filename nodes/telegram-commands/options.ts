import { listOf, telegramUrl } from "../../core/notify/environment";
import { LANGUAGES, type Language } from "../../core/notify/types";

/** The node's settings as the editor saves them; what is empty is taken from the environment. */
export interface BotFields {
  apiUrl?: string;
  chats?: string;
  /** A line a person: `123456789 = guard`. */
  users?: string;
  language?: string;
}

export interface BotSettings {
  token: string;
  apiUrl: string;
  chats: ReadonlySet<string>;
  users: ReadonlyMap<string, string>;
  language: Language;
}

/**
 * Who may tell the bot what, from the node and where it leaves them empty from
 * TELEGRAM_BOT_TOKEN, TELEGRAM_COMMAND_CHATS, TELEGRAM_COMMAND_USERS, ALERT_LANGUAGE.
 * @returns null where nobody may
 * @throws Error naming what cannot be
 */
export function botSettings(
  fields: BotFields,
  token: string | undefined,
  env: NodeJS.ProcessEnv,
): BotSettings | null {
  const chats = listOf((fields.chats?.trim() || env.TELEGRAM_COMMAND_CHATS)?.replace(/\n/g, ","));
  const people = (fields.users?.trim() || env.TELEGRAM_COMMAND_USERS) ?? "";
  const users = new Map(listOf(people.replace(/\n/g, ",")).map(personOf));
  const used = token?.trim() || env.TELEGRAM_BOT_TOKEN?.trim() || "";
  if (chats.length === 0 && users.size === 0) return null;
  if (used === "") throw new Error("the bot's token is missing");
  if (chats.length === 0 || users.size === 0) {
    throw new Error("commands need both: the chats that are heard, and who may give them");
  }
  const wrong = chats.find((chat) => !/^-?\d{1,20}$/.test(chat));
  if (wrong !== undefined) throw new Error(`"${wrong}" is no chat id: these are numbers`);
  const language = LANGUAGES.find((one) => one === (fields.language || env.ALERT_LANGUAGE));
  const apiUrl = fields.apiUrl?.trim() || telegramUrl(env);
  return { token: used, apiUrl, chats: new Set(chats), users, language: language ?? "en" };
}

function personOf(text: string): [string, string] {
  const [, id, username] = /^(\d{1,20})\s*=\s*(\S+)$/.exec(text) ?? [];
  if (!id || !username) throw new Error(`"${text}" is not written as 123456789 = username`);
  return [id, username];
}
