import type { Generated } from "kysely";
import type { JobsTable } from "./schema-jobs";
import type { ReviewsTable, UsageCountsTable } from "./schema-review";
import type { ReportsTable } from "./schema-reports";

/**
 * The tables as Kysely sees them (docs/storage.md). Times are integers, ms since
 * the epoch in UTC; flags are 0 or 1; `*_json` columns hold JSON text. The same on
 * SQLite, PostgreSQL and MySQL.
 */

/** 0 or 1. */
export type Flag = number;

/** Things that are configured: cameras, zones, models … Their own fields are in `data_json`. */
export interface ResourceTable {
  id: string;
  name: string;
  type: string | null;
  enabled: Flag;
  site_id: string | null;
  camera_id: string | null;
  zone_id: string | null;
  lane_id: string | null;
  data_json: string;
  created_at: number;
  updated_at: number;
}

export interface EventsTable {
  id: string;
  source: string;
  occurred_at: number;
  created_at: number;
  updated_at: number;
  site_id: string | null;
  camera_id: string | null;
  zone_id: string | null;
  lane_id: string | null;
  plate_text: string;
  raw_text: string | null;
  confidence: number | null;
  region: string | null;
  direction: string;
  state: string;
  revision: number;
  first_seen: number | null;
  last_seen: number | null;
  first_readable: number | null;
  candidates_json: string;
  decision: string | null;
  reason: string | null;
  decided_at: number | null;
  vehicle_id: string | null;
  vehicle_plate: string | null;
  trace_json: string | null;
  barrier_json: string | null;
  time_to_open_ms: number | null;
  vehicle_info_json: string | null;
  tpms_json: string | null;
  metadata_json: string;
  job_id: string | null;
  retention_class: string;
  held: Flag;
  hold_reason: string | null;
  frame_path: string | null;
  crop_path: string | null;
}

/** Counts of events; what "" stands for in a key column is absent. */
export interface EventCountsTable {
  id: Generated<number>;
  /** Length of the bucket in ms: a quarter of an hour or a day; negative where a row holds all keys. */
  span: number;
  start: number;
  /** 0 as it came, 1 merged; 2 and 3 only within a transaction that merges. */
  settled: Flag;
  camera_id: string;
  zone_id: string;
  lane_id: string;
  site_id: string;
  decision: string;
  source: string;
  /** Negative where events were taken out. */
  count: number;
  confidence_sum: number;
  /** How many had a confidence. */
  rated: number;
  low: number | null;
  high: number | null;
}

export interface ReadsTable {
  event_id: string;
  position: number;
  text: string;
  confidence: number;
  characters_json: string;
  captured_at: number;
  box_json: string;
}

/** Two- and three-character parts of each distinct plate, so that a search by part needs no scan. */
export interface PlateGramsTable {
  gram: string;
  plate_text: string;
}

export interface CorrectionsTable {
  id: string;
  event_id: string;
  old_text: string;
  new_text: string;
  actor: string;
  notes: string | null;
  created_at: number;
}

export interface UsersTable {
  id: string;
  username: string;
  username_key: string;
  email: string | null;
  email_key: string | null;
  full_name: string | null;
  password_hash: string;
  role: string;
  active: Flag;
  token_version: number;
  created_at: number;
  updated_at: number;
  last_login_at: number | null;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  key_hash: string;
  prefix: string;
  scopes_json: string;
  created_by: string | null;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface SessionsTable {
  id: string;
  user_id: string;
  kind: string;
  token_hash: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
  address: string | null;
  user_agent: string | null;
  family_id: string | null;
  replaced_at: number | null;
}

export interface AuditLogTable {
  id: string;
  at: number;
  actor: string;
  organisation: string | null;
  action: string;
  subject: string | null;
  purpose: string | null;
  result: string;
  address: string | null;
  request_id: string | null;
  detail_json: string;
}

/** What must go out; of an event it is written in the event's transaction. */
export interface OutboxTable {
  id: string;
  target: string;
  lane: string;
  kind: string;
  event_id: string | null;
  payload_json: string | null;
  state: string;
  position: number;
  created_at: number;
  attempts: number;
  last_error: string | null;
  finished_at: number | null;
}

/** How each target is doing, and the process that sends to it. */
export interface OutboxTargetsTable {
  id: string;
  owner: string | null;
  leased_until: number;
  retry_at: number;
  failures: number;
  failing_since: number | null;
  last_error: string | null;
  last_success_at: number | null;
  refused: number;
  refused_from: number | null;
  refused_until: number | null;
}

export interface SettingsTable {
  name: string;
  value_json: string;
  updated_at: number;
}

export interface VehiclesTable {
  id: string;
  plate: string;
  region: string | null;
  owner: string | null;
  contact: string | null;
  note: string | null;
  tags_json: string;
  status: string;
  valid_from: number | null;
  valid_until: number | null;
  schedule_id: string | null;
  lanes_json: string;
  way: string | null;
  credentials_json: string;
  pin: string | null;
  /** Everything that a search looks at, in lower case. */
  search_text: string;
  created_at: number;
  updated_at: number;
}

export interface VehicleGroupsTable {
  vehicle_id: string;
  group_id: string;
  position: number;
}

export interface GroupsTable {
  id: string;
  name: string;
  schedule_id: string | null;
  lanes_json: string;
  occupancy_limit: number | null;
  permit_spaces: number | null;
  note: string | null;
}

export interface SchedulesTable {
  id: string;
  name: string;
  time_zone: string | null;
  on_holidays: string;
  windows_json: string;
  holiday_windows_json: string;
  holidays_json: string;
}

export interface VisitorPassesTable {
  id: string;
  code_hash: string | null;
  plate: string | null;
  visitor: string | null;
  host: string | null;
  note: string | null;
  status: string;
  valid_from: number | null;
  valid_until: number | null;
  uses_allowed: number | null;
  used: number;
  schedule_id: string | null;
  lanes_json: string;
  created_by: string | null;
  created_at: number;
}

/** A row per entry that a pass was used for, so that none counts twice. */
export interface PassUsesTable {
  pass_id: string;
  passage_id: string;
  used_at: number;
}

export interface WatchEntriesTable {
  id: string;
  list: string;
  pattern: string;
  match_mode: string;
  description: string | null;
  priority: string;
  webhook_url: string | null;
  emails_json: string;
  expires_at: number | null;
  active: Flag;
  created_by: string | null;
  created_at: number;
}

/** Who is inside, or was seen last where. */
export interface OccupancyTable {
  site_id: string;
  subject: string;
  plate: string;
  groups_json: string;
  inside: Flag;
  at: number | null;
  way: string | null;
  lane_id: string | null;
  passage_id: string | null;
}

/** Final events in the order they were streamed; `seq` counts without gaps. */
export interface StreamLogTable {
  seq: number;
  event_id: string;
  at: number;
}

/** Cameras that registered themselves at the LPR server. */
export interface AccessCredentialsTable {
  plate: string;
  synced_at: number;
}

export interface LprCamerasTable {
  id: string;
  location: string | null;
  registered_at: number;
  last_seen_at: number;
}

/** What people must look at. */
export interface AlertsTable {
  id: string;
  at: number;
  kind: string;
  priority: string;
  event_id: string | null;
  camera_id: string | null;
  lane_id: string | null;
  barrier_id: string | null;
  plate: string | null;
  text: string | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  note: string | null;
}

export interface Schema {
  reports: ReportsTable;
  jobs: JobsTable;
  reviews: ReviewsTable;
  usage_counts: UsageCountsTable;
  alerts: AlertsTable;
  lpr_cameras: LprCamerasTable;
  access_credentials: AccessCredentialsTable;
  vehicles: VehiclesTable;
  vehicle_groups: VehicleGroupsTable;
  groups: GroupsTable;
  schedules: SchedulesTable;
  visitor_passes: VisitorPassesTable;
  pass_uses: PassUsesTable;
  watch_entries: WatchEntriesTable;
  occupancy: OccupancyTable;
  sites: ResourceTable;
  lanes: ResourceTable;
  cameras: ResourceTable;
  zones: ResourceTable;
  models: ResourceTable;
  sensors: ResourceTable;
  exporters: ResourceTable;
  barriers: ResourceTable;
  locations: ResourceTable;
  stream_log: StreamLogTable;
  events: EventsTable;
  event_counts: EventCountsTable;
  reads: ReadsTable;
  plate_grams: PlateGramsTable;
  corrections: CorrectionsTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  audit_log: AuditLogTable;
  outbox: OutboxTable;
  outbox_targets: OutboxTargetsTable;
  notification_rules: ResourceTable;
  plans: ResourceTable;
  camera_places: ResourceTable;
  report_templates: ResourceTable;
  report_schedules: ResourceTable;
  settings: SettingsTable;
}
