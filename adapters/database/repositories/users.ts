import type { Selectable } from "kysely";
import { loginKey } from "../../../core/auth/login-name";
import type {
  PageOf,
  PageRequest,
  User,
  UserChanges,
  UserRepository,
} from "../../../core/auth/ports";
import type { UsersTable } from "../schema";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { defined, flag } from "./rows";

/** Users in the database. */
export class DatabaseUsers implements UserRepository {
  constructor(private readonly database: Database) {}

  async create(user: User): Promise<void> {
    await this.database.db
      .insertInto("users")
      .values({
        id: user.id,
        username: user.username,
        username_key: loginKey(user.username),
        email: user.email,
        email_key: user.email === null ? null : loginKey(user.email),
        full_name: user.fullName,
        password_hash: user.passwordHash,
        role: user.role,
        active: flag(user.active),
        token_version: user.tokenVersion,
        created_at: user.createdAt,
        updated_at: user.updatedAt,
        last_login_at: user.lastLoginAt,
      })
      .execute();
  }

  async get(id: string): Promise<User | null> {
    const row = await this.database.db
      .selectFrom("users")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row ? userOf(row) : null;
  }

  async findByLogin(login: string): Promise<User | null> {
    const key = loginKey(login);
    const rows = await this.database.db
      .selectFrom("users")
      .selectAll()
      .where((eb) => eb.or([eb("username_key", "=", key), eb("email_key", "=", key)]))
      .execute();
    const row = rows.find((r) => r.username_key === key) ?? rows[0];
    return row ? userOf(row) : null;
  }

  async list(page: PageRequest): Promise<PageOf<User>> {
    const query = this.database.db.selectFrom("users");
    return pageOf(page, userOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll().orderBy("username_key"),
    });
  }

  async count(): Promise<number> {
    return (await this.list({ skip: 0, limit: 0 })).total;
  }

  async update(id: string, changes: UserChanges, now: number): Promise<boolean> {
    const { username, email, active } = changes;
    const result = await this.database.db
      .updateTable("users")
      .set(
        defined({
          username,
          username_key: username === undefined ? undefined : loginKey(username),
          email,
          email_key: email == null ? email : loginKey(email),
          full_name: changes.fullName,
          password_hash: changes.passwordHash,
          role: changes.role,
          active: active === undefined ? undefined : flag(active),
          token_version: changes.tokenVersion,
          last_login_at: changes.lastLoginAt,
          updated_at: now,
        }),
      )
      .where("id", "=", id)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async delete(id: string): Promise<boolean> {
    const result = await this.database.db
      .deleteFrom("users")
      .where("id", "=", id)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }
}

function userOf(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    fullName: row.full_name,
    passwordHash: row.password_hash,
    role: row.role,
    active: row.active === 1,
    tokenVersion: row.token_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLoginAt: row.last_login_at,
  };
}
