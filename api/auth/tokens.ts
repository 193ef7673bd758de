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
  /** Unique per token. */
  tokenId: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

/** Signs and checks JSON Web Tokens (HS256). */
export class Tokens {
  private readonly key: Uint8Array;

  constructor(secret: string) {
    this.key = new TextEncoder().encode(secret);
  }

  async sign(userId: string, version: number, ttlS = TOKEN_TTL_S): Promise<string> {
    const { SignJWT } = await jose();
    return new SignJWT({ ver: version, use: "access" })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(ISSUER)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + ttlS)
      .sign(this.key);
  }

  /** @returns the claims of a good access token, else null */
  async verify(token: string): Promise<TokenClaims | null> {
    const { jwtVerify } = await jose();
    try {
      const { payload } = await jwtVerify(token, this.key, {
        issuer: ISSUER,
        algorithms: ["HS256"],
      });
      if (payload.use !== "access" || !payload.sub || !payload.jti || !payload.exp) return null;
      const version = Number(payload.ver);
      return { userId: payload.sub, version, tokenId: payload.jti, expiresAt: payload.exp };
    } catch {
      return null;
    }
  }
}
