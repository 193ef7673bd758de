import assert from "node:assert/strict";
import { createAuth } from "../../api/auth/create";
import type { Actor } from "../../api/auth/actor";
import { ApiError } from "../../api/errors";
import type { AuthService } from "../../api/auth/service";
import type { NewUser } from "../../api/auth/users";
import { ROLES, ROLE_PERMISSIONS } from "../../api/auth/permissions";
import { testDatabase, type TestDatabase } from "../fixtures/databases";

const PASSWORD = "a long enough password";
const HOME = { address: "192.0.2.1" };
const root: Actor = { name: "test", permissions: null, address: null, requestId: null };
const DAY = 86_400_000;

async function fails(work: Promise<unknown>, status: number): Promise<ApiError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, status, error.message);
    return error;
  }
  throw new Error(`nothing was thrown, ${status} was expected`);
}

for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
  describe(`users, keys and logins on ${dialect}`, function () {
    this.timeout(60_000);
    let made: TestDatabase;
    let auth: AuthService;
    let clock = Date.parse("2026-03-01T00:00:00Z");

    before(async function () {
      const database = await testDatabase(dialect);
      if (typeof database === "string") {
        this.skip(); // no server of this kind answers
        return;
      }
      made = database;
      auth = createAuth(made.database, "secret of this test", "edge-key", () => clock);
      await auth.ensureFirstAdmin(PASSWORD);
    });
    after(() => made?.drop());

    const user = (username: string, role: NewUser["role"]) =>
      auth.users.create({ username, email: null, fullName: null, password: PASSWORD, role }, root);
    const bearer = (token: string) => auth.authenticate({ authorization: `Bearer ${token}` });
    const login = async (username: string) => {
      const known = await auth.logins.check(username, PASSWORD, HOME);
      const started = await auth.logins.start(known, "refresh", HOME);
      const { token } = await auth.accessToken(started.user, started.session.familyId);
      return { ...started, token };
    };

    it("gives each role its rights, and what the settings say", async () => {
      for (const role of ROLES) {
        const { user: known } = { user: await user(`is-${role}`, role) };
        const { permissions } = await auth.principalOf(known, null);
        assert.deepEqual([...permissions], [...ROLE_PERMISSIONS[role]]);
      }
      await auth.roles.set("clerk", { given: ["barrier.move"], taken: ["review"] });
      const { token } = await login("is-clerk");
      const clerk = await bearer(token);
      assert.ok(clerk?.permissions.has("barrier.move"));
      assert.ok(!clerk?.permissions.has("review"));
      await fails(auth.roles.set("admin", { given: [], taken: ["system"] }), 409);
    });

    it("stores passwords as argon2id", async () => {
      await user("is-hashed", "user");
      const { password_hash: hash } = await made.database.db
        .selectFrom("users")
        .select("password_hash")
        .where("username", "=", "is-hashed")
        .executeTakeFirstOrThrow();
      assert.match(hash, /^\$argon2id\$/);
      assert.ok(!hash.includes(PASSWORD));
    });

    it("counts the tries of an account however its name is typed", async () => {
      const from = { address: "198.51.100.7" };
      const email = "Tries@Example.org";
      await auth.users.create(
        { username: "tries", email, fullName: null, password: PASSWORD, role: "user" },
        root,
      );
      const spellings = ["tries", "TRIES", " tries", "tries ", "\uFF54ries", "t\uFF52ies", "Tries"];
      spellings.push(email, email.toLowerCase(), ` ${email}`, "TRIES@EXAMPLE.ORG");
      assert.equal(new Set(spellings).size, 11);
      for (const [tried, name] of spellings.entries()) {
        await fails(auth.logins.check(name, "wrong", from), tried < 10 ? 401 : 429);
      }
      await fails(auth.logins.check("tries", PASSWORD, from), 429);
      for (let tried = 0; tried <= 10; tried++) {
        const name = " ".repeat(tried) + "nobody";
        await fails(auth.logins.check(name, "wrong", from), tried < 10 ? 401 : 429);
      }
      await auth.logins.check("tries", PASSWORD, HOME);
    });

    it("ends access tokens after an hour and refresh tokens after a month", async () => {
      const { token, secret } = await login("admin");
      clock += 3_599_000;
      assert.ok(await bearer(token));
      clock += 2_000;
      assert.equal(await bearer(token), null);
      clock += 31 * DAY;
      await fails(auth.logins.refresh(secret, HOME), 401);
    });

    it("takes a refresh token once; a second time ends the whole login", async () => {
      const first = await login("admin");
      const second = await auth.logins.refresh(first.secret, HOME);
      assert.equal(second.session.familyId, first.session.familyId);
      assert.ok(await bearer(first.token));
      await fails(auth.logins.refresh(first.secret, HOME), 401);
      await fails(auth.logins.refresh(second.secret, HOME), 401);
      assert.equal(await bearer(first.token), null);
      const other = await login("admin");
      assert.ok(await bearer(other.token), "another login goes on");
    });

    it("lets only one of two refreshes at once win", async () => {
      const { secret } = await login("admin");
      const both = await Promise.allSettled([
        auth.logins.refresh(secret, HOME),
        auth.logins.refresh(secret, HOME),
      ]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("ends logins at logout, lock, new role and new password, at once", async () => {
      const worker = await user("worker", "manager");
      const told: string[] = [];
      const stop = auth.onChange((what) => told.push(what));
      const ends = async (change: () => Promise<unknown>) => {
        const { token, secret } = await login("worker");
        assert.ok(await bearer(token));
        await change();
        assert.equal(await bearer(token), null);
        await fails(auth.logins.refresh(secret, HOME), 401);
      };
      await ends(() => auth.users.update(worker.id, { role: "analyst" }, root));
      await ends(() => auth.users.update(worker.id, { password: PASSWORD }, root));
      await ends(async () =>
        auth.logins.end((await auth.logins.list(worker.id))[0]?.familyId ?? ""),
      );
      await ends(() => auth.users.update(worker.id, { active: false }, root));
      assert.deepEqual(told, ["rights", "rights", "login", "rights"]);
      stop();
      await fails(auth.logins.check("worker", PASSWORD, HOME), 401);
    });

    it("keeps the last admin", async () => {
      const { id } = await auth.users.find("admin");
      const second = await auth.users.find("is-admin");
      await auth.users.update(second.id, { active: false }, root);
      await fails(auth.users.remove(id, root), 409);
      await fails(auth.users.update(id, { active: false }, root), 409);
      await fails(auth.users.update(id, { role: "user" }, root), 409);
      await auth.users.update(second.id, { active: true }, root);
      const both = await Promise.allSettled([
        auth.users.remove(id, root),
        auth.users.remove(second.id, root),
      ]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("refuses weak passwords, taken names and roles above one's own", async () => {
      for (const password of ["short", "elevenchars", "aaaaaaaaaaaaaaaa", "new-user-name"]) {
        const bad = { username: "new-user-name", email: null, fullName: null, password };
        await fails(auth.users.create({ ...bad, role: "user" }, root), 422);
      }
      await user("Somebody", "user");
      await fails(user("somebody", "user"), 409);
      const manager: Actor = { ...root, permissions: new Set(ROLE_PERMISSIONS.manager) };
      await fails(auth.users.create({ ...blank("x"), role: "admin" }, manager), 403);
      const { items } = await auth.users.list({ skip: 0, limit: 100 });
      const admin = items.find(({ role }) => role === "admin");
      await fails(auth.users.update(admin?.id ?? "", { password: PASSWORD }, manager), 403);
      const wanted = { name: "k", scopes: ["admin" as const], expiresAt: null };
      await fails(auth.keys.create(wanted, manager), 403);
    });

    it("shows a key once, takes it until it ends or is revoked, and notes its use", async () => {
      const wanted = { name: "edge 1", scopes: ["ingest" as const], expiresAt: clock + DAY };
      const { key, secret } = await auth.keys.create(wanted, root);
      const shown = JSON.stringify(await auth.keys.list({ skip: 0, limit: 10 }));
      assert.ok(!shown.includes(secret));
      const principal = await auth.authenticate({ apiKey: secret });
      assert.deepEqual([...(principal?.permissions ?? [])], ["ingest"]);
      assert.equal((await auth.keys.get(key.id)).lastUsedAt, clock);
      clock += DAY;
      assert.equal(await auth.authenticate({ apiKey: secret }), null);
      const other = await auth.keys.create({ ...wanted, expiresAt: null }, root);
      assert.ok(await auth.authenticate({ apiKey: other.secret }));
      await auth.keys.revoke(other.key.id, root);
      assert.equal(await auth.authenticate({ apiKey: other.secret }), null);
    });

    it("hears within a second what another process changed", async () => {
      const elsewhere = createAuth(made.database, "secret of this test", null, () => clock);
      const { key, secret } = await auth.keys.create(
        { name: "edge 2", scopes: ["read"], expiresAt: null },
        root,
      );
      assert.ok(await auth.authenticate({ apiKey: secret }));
      await elsewhere.keys.revoke(key.id, root);
      clock += 1_000;
      assert.equal(await auth.authenticate({ apiKey: secret }), null);
    });
  });
}

function blank(username: string): Omit<NewUser, "role"> {
  return { username, email: null, fullName: null, password: PASSWORD };
}
