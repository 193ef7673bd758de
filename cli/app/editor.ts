import type { RequestHandler } from "express";
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { may, type Principal } from "../../api/auth/permissions";
import type { AuthService } from "../../api/auth/service";

interface EditorUser {
  username: string;
  permissions: "*";
  /** Node-RED hands it to the editor in place of a token of its own. */
  token?: string;
}

/**
 * The editor's login: the same users, of whom those may who have the right `system`.
 * Its token is a session of ours, so that it ends with a lock, a new role, a new
 * password or a logout; Node-RED's own would live on for a week.
 */
export function editorAuth(auth: () => AuthService): Record<string, unknown> {
  const editorUser = (principal: Principal | null): EditorUser | null =>
    principal && may(principal, "system") ? { username: principal.name, permissions: "*" } : null;
  return {
    type: "credentials",
    users: () => Promise.resolve(null), // nobody has a token of Node-RED's
    authenticate: async (username: string, password: string): Promise<EditorUser | null> => {
      const caller = { address: "editor" }; // Node-RED does not say from where
      try {
        const user = await auth().logins.check(username, password, caller);
        const known = editorUser(await auth().principalOf(user, null));
        if (!known) return null;
        const { secret } = await auth().logins.start(user, "editor", caller);
        return { ...known, token: secret };
      } catch {
        return null;
      }
    },
    tokens: async (token: string): Promise<EditorUser | null> => {
      try {
        return editorUser(await auth().byEditorToken(token));
      } catch {
        return null; // the database is away: nobody is let in
      }
    },
    default: () => Promise.resolve(null),
  };
}

/** Ends the session when somebody logs out of the editor: Node-RED only forgets its own tokens. */
export function editorLogout(auth: () => AuthService): RequestHandler {
  return (request, _response, next) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (request.method !== "POST" || request.path !== "/auth/revoke" || !token) return next();
    auth()
      .logins.endBySecret(token)
      .then(() => next(), next);
  };
}

/**
 * Cuts the editors' live connections when somebody's rights change; those who still
 * may are back within seconds, the others are not let in.
 * @param path of the editor's socket, e.g. "/admin/comms"
 */
export function cutEditorsOnChange(server: Server, auth: AuthService, path: string): () => void {
  const sockets = new Set<Duplex>();
  server.on("upgrade", ({ url }, socket) => {
    if (url?.split("?")[0] !== path) return;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return auth.onChange((what) => {
    if (what === "rights") for (const socket of sockets) socket.destroy();
  });
}
