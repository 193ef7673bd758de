import type { DecisionResult, ReasonCode } from "../messages";

/** What somebody can be told of. */
export const NOTICE_KINDS = [
  /** A passage for which the gate opened. */
  "allowed",
  /** A vehicle on no list that was refused. */
  "unknown",
  /** A known vehicle that was refused. */
  "denied",
  /** A person must look. */
  "review",
  /** A passage without a decision: a camera without a gate, or ingested. */
  "recorded",
  "watch_hit",
  /** What a barrier did or failed to do. */
  "barrier",
  /** A text that a flow made. */
  "message",
  "test",
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export const LANGUAGES = ["en", "th"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What is told, in plain values: all that templates see. */
export interface Notice {
  kind: NoticeKind;
  /** ms since the epoch */
  at: number;
  eventId: string | null;
  plate: string | null;
  laneId: string | null;
  cameraId: string | null;
  decision: DecisionResult | null;
  reason: ReasonCode | null;
  /** 0..1 */
  confidence: number | null;
  region: string | null;
  direction: string | null;
  vehiclePlate: string | null;
  /** Of a watch entry, a barrier's trouble, or a flow's own text. */
  text: string | null;
  barrierId: string | null;
}

export interface EmailChannel {
  type: "email";
  host: string;
  port: number;
  /** "starttls" refuses to go on without it; "tls" from the first byte; "none" for a closed network. */
  security: "starttls" | "tls" | "none";
  user: string;
  password: string;
  from: string;
  oauth2: EmailOAuth2 | null;
  /** PEM of the authority that signed the server's certificate, where it is a private one. */
  ca: string;
}

/** Login by a token that is renewed with the refresh token. */
export interface EmailOAuth2 {
  client_id: string;
  client_secret: string;
  refresh_token: string;
  /** Where tokens are renewed. */
  access_url: string;
}

export interface TelegramChannel {
  type: "telegram";
  token: string;
  /** Of the Bot API; another one for a server of one's own. */
  api_url: string;
}

export interface WebhookChannel {
  type: "webhook";
  url: string;
  headers: Record<string, string>;
  /** Sent as it is in `X-Webhook-Secret` (reference 1), and signs `X-Hub-Signature-256`. */
  secret: string;
  /** Of Standard Webhooks: `whsec_…`; several, separated by spaces, during a rotation. */
  signing_secret: string;
}

export interface MqttChannel {
  type: "mqtt";
  /** mqtt:// or mqtts:// */
  url: string;
  username: string;
  password: string;
  topic: string;
  qos: 0 | 1 | 2;
  ca: string;
}

export type Channel = EmailChannel | TelegramChannel | WebhookChannel | MqttChannel;

/** Of one kind; a part that is missing is the built-in one. */
export interface Template {
  subject?: string | undefined;
  text?: string | undefined;
  html?: string | undefined;
}

export interface QuietHours {
  /** "22:00" by the rule's time zone. */
  from: string;
  to: string;
  /** Monday = 1 … Sunday = 7 on which quiet hours begin; empty: each day. */
  days: number[];
  /** Told also then. */
  except: NoticeKind[];
}

export interface Throttle {
  /** At most so many … */
  max: number;
  /** … in this time; what is beyond is counted, and said with the next. */
  per_seconds: number;
  /** The same plate again within this time is left out; 0: never. */
  same_plate_seconds: number;
}

export interface Recipient {
  /** Email address or chat id; empty for webhook and MQTT. */
  address: string;
  language: Language;
}

/** Who is told of what, how and when, as it travels and is stored. */
export interface NotificationRuleFields {
  name: string;
  enabled: boolean;
  kinds: NoticeKind[];
  /** Empty lists: all. */
  reasons: ReasonCode[];
  lanes: string[];
  cameras: string[];
  channel: Channel;
  recipients: Recipient[];
  templates: Partial<Record<NoticeKind, Template>>;
  /** With the picture of the plate. */
  picture: boolean;
  /** IANA name; of the times in messages and of quiet hours. */
  time_zone: string;
  quiet_hours: QuietHours | null;
  throttle: Throttle | null;
  /** Gathers notices and sends them together each so many minutes; null: at once. */
  digest_minutes: number | null;
  retry_config: Record<string, unknown>;
}

export interface NotificationRule extends NotificationRuleFields {
  id: string;
}
