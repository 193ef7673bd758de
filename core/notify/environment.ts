import {
  LANGUAGES,
  type Language,
  type NotificationRule,
  type NotificationRuleFields,
  type Recipient,
} from "./types";

/** Variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What reference 1 warns of: vehicles that may not pass. */
const ALERTS = ["unknown", "denied", "watch_hit"] as const;

/**
 * The rules that the variables of reference 1 stand for: `SMTP_…` with
 * `ALERT_EMAIL_RECIPIENTS`, `TELEGRAM_…`.
 * @param timeZone IANA name, for the times in messages
 * @throws Error naming the variable that cannot be
 */
export function rulesFromEnvironment(env: Variables, timeZone: string): NotificationRule[] {
  const rules: NotificationRule[] = [];
  const language = languageOf(env);
  const people = listOf(env.ALERT_EMAIL_RECIPIENTS);
  if (env.SMTP_SERVER && people.length > 0) {
    rules.push({
      ...alertRule("env-email", "Email alerts", recipients(people, language), timeZone),
      channel: {
        type: "email",
        host: env.SMTP_SERVER,
        port: portOf(env),
        security: securityOf(env),
        user: env.SMTP_USERNAME ?? "",
        password: env.SMTP_PASSWORD ?? "",
        from: env.SMTP_FROM || (env.SMTP_USERNAME ?? ""),
        oauth2: null,
        ca: "",
      },
    });
  }
  const chats = listOf(env.TELEGRAM_CHAT_IDS);
  if (env.TELEGRAM_BOT_TOKEN && chats.length > 0) {
    rules.push({
      ...alertRule("env-telegram", "Telegram alerts", recipients(chats, language), timeZone),
      channel: { type: "telegram", token: env.TELEGRAM_BOT_TOKEN, api_url: telegramUrl(env) },
    });
  }
  return rules;
}

/** What of a configured rule another one that uses its mail server needs. */
export type MailServer = Pick<NotificationRuleFields, "channel" | "recipients" | "time_zone">;

/**
 * The mail rule for addresses of one's own: over the server of `SMTP_…`.
 * @param other whose server is used where the environment names none
 * @returns null where no mail server is set, or nobody to send to
 * @throws Error naming the variable that cannot be
 */
export function mailRuleFor(
  addresses: readonly string[],
  env: Variables,
  other: MailServer | null = null,
): NotificationRule | null {
  if (addresses.length === 0) return null;
  if (env.SMTP_SERVER || !other) {
    const own = { ...env, ALERT_EMAIL_RECIPIENTS: addresses.join(","), TELEGRAM_BOT_TOKEN: "" };
    // its times are told in the machine's own zone
    return rulesFromEnvironment(own, machineZone())[0] ?? null;
  }
  const { channel, time_zone, recipients: known } = other;
  const to = recipients([...addresses], known[0]?.language ?? "en");
  return { ...alertRule("mail", "Mail", to, time_zone), channel };
}

function machineZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Where the Bot API is: TELEGRAM_API_URL for a server of one's own. */
export function telegramUrl(env: Variables): string {
  return env.TELEGRAM_API_URL || "https://api.telegram.org";
}

/** Parts of a list separated by commas. */
export function listOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function alertRule(
  id: string,
  name: string,
  to: Recipient[],
  timeZone: string,
): Omit<NotificationRule, "channel"> {
  return {
    id,
    name,
    enabled: true,
    kinds: [...ALERTS],
    reasons: [],
    lanes: [],
    cameras: [],
    recipients: to,
    templates: {},
    picture: true,
    time_zone: timeZone,
    quiet_hours: null,
    throttle: null,
    digest_minutes: null,
    retry_config: {},
  };
}

function recipients(addresses: string[], language: Language): Recipient[] {
  return addresses.map((address) => ({ address, language }));
}

function languageOf(env: Variables): Language {
  const wanted = env.ALERT_LANGUAGE || "en";
  const found = LANGUAGES.find((language) => language === wanted);
  if (!found) throw new Error(`ALERT_LANGUAGE must be one of ${LANGUAGES.join(", ")}`);
  return found;
}

function portOf(env: Variables): number {
  const port = Number(env.SMTP_PORT || 587);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`SMTP_PORT: "${env.SMTP_PORT}" is not a port`);
  }
  return port;
}

/** Port 465 speaks TLS from the first byte; elsewhere STARTTLS is required unless turned off. */
function securityOf(env: Variables): "starttls" | "tls" | "none" {
  const given = env.SMTP_SECURITY || (portOf(env) === 465 ? "tls" : "starttls");
  if (given === "starttls" || given === "tls" || given === "none") return given;
  throw new Error("SMTP_SECURITY must be starttls, tls or none");
}
