import { createHmac } from "node:crypto";

export interface WebhookSecrets {
  /** Sent as it is in `X-Webhook-Secret` (reference 1), and signs `X-Hub-Signature-256`. */
  secret: string;
  /** Of Standard Webhooks: `whsec_…`, several separated by spaces during a rotation. */
  signingSecret: string;
}

/**
 * The headers by which a receiver knows that a webhook is ours: Standard Webhooks
 * (`webhook-id`, `webhook-timestamp`, `webhook-signature`), and with a plain secret
 * those of reference 1 and of GitHub's kind.
 * @param now ms since the epoch: the time of this try
 */
export function webhookHeaders(
  id: string,
  body: string | Buffer,
  secrets: WebhookSecrets,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const keys = signingKeys(secrets);
  const signed = [`${id}.${timestamp}.`, body];
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(keys.length > 0
      ? { "webhook-signature": keys.map((key) => `v1,${hmac(key, signed, "base64")}`).join(" ") }
      : {}),
    ...(secrets.secret
      ? {
          "x-webhook-secret": secrets.secret,
          "x-hub-signature-256": `sha256=${hmac(Buffer.from(secrets.secret), [body], "hex")}`,
        }
      : {}),
  };
}

/**
 * What is wrong with a signing secret, or null: a key that is no base64 would sign with
 * fewer bytes than it seems, or with none.
 */
export function signingSecretProblem(secret: string): string | null {
  const bad = secret
    .split(/\s+/)
    .filter((one) => one.startsWith("whsec_"))
    .some((one) => !/^[\w+/-]{2,}={0,2}$/.test(one.slice(6)));
  return bad ? "whsec_ must be followed by a key in base64" : null;
}

/** Secrets of Standard Webhooks are base64; any other text signs by its bytes. */
function signingKeys({ secret, signingSecret }: WebhookSecrets): Buffer[] {
  const given = (signingSecret || secret).split(/\s+/).filter((one) => one !== "");
  return given.map((one) =>
    one.startsWith("whsec_") ? Buffer.from(one.slice(6), "base64") : Buffer.from(one),
  );
}

function hmac(key: Buffer, parts: (string | Buffer)[], encoding: "base64" | "hex"): string {
  const made = createHmac("sha256", key);
  for (const part of parts) made.update(part);
  return made.digest(encoding);
}
