import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { io } from "socket.io-client";
import { promisify } from "node:util";
import WebSocket from "ws";
import {
  ADMIN_PASSWORD,
  discard,
  PROGRAM,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";

const run = promisify(execFile);
const PASSWORD = "another long password";

type Json = Record<string, unknown>;

describe("users, keys and logins over HTTP", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication();
  });
  after(() => discard(app));

  async function call(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; anonymous?: boolean } = {},
  ): Promise<{ status: number; body: Json; headers: Headers }> {
    const init = {
      method,
      headers: { "Content-Type": "application/json", ...options.headers },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    };
    const own = options.anonymous ?? options.headers !== undefined;
    const response = own ? await fetch(`${app.address}${path}`, init) : await app.get(path, init);
    const text = await response.text();
    return {
      status: response.status,
      body: (text ? JSON.parse(text) : {}) as Json,
      headers: response.headers,
    };
  }
  const login = async (username: string, password = PASSWORD): Promise<Json> =>
    (await call("POST", "/auth/token", { body: { username, password }, anonymous: true })).body;
  const bearer = (tokens: Json) => ({ Authorization: `Bearer ${String(tokens.access_token)}` });
  const cookieOf = async (username: string): Promise<string> => {
    const body = { username, password: PASSWORD };
    const { headers } = await call("POST", "/auth/session", { body, anonymous: true });
    return (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  };
  const create = async (username: string, role: string): Promise<string> => {
    const made = await call("POST", "/api/v1/users", {
      body: { username, role, password: PASSWORD, email: `${username}@example.org` },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.ok(!JSON.stringify(made.body).includes("argon2"));
    return String(made.body.id);
  };

  it("refreshes a login, ends it at logout, and with it its access token", async () => {
    const first = await login("admin", ADMIN_PASSWORD);
    assert.equal(first.token_type, "bearer");
    assert.equal(first.expires_in, 3600);
    const body = { refresh_token: first.refresh_token };
    const second = await call("POST", "/auth/refresh", { body, anonymous: true });
    assert.equal(second.status, 200);
    const headers = bearer(second.body);
    assert.equal((await call("GET", "/api/v1/me", { headers })).status, 200);
    assert.equal((await call("POST", "/auth/logout", { headers, body: {} })).status, 204);
    assert.equal((await call("GET", "/api/v1/me", { headers })).status, 401);
    const last = { refresh_token: second.body.refresh_token };
    assert.equal(
      (await call("POST", "/auth/refresh", { body: last, anonymous: true })).status,
      401,
    );
  });

  it("makes, shows, changes and removes users, for admins only", async () => {
    const id = await create("mara", "manager");
    assert.equal((await call("GET", `/api/v1/users/${id}`)).body.email, "mara@example.org");
    const again = { username: "MARA", role: "user", password: PASSWORD };
    assert.equal((await call("POST", "/api/v1/users", { body: again })).status, 409);
    const weak = { username: "weak", role: "user", password: "short" };
    assert.equal((await call("POST", "/api/v1/users", { body: weak })).status, 422);
    const mara = bearer(await login("mara@example.org"));
    assert.equal((await call("GET", "/api/v1/users", { headers: mara })).status, 403);
    const promotion = await call("PATCH", `/api/v1/users/${id}`, {
      headers: mara,
      body: { role: "admin" },
    });
    assert.equal(promotion.status, 403);
    const me = await call("GET", "/api/v1/me", { headers: mara });
    assert.equal(me.body.role, "manager");
    assert.ok((me.body.permissions as string[]).includes("barrier.move"));
    await call("PATCH", `/api/v1/users/${id}`, { body: { active: false } });
    assert.equal((await call("GET", "/api/v1/me", { headers: mara })).status, 401);
    assert.equal((await call("DELETE", `/api/v1/users/${id}`)).status, 204);
    assert.equal((await call("GET", `/api/v1/users/${id}`)).status, 404);
    const admins = (await call("GET", "/api/users")).body.items as Json[];
    const admin = String(admins.find(({ role }) => role === "admin")?.id);
    assert.equal((await call("DELETE", `/api/v1/users/${admin}`)).status, 409);
  });

  it("serves reference 3's login and users", async () => {
    const body = { username: "clerk", full_name: "C. Lerk", role: "clerk", password: PASSWORD };
    const made = await call("POST", "/api/users", { body });
    assert.equal(made.status, 201);
    assert.equal(made.body.full_name, "C. Lerk");
    const good = { email: "clerk", password: PASSWORD };
    const logged = await call("POST", "/api/auth/login", { body: good, anonymous: true });
    assert.equal(logged.status, 200);
    assert.ok(logged.body.access_token);
    const none = await call("POST", "/api/auth/login", {
      body: { password: "x" },
      anonymous: true,
    });
    assert.equal(none.status, 422);
  });

  it("shows one's own logins and ends one; a new password ends all", async () => {
    await create("owen", "user");
    const here = await login("owen");
    const cookie = await cookieOf("owen");
    const headers = bearer(here);
    const list = (await call("GET", "/api/v1/me/sessions", { headers })).body.items as Json[];
    assert.deepEqual(list.map(({ kind }) => kind).sort(), ["dashboard", "refresh"]);
    assert.equal(list.find(({ current }) => current)?.kind, "refresh");
    const other = String(list.find(({ kind }) => kind === "dashboard")?.id);
    assert.equal((await call("DELETE", `/api/v1/me/sessions/${other}`)).status, 404, "not admin's");
    const ended = await call("DELETE", `/api/v1/me/sessions/${other}`, { headers });
    assert.equal(ended.status, 204);
    assert.equal((await call("GET", "/api/v1/me", { headers: { Cookie: cookie } })).status, 401);
    const change = (current_password: string, new_password: string) =>
      call("POST", "/api/v1/me/password", { headers, body: { current_password, new_password } });
    assert.equal((await change("wrong", "a new long password")).status, 401);
    assert.equal((await change(PASSWORD, "short")).status, 422);
    assert.equal((await change(PASSWORD, "a new long password")).status, 204);
    assert.equal((await call("GET", "/api/v1/me", { headers })).status, 401);
    assert.ok((await login("owen", "a new long password")).access_token);
  });

  it("gives and takes single rights of a role, at once", async () => {
    await create("rita", "clerk");
    const headers = bearer(await login("rita"));
    const lists = () => call("GET", "/api/v1/vehicles", { headers });
    assert.equal((await lists()).status, 403);
    const given = await call("PATCH", "/api/v1/roles/clerk", { body: { given: ["lists.write"] } });
    assert.equal(given.status, 200);
    assert.equal((await lists()).status, 200);
    await call("PATCH", "/api/v1/roles/clerk", { body: { given: [] } });
    assert.equal((await lists()).status, 403);
    const lockOut = { body: { taken: ["system"] } };
    assert.equal((await call("PATCH", "/api/v1/roles/admin", lockOut)).status, 409);
  });

  it("makes API keys, shows them once, holds them to their scopes, revokes them", async () => {
    const made = await call("POST", "/api/v1/api_keys", {
      body: { name: "reader", scopes: ["read"] },
    });
    assert.equal(made.status, 201);
    const secret = String(made.body.key);
    const headers = { "X-API-Key": secret };
    const passages = () => call("GET", "/api/v1/passages", { headers });
    assert.equal((await passages()).status, 200);
    const open = { headers, body: { reason: "x" } };
    assert.equal((await call("POST", "/api/v1/barriers/gate/open", open)).status, 403);
    assert.equal((await call("GET", "/api/v1/me/sessions", { headers })).status, 403);
    assert.ok(!JSON.stringify((await call("GET", "/api/v1/api_keys")).body).includes(secret));
    const id = String(made.body.id);
    assert.equal((await call("DELETE", `/api/v1/api_keys/${id}`)).status, 204);
    assert.equal((await passages()).status, 401);
    assert.ok((await call("GET", `/api/v1/api_keys/${id}`)).body.revoked_at);
  });

  it("closes the dashboard's socket when its user is locked", async () => {
    const id = await create("dora", "user");
    const socket = io(app.address, {
      path: "/dashboard/socket.io",
      transports: ["websocket"],
      extraHeaders: { Cookie: await cookieOf("dora") },
      reconnection: false,
    });
    await new Promise<void>((resolve, reject) => {
      socket.on("connect", resolve);
      socket.on("connect_error", reject);
    });
    const closed = new Promise<string>((resolve) => socket.on("disconnect", resolve));
    await call("PATCH", `/api/v1/users/${id}`, { body: { active: false } });
    assert.equal(await closed, "io server disconnect");
  });

  it("ends the editor's login and its socket with the user's", async () => {
    const id = await create("edda", "admin");
    const headers = { "Content-Type": "application/json" };
    const enter = async (username: string): Promise<string> => {
      const response = await fetch(`${app.address}/admin/auth/token`, {
        method: "POST",
        headers,
        body: JSON.stringify({
          client_id: "node-red-editor",
          grant_type: "password",
          scope: "",
          username,
          password: PASSWORD,
        }),
      });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    const token = await enter("edda");
    const flows = (value: string) =>
      fetch(`${app.address}/admin/flows`, { headers: { Authorization: `Bearer ${value}` } });
    assert.equal((await flows(token)).status, 200);
    const socket = new WebSocket(`${app.address.replace("http", "ws")}/admin/comms`);
    await once(socket, "open");
    socket.send(JSON.stringify({ auth: token }));
    const [answer] = (await once(socket, "message")) as [Buffer];
    assert.match(answer.toString(), /"auth":"ok"/);
    const closed = once(socket, "close");
    await call("PATCH", `/api/v1/users/${id}`, { body: { role: "manager" } });
    await closed;
    assert.equal((await flows(token)).status, 401);

    await call("PATCH", `/api/v1/users/${id}`, { body: { role: "admin" } });
    const next = await enter("edda");
    assert.equal((await flows(next)).status, 200);
    await fetch(`${app.address}/admin/auth/revoke`, {
      method: "POST",
      headers: { ...headers, Authorization: `Bearer ${next}` },
      body: JSON.stringify({ token: next }),
    });
    assert.equal((await flows(next)).status, 401);
    assert.equal((await flows("forged")).status, 401);
  });

  it("is led from the command line, beside the running program", async () => {
    const plategate = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, PLATEGATE_HOME: app.home };
      return (await run(process.execPath, [PROGRAM, ...args], { env })).stdout;
    };
    const user = JSON.parse(
      await plategate("user", "add", "cleo", "--role", "user", "--json"),
    ) as Json;
    assert.equal(user.role, "user");
    const headers = bearer(await login("cleo", String(user.password)));
    assert.equal((await call("GET", "/api/v1/me", { headers })).status, 200);
    assert.match(await plategate("user", "list"), /^cleo +user +yes/m);
    await plategate("user", "disable", "cleo");
    await waitFor(
      async () =>
        (await call("GET", "/api/v1/me", { headers })).status === 401 ? true : undefined,
      5_000,
      () => "the running program to hear of it",
    );
    await plategate("user", "enable", "cleo");
    const made = JSON.parse(await plategate("user", "password", "cleo", "--json")) as Json;
    assert.ok((await login("cleo", String(made.password))).access_token);

    const key = (
      await plategate("key", "add", "door", "--scope", "read,stream", "--days", "1")
    ).trim();
    const asKey = { headers: { "X-API-Key": key } };
    assert.equal((await call("GET", "/api/v1/passages", asKey)).status, 200);
    assert.match(await plategate("key", "list"), /door +pg_\S+… +read,stream/);
    await plategate("key", "revoke", "door");
    await waitFor(
      async () => ((await call("GET", "/api/v1/me", asKey)).status === 401 ? true : undefined),
      5_000,
      () => "the running program to hear of it",
    );
    await assert.rejects(plategate("user", "add", "cleo"), /username or email is taken/);
    await assert.rejects(plategate("user", "disable", "nobody"), /no user "nobody"/);
  });
});
