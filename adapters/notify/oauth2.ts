import { z } from "zod";
import type { EmailOAuth2 } from "../../core/notify/types";
import { Outbound } from "../outbound/outbound";

const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().optional(),
});

/** A token is renewed this long before it ends. */
const MARGIN_MS = 60_000;

/** Access tokens from a refresh token (RFC 6749 §6), kept until they end. */
export class OAuth2Tokens {
  private readonly outbound = new Outbound();
  private token: { text: string; until: number } | null = null;

  constructor(private readonly client: EmailOAuth2) {}

  /** @param renew asks for a new one although the old one has not ended: it was refused */
  async get(renew: boolean): Promise<string> {
    if (this.token && !renew && this.token.until > Date.now()) return this.token.text;
    const answer = await this.outbound.send(this.client.access_url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: this.client.client_id,
        client_secret: this.client.client_secret,
        refresh_token: this.client.refresh_token,
      }).toString(),
    });
    if (answer.status !== 200) throw new Error(`no access token: HTTP ${answer.status}`);
    const { access_token: text, expires_in: seconds } = answerSchema.parse(
      JSON.parse(answer.body.toString()),
    );
    this.token = { text, until: Date.now() + (seconds ?? 3600) * 1000 - MARGIN_MS };
    return text;
  }

  close(): Promise<void> {
    return this.outbound.close();
  }
}
