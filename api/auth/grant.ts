import { z } from "zod";
import type { StartedLogin } from "./logins";
import type { AuthService } from "./service";

/** What a login of the API answers (reference 2), and its refresh token. */
export const grantSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.number().int().describe("seconds"),
    refresh_token: z.string().describe("good for one `POST /auth/refresh`"),
    refresh_expires_in: z.number().int().describe("seconds"),
  })
  .meta({ id: "Token" });

export async function grantOf(
  auth: AuthService,
  { user, session, secret }: StartedLogin,
): Promise<z.input<typeof grantSchema>> {
  const { token, expiresIn } = await auth.accessToken(user, session.familyId);
  return {
    access_token: token,
    token_type: "bearer",
    expires_in: expiresIn,
    refresh_token: secret,
    refresh_expires_in: Math.round((session.expiresAt - session.createdAt) / 1000),
  };
}
