import { z } from "zod";
import { knownSecrets, redact } from "../../../core/log/redact";
import { json, operation } from "../../operations";

/** Variables that set Plategate up, by what they are about. */
const GROUPS = {
  server:
    /^(PORT|LPR_(PORT|HOST|AUTH)|TRUST_PROXY|CORS_ORIGINS|RATE_LIMITS|BODY_TIMEOUT_SECONDS|DASHBOARD_TEMPLATES|LOG_(LEVEL|FORMAT)|OUTBOUND_DENY|PLATEGATE_(?!DEMO_)\w+)$/,
  storage: /^(DATABASE_URL|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY))$/,
  reading: /^((ENTRY|EXIT)_CAMERA_URL|ALPR_\w+)$/,
  access: /^(ACCESS_CONTROL_API_(URL|KEY)|BARRIER_\w+)$/,
  messages: /^(SMTP_\w+|ALERT_\w+|TELEGRAM_\w+|WEBHOOK_\w+)$/,
};
const groups = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

/** What the environment sets: it is changed where the program is started, not here. */
export const readEnvironment = operation({
  id: "plategate.settings.environment",
  permission: "system",
  summary: "What environment variables set, secrets masked",
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
            value: z.string().describe("secrets masked"),
          }),
        ),
        total: z.number().int(),
      }),
    },
  },
  handle() {
    const secrets = knownSecrets(process.env);
    const items = Object.entries(process.env)
      .flatMap(([name, value]) => {
        const group = groups.find((one) => GROUPS[one].test(name));
        if (!group || !value) return [];
        const shown = redact({ [name]: value }, secrets) as Record<string, string>;
        return [{ name, group, value: shown[name] ?? "" }];
      })
      .toSorted((a, b) => a.name.localeCompare(b.name));
    return json({ items, total: items.length });
  },
});
