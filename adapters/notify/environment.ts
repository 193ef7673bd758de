import { rulesFromEnvironment } from "../../core/notify/environment";
import type { Store } from "../store/store";
import { signingSecretProblem } from "../webhooks/signature";
import { EventWebhookTarget } from "../webhooks/event-target";
import { placeNames } from "./place-names";
import { openRule } from "./rule-targets";

/**
 * Opens what reference 1's variables ask for: alerts by mail and Telegram, and each
 * final event to `WEBHOOK_URL`.
 * @returns a function that takes them away again
 * @throws Error naming the variable that cannot be
 */
export function openEnvironment(
  store: Store,
  env: NodeJS.ProcessEnv,
  log: (level: "info" | "warn" | "error", message: string) => void,
): () => Promise<void> {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const names = placeNames(async () => (await store.open()).resources);
  const parts = { images: store.images, clock: Date.now, names, log };
  const rules = rulesFromEnvironment(env, timeZone).map((rule) =>
    openRule(store.outbox, rule, { events: true }, parts),
  );
  const closers = rules.map((rule) => () => rule.close());
  if (env.WEBHOOK_URL) {
    if (!URL.canParse(env.WEBHOOK_URL)) throw new Error("WEBHOOK_URL is no address");
    const problem = signingSecretProblem(env.WEBHOOK_SIGNING_SECRET ?? "");
    if (problem) throw new Error(`WEBHOOK_SIGNING_SECRET: ${problem}`);
    closers.push(
      store.outbox.register(
        new EventWebhookTarget("env-webhook", {
          url: env.WEBHOOK_URL,
          secret: env.WEBHOOK_SECRET ?? "",
          signingSecret: env.WEBHOOK_SIGNING_SECRET ?? "",
        }),
      ),
    );
  }
  return async () => {
    await Promise.all(closers.map((close) => close()));
  };
}
