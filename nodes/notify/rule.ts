import type { NodeDef } from "node-red";
import { ruleSchema } from "../../api/plategate/notifications/schemas";
import { templateProblems } from "../../adapters/notify/templates";
import { LANGUAGES, NOTICE_KINDS, type NotificationRule } from "../../core/notify/types";
import { numberField } from "../shared/kit";

export interface NotifyConfig extends NodeDef {
  store: string;
  site: string;
  channel: "email" | "telegram" | "webhook" | "mqtt";
  host: string;
  port: string | number;
  security: string;
  user: string;
  from: string;
  oauthUrl: string;
  oauthClient: string;
  apiUrl: string;
  url: string;
  topic: string;
  qos: string | number;
  ca: string;
  /** An address a line; "@th" or "@en" after it says the language. */
  recipients: string;
  language: string;
  picture: boolean;
  quietFrom: string;
  quietTo: string;
  digestMinutes: string | number;
  maxPerMinute: string | number;
  samePlateSeconds: string | number;
  subject: string;
  text: string;
  html: string;
}

export interface NotifySecrets {
  password?: string;
  token?: string;
  secret?: string;
  signingSecret?: string;
  clientSecret?: string;
  refreshToken?: string;
}

/**
 * The rule that a node's settings stand for: it tells of whatever reaches the node.
 * @throws Error naming the field that cannot be used
 */
export function ruleOf(
  config: NotifyConfig,
  secrets: NotifySecrets,
  timeZone: string,
): NotificationRule {
  const { subject, text, html } = config;
  const template = { ...filled({ subject, text, html }) };
  const given = {
    name: config.name || "notify",
    kinds: [...NOTICE_KINDS],
    channel: channelOf(config, secrets),
    recipients: recipientsOf(config),
    templates: Object.fromEntries(NOTICE_KINDS.map((kind) => [kind, template])),
    picture: config.picture,
    time_zone: timeZone,
    quiet_hours:
      config.quietFrom && config.quietTo ? { from: config.quietFrom, to: config.quietTo } : null,
    throttle: {
      max: numberField(config.maxPerMinute, 0),
      same_plate_seconds: numberField(config.samePlateSeconds, 0),
    },
    digest_minutes: numberField(config.digestMinutes, 0) || null,
  };
  const result = ruleSchema.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") ?? "settings"}: ${issue?.message ?? "wrong"}`);
  }
  const [problem] = templateProblems(result.data.templates);
  if (problem) throw new Error(`${problem.field}: ${problem.message}`);
  return { ...result.data, id: `node-${config.id}` };
}

function channelOf(config: NotifyConfig, secrets: NotifySecrets): object {
  const { password, token, secret, signingSecret, clientSecret, refreshToken } = secrets;
  switch (config.channel) {
    case "email":
      return filled({
        type: "email",
        host: config.host,
        port: numberField(config.port, 587),
        security: config.security,
        user: config.user,
        password,
        from: config.from,
        ca: config.ca,
        oauth2: refreshToken
          ? {
              client_id: config.oauthClient,
              client_secret: clientSecret ?? "",
              refresh_token: refreshToken,
              access_url: config.oauthUrl,
            }
          : null,
      });
    case "telegram":
      return filled({ type: "telegram", token, api_url: config.apiUrl });
    case "webhook":
      return filled({ type: "webhook", url: config.url, secret, signing_secret: signingSecret });
    case "mqtt":
      return filled({
        type: "mqtt",
        url: config.url,
        username: config.user,
        password,
        topic: config.topic,
        qos: numberField(config.qos, 1),
        ca: config.ca,
      });
  }
}

function recipientsOf({ channel, recipients, language }: NotifyConfig): object[] {
  if (channel === "webhook" || channel === "mqtt") return [filled({ address: "", language })];
  return (recipients ?? "")
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [address = "", own = ""] = line.split(/\s+@(?=\w+$)/);
      const known = LANGUAGES.some((one) => one === own);
      return filled({ address, language: known ? own : language });
    });
}

/** Without what is empty: the schema's defaults count there. */
function filled<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== "" && field !== undefined),
  ) as Partial<T>;
}
