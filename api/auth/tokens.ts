import { randomUUID } from "node:crypto";

/** Seconds an access token is good for (reference 2 shows 3600). */
export const TOKEN_TTL_S = 3600;

const ISSUER = "plategate";

/** jose is an ECMAScript module: it is imported, not required, on first use. */
const jose = () => import("jose");

export interface TokenClaims {
  userId: string;
  /** Grows when a user's tokens are revoked: older tokens are then worthless. */
  version: number;
  /** The login that it was given for: ends with it. */
  familyId: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

/** Signs and checks JSON Web Tokens (HS256). */
export class Tokens {
  private readonly key: Uint8Array;

  constructor(secret: string) {
    this.key = new TextEncoder().encode(secret);
  }

  /** @param now milliseconds since the epoch */
  async sign(claims: Omit<TokenClaims, "expiresAt">, now: number): Promise<string> {
    const { SignJWT } = await jose();
    const issued = Math.floor(now / 1000);
    return new SignJWT({ ver: claims.version, sid: claims.familyId, use: "access" })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(ISSUER)
      .setSubject(claims.userId)
      .setJti(randomUUID())
      .setIssuedAt(issued)
      .setExpirationTime(issued + TOKEN_TTL_S)
      .sign(this.key);
  }

  /**
   * @param now milliseconds since the epoch
   * @returns the claims of a good access token, else null
   */
  async verify(token: string, now: number): Promise<TokenClaims | null> {
    const { jwtVerify } = await jose();
    try {
      const { payload } = await jwtVerify(token, this.key, {
        issuer: ISSUER,
        algorithms: ["HS256"],
        currentDate: new Date(now),
      });
      const { use, sub, sid, exp, ver } = payload;
      if (use !== "access" || !sub || typeof sid !== "string" || !exp) return null;
      return { userId: sub, version: Number(ver), familyId: sid, expiresAt: exp };
    } catch {
      return null;
    }
  }
}
