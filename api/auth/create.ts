import { DatabaseAudit } from "../../adapters/database/repositories/audit";
import { DatabaseApiKeys } from "../../adapters/database/repositories/keys";
import { DatabaseSessions } from "../../adapters/database/repositories/sessions";
import { DatabaseSettings } from "../../adapters/database/repositories/settings";
import { DatabaseUsers } from "../../adapters/database/repositories/users";
import type { Database } from "../../adapters/database/types";
import { AuthService } from "./service";

/** The guard over a database's users, keys and sessions. */
export function createAuth(
  database: Database,
  jwtSecret: string,
  edgeKey: string | null,
  now: () => number = Date.now,
): AuthService {
  return new AuthService(
    {
      users: new DatabaseUsers(database),
      apiKeys: new DatabaseApiKeys(database),
      sessions: new DatabaseSessions(database),
      audit: new DatabaseAudit(database),
      settings: new DatabaseSettings(database),
    },
    jwtSecret,
    edgeKey,
    now,
  );
}
