import { DatabaseAudit } from "../../adapters/database/repositories/audit";
import { DatabaseApiKeys } from "../../adapters/database/repositories/keys";
import { DatabaseSessions } from "../../adapters/database/repositories/sessions";
import { DatabaseUsers } from "../../adapters/database/repositories/users";
import type { Database } from "../../adapters/database/types";
import { AuthService } from "./service";

/** The guard over a database's users, keys and sessions. */
export function createAuth(
  database: Database,
  jwtSecret: string,
  edgeKey: string | null,
): AuthService {
  return new AuthService(
    {
      users: new DatabaseUsers(database),
      apiKeys: new DatabaseApiKeys(database),
      sessions: new DatabaseSessions(database),
      audit: new DatabaseAudit(database),
    },
    jwtSecret,
    edgeKey,
  );
}
