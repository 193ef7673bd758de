import type { Request } from "express";
import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../errors";
import { cookieOf, isCrossOrigin, principalOf, setPrincipal } from "../http/request";
import { may, type Access, type Principal } from "./permissions";
import type { AuthService, Credentials } from "./service";

/** The dashboard's cookie. */
export const SESSION_COOKIE = "plategate_session";

/** Nobody in particular: what a public operation sees of a caller without credentials. */
export const ANYONE: Principal = {
  kind: "public",
  id: "anyone",
  name: "anyone",
  role: null,
  permissions: new Set(),
  credentialId: null,
};

/** What the headers of a request show. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const apiKey = headers["x-api-key"];
  return {
    authorization: headers.authorization,
    apiKey: Array.isArray(apiKey) ? apiKey[0] : apiKey,
    session: cookieOf(headers.cookie, SESSION_COOKIE),
  };
}

/**
 * Finds out who a request comes from, remembers it for {@link requireRight}, and
 * refuses it where the right is missing.
 * @throws ApiError 401 (who are you), 403 (you may not)
 */
export async function authorize(
  auth: AuthService,
  request: Request,
  permission: Access,
  open = false,
): Promise<Principal> {
  const credentials = credentialsOf(request.headers);
  const principal = await auth.authenticate(credentials);
  if (principal) {
    const byCookie = !credentials.authorization && !credentials.apiKey;
    const changes = !["GET", "HEAD", "OPTIONS"].includes(request.method);
    // A cookie goes along with whatever page sends the request, a header does not.
    if (byCookie && changes && isCrossOrigin(request.headers)) {
      throw ApiError.forbidden("Requests from another site are refused");
    }
    setPrincipal(request, principal);
  }
  if (permission === "public" || open) return principal ?? ANYONE;
  if (!principal) throw ApiError.unauthenticated();
  if (!may(principal, permission)) throw ApiError.forbidden();
  return principal;
}

/**
 * The right, checked once more where the work is done: a flow whose guard was
 * taken out or wired past does not open the operation to everybody.
 * @param open the operation's dialect is open to callers without a credential
 */
export function requireRight(request: Request, permission: Access, open: boolean): Principal {
  const principal = principalOf(request);
  if (permission === "public" || open) return principal ?? ANYONE;
  if (!principal) throw ApiError.unauthenticated();
  if (!may(principal, permission)) throw ApiError.forbidden();
  return principal;
}
