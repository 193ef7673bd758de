import { z } from "zod";
import { redactText } from "../../../core/log/redact";
import { json, operation } from "../../operations";

/** Variables that set Plategate up, by what they are about. */
const GROUPS = {
  server:
    /^(PORT|LPR_(PORT|HOST|AUTH)|TRUST_PROXY|CORS_ORIGINS|RATE_LIMITS|BODY_TIMEOUT_SECONDS|DASHBOARD_TEMPLATES|LOG_(LEVEL|FORMAT)|OUTBOUND_DENY|JWT_SECRET|PLATEGATE_(?!DEMO_)\w+)$/,
  storage: /^(DATABASE_URL|MODE|MINIO_\w+|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY))$/,
  reading:
    /^((ENTRY|EXIT)_CAMERA_URL|ALPR_\w+|FRAME_EXTRACTION_FPS|DETECTION_CONFIDENCE_THRESHOLD)$/,
  access: /^(ACCESS_CONTROL_API_(URL|KEY)|BARRIER_\w+)$/,
  messages: /^(SMTP_\w+|ALERT_\w+|TELEGRAM_\w+|WEBHOOK_\w+|MQTT_\w+)$/,
};
const groups = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

/** Those whose value may be seen. Of all others, also of ones to come, only that they are set. */
const SHOWN = new RegExp(
  `^(${[
    "PORT|LPR_(PORT|HOST|AUTH)|TRUST_PROXY|CORS_ORIGINS|RATE_LIMITS|BODY_TIMEOUT_SECONDS",
    "DASHBOARD_TEMPLATES|LOG_(LEVEL|FORMAT)|OUTBOUND_DENY|MODE|MINIO_(BUCKET|SECURE)",
    "PLATEGATE_(HOME|DEMO|PUBLIC_DIALECTS|LOG_LEVEL|FFMPEG|PICTURES|UPLOADS|HASH_UNKNOWN)",
    "PLATEGATE_(SPOOL_MB|OUTBOX_LIMIT|MAX_VIDEO_MB|MAX_UPLOADS_MB|RESERVE_MB)",
    "ALPR_MIN_CONFIDENCE|FRAME_EXTRACTION_FPS|DETECTION_CONFIDENCE_THRESHOLD",
    "BARRIER_(TYPE|(ENTRY|EXIT)_PIN|MODBUS_(PORT|HOST|TCP_PORT))",
    "SMTP_(SERVER|PORT|SECURITY|USERNAME|FROM)|ALERT_(LANGUAGE|EMAIL_RECIPIENTS)",
    "TELEGRAM_(CHAT_IDS|COMMAND_USERS|COMMAND_CHATS)|MQTT_(USERNAME|TOPIC|DISCOVERY|COMMANDS|CA)",
  ].join("|")})$`,
);
/** Those that hold an address: where it leads is shown, never what else it says. */
const ADDRESS = /(_URL|_ENDPOINT|PLATEGATE_PICTURES)$/;

interface Variable {
  name: string;
  group: keyof typeof GROUPS;
  /** null: it is set, and not shown. */
  value: string | null;
}

/** What the environment sets, by name. */
export function shownVariables(env: NodeJS.ProcessEnv): Variable[] {
  return Object.entries(env)
    .flatMap(([name, value]) => {
      const group = groups.find((one) => GROUPS[one].test(name));
      return group && value ? [{ name, group, value: shownValue(name, value) }] : [];
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function shownValue(name: string, value: string): string | null {
  if (ADDRESS.test(name) && (value.includes("://") || !SHOWN.test(name))) return addressOf(value);
  return SHOWN.test(name) ? redactText(value) : null;
}

/** Scheme and host alone: user, path and query may each hold a secret (cameras, webhooks). */
function addressOf(value: string): string | null {
  if (!URL.canParse(value)) return null;
  const { protocol, host, pathname, search } = new URL(value);
  const more = pathname.length > 1 || search !== "";
  return `${protocol}//${host}${more ? "/…" : ""}`;
}

/** What the environment sets: it is changed where the program is started, not here. */
export const readEnvironment = operation({
  id: "plategate.settings.environment",
  permission: "system",
  summary: "What environment variables set; values that may be secret are left out",
  method: "get",
  path: "/api/v1/settings/environment",
  input: {},
  replies: {
    200: {
      description: "The variables that are set",
      body: z.object({
        items: z.array(
          z.object({
            name: z.string(),
            group: z.enum(groups as [string, ...string[]]),
            value: z
              .string()
              .nullable()
              .describe("of addresses scheme and host; null = set, but not shown"),
          }),
        ),
        total: z.number().int(),
      }),
    },
  },
  handle() {
    const items = shownVariables(process.env);
    return json({ items, total: items.length });
  },
});
