import type { JobRepository } from "../../core/jobs/ports";
import { DatabaseJobs } from "../database/repositories/jobs";
import type { UsageRepository } from "../../core/licence/ports";
import type { ReviewRepository } from "../../core/review/ports";
import type { ReportRepository } from "../../core/reports/ports";
import { DatabaseReports } from "../database/repositories/reports";
import { DatabaseReviews } from "../database/repositories/reviews";
import { DatabaseUsage } from "../database/repositories/usage";
import type { AccessRepository } from "../../core/access/ports";
import type { AlertRepository } from "../../core/alerts/alert";
import type { ResourceRepositories } from "../../core/config/ports";
import type {
  ApiKeyRepository,
  AuditRepository,
  SessionRepository,
  SettingsRepository,
  UserRepository,
} from "../../core/auth/ports";
import type { EventRepository } from "../../core/events/ports";
import type { StreamLog } from "../../core/events/stream";
import type { EventOutbox, OutboxRepository } from "../../core/outbox/ports";
import { DatabaseAccess } from "../database/repositories/access";
import { DatabaseAlerts } from "../database/repositories/alerts";
import { DatabaseApiKeys } from "../database/repositories/keys";
import { DatabaseAudit } from "../database/repositories/audit";
import { DatabaseEvents, type EventHashing } from "../database/repositories/events";
import { databaseResources } from "../database/repositories/resources";
import { DatabaseOutbox } from "../database/repositories/outbox";
import { DatabaseSessions } from "../database/repositories/sessions";
import { DatabaseSettings } from "../database/repositories/settings";
import { DatabaseStreamLog } from "../database/repositories/stream-log";
import { DatabaseUsers } from "../database/repositories/users";
import type { SecretBox } from "../config/secret-box";
import type { Database } from "../database/types";

/** What an open database offers. */
export interface Repositories {
  database: Database;
  events: EventRepository;
  reviews: ReviewRepository;
  reports: ReportRepository;
  usage: UsageRepository;
  jobs: JobRepository;
  outbox: OutboxRepository;
  access: AccessRepository;
  users: UserRepository;
  keys: ApiKeyRepository;
  sessions: SessionRepository;
  audit: AuditRepository;
  alerts: AlertRepository;
  settings: SettingsRepository;
  stream: StreamLog;
  /** What is configured by the API: cameras, zones, exporters … */
  resources: ResourceRepositories;
}

/**
 * @param hashing hides the plates of unknown vehicles, and finds those that are hidden
 * @param box keeps the secrets of what is configured
 * @param outgoing makes what must go out because of an event; none where nothing is sent
 */
export function repositoriesOf(
  database: Database,
  hashing: EventHashing,
  box: SecretBox,
  outgoing: EventOutbox | null = null,
): Repositories {
  const events = new DatabaseEvents(database, hashing, outgoing);
  return {
    database,
    events,
    reviews: new DatabaseReviews(database, events),
    reports: new DatabaseReports(database),
    usage: new DatabaseUsage(database),
    jobs: new DatabaseJobs(database),
    outbox: new DatabaseOutbox(database),
    access: new DatabaseAccess(database),
    users: new DatabaseUsers(database),
    keys: new DatabaseApiKeys(database),
    sessions: new DatabaseSessions(database),
    audit: new DatabaseAudit(database),
    alerts: new DatabaseAlerts(database),
    settings: new DatabaseSettings(database),
    stream: new DatabaseStreamLog(database),
    resources: databaseResources(database, box),
  };
}
