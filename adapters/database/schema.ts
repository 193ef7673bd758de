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
  retention_class: string;
  held: Flag;
  hold_reason: string | null;
  frame_path: string | null;
  crop_path: string | null;
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

/** Three-character parts of each distinct plate, so that a search by part needs no scan. */
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

/** What must go out because of an event; written in the event's transaction. */
export interface OutboxTable {
  id: string;
  topic: string;
  event_id: string | null;
  payload_json: string;
  created_at: number;
  due_at: number;
  attempts: number;
  last_error: string | null;
  done_at: number | null;
}

export interface SettingsTable {
  name: string;
  value_json: string;
  updated_at: number;
}

export interface Schema {
  sites: ResourceTable;
  lanes: ResourceTable;
  cameras: ResourceTable;
  zones: ResourceTable;
  models: ResourceTable;
  sensors: ResourceTable;
  exporters: ResourceTable;
  barriers: ResourceTable;
  events: EventsTable;
  reads: ReadsTable;
  plate_grams: PlateGramsTable;
  corrections: CorrectionsTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  audit_log: AuditLogTable;
  outbox: OutboxTable;
  settings: SettingsTable;
}

export type ResourceName =
  "sites" | "lanes" | "cameras" | "zones" | "models" | "sensors" | "exporters" | "barriers";
