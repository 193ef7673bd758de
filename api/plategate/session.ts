import { z } from "zod";
import { SESSION_COOKIE } from "../auth/guard";
import { loginSchema } from "../engine/token";
import { callerOf } from "../http/caller";
import { cookieOf } from "../http/request";
import { operation } from "../operations";
import { smallPage } from "./small-page";

/** The page on which people log in to the dashboard. */
export const loginPage = operation({
  id: "plategate.login_page",
  permission: "public",
  summary: "Login page of the dashboard",
  method: "get",
  path: "/login",
  input: {},
  replies: { 200: { description: "The page", contentType: "text/html" } },
  async handle() {
    return {
      status: 200,
      headers: {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy":
          "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
      },
      body: await smallPage("login"),
    };
  },
});

/** Log in to the dashboard: sets the session cookie. */
export const login = operation({
  id: "plategate.login",
  permission: "public",
  summary: "Log in to the dashboard",
  method: "post",
  path: "/auth/session",
  input: { body: loginSchema },
  replies: {
    200: {
      description: "Logged in; the session is in the cookie",
      body: z.object({ username: z.string(), role: z.string() }),
    },
  },
  async handle({ request, services }, { body }) {
    const caller = callerOf(request);
    const { logins } = services.auth;
    const user = await logins.check(body.username, body.password, caller);
    const { secret, session } = await logins.start(user, "dashboard", caller);
    return {
      status: 200,
      headers: { "Set-Cookie": cookie(secret, new Date(session.expiresAt), request.secure) },
      body: { username: user.username, role: user.role },
    };
  },
});

/** Log out: ends the session on the server and clears the cookie. */
export const logout = operation({
  id: "plategate.logout",
  permission: "public",
  summary: "Log out of the dashboard",
  method: "delete",
  path: "/auth/session",
  input: {},
  replies: { 204: { description: "Logged out" } },
  async handle({ request, services }) {
    const secret = cookieOf(request.headers.cookie, SESSION_COOKIE);
    if (secret) await services.auth.logins.endBySecret(secret);
    return { status: 204, headers: { "Set-Cookie": cookie("", new Date(0), request.secure) } };
  },
});

function cookie(value: string, expires: Date, secure: boolean): string {
  const parts = [
    `${SESSION_COOKIE}=${value}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Strict",
    `Expires=${expires.toUTCString()}`,
  ];
  if (secure) parts.push("Secure");
  return parts.join("; ");
}
