/**
 * Things that are configured by the API: their fields as they travel and are stored
 * (reference 2), in plain values. Secrets stand here in clear; see secrets.ts for how
 * they are shown, adapters/config/secret-box.ts for how they rest.
 */

import type { CameraPlaceFields, PlanFields } from "../map/types";
import type { NotificationRuleFields } from "../notify/types";
import type { ReportDefinition, ReportScheduleFields } from "../reports/types";

export const RESOURCE_KINDS = [
  "sites",
  "lanes",
  "cameras",
  "zones",
  "models",
  "sensors",
  "exporters",
  "barriers",
  "locations",
  "notification_rules",
  "plans",
  "camera_places",
  "report_templates",
  "report_schedules",
] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

export type Metadata = Record<string, unknown>;

export interface CameraFields {
  name: string;
  /** Stream address, user and password included. */
  rtsp_url: string;
  /** A second stream of the same camera in high resolution, to read from. */
  high_res_url: string | null;
  transport: "tcp" | "udp";
  enabled: boolean;
  zone_id: string | null;
  lane_id: string | null;
  /** Frames a second that are looked at. */
  fps: number;
  /** Wider frames are made smaller; also what zones in pixels refer to. */
  resolution: { width: number; height: number } | null;
  detection_model: string | null;
  ocr_models: string[];
  latitude: number | null;
  longitude: number | null;
  /** Degrees clockwise from north. */
  bearing: number | null;
  location: string | null;
  metadata: Metadata;
}

export interface ZoneFields {
  name: string;
  camera_id: string;
  lane_id: string | null;
  /** "enter", "exit" or a word of the site's own. */
  type: string;
  /** Points in pixels of the camera's `resolution`, or all of them fractions 0..1. */
  geometry: { type: "polygon"; points: { x: number; y: number }[] };
  metadata: Metadata;
}

export interface ModelFields {
  name: string;
  type: "detector" | "ocr";
  version: string;
  weights_path: string | null;
  parameters: Record<string, unknown>;
  metadata: Metadata;
}

export interface SensorFields {
  name: string;
  type: string;
  camera_id: string | null;
  zone_id: string | null;
  config: Record<string, unknown>;
  metadata: Metadata;
}

export type BackoffStrategy = "exponential" | "linear";

export interface RetryConfig {
  enabled: boolean;
  /** Sendings in all, the first included. */
  max_attempts: number;
  backoff_strategy: BackoffStrategy;
  initial_delay_ms: number;
  max_delay_ms: number;
}

/** How an exporter shows who it is; which fields count depends on `type`. */
export interface ExporterAuth {
  type: "none" | "basic" | "digest" | "bearer" | "api_key";
  username?: string | undefined;
  password?: string | undefined;
  token?: string | undefined;
  /** Header of an API key; default X-API-Key. */
  header?: string | undefined;
  api_key?: string | undefined;
}

export const EXPORTER_TYPES = ["rest", "mqtt", "file", "s3", "plategate"] as const;
export type ExporterType = (typeof EXPORTER_TYPES)[number];

export interface ExporterFields {
  name: string;
  type: ExporterType;
  /** http(s):// for rest and plategate, mqtt(s):// for mqtt, s3://bucket/prefix, a file's path. */
  url: string;
  enabled: boolean;
  headers: Record<string, string>;
  auth: ExporterAuth | null;
  /** Of the type: mqtt `{topic, qos, username, password}`, file `{format}` … */
  config: Record<string, unknown>;
  retry_config: RetryConfig;
  metadata: Metadata;
}

export interface SiteFields {
  name: string;
  /** IANA, e.g. "Europe/Vienna"; null: the machine's. */
  time_zone: string | null;
  address: string | null;
  latitude: number | null;
  longitude: number | null;
  metadata: Metadata;
}

export interface LaneFields {
  name: string;
  site_id: string | null;
  enabled: boolean;
  direction: "entry" | "exit" | "both";
  barrier_id: string | null;
  metadata: Metadata;
}

/** A place on the map (reference 5). */
export interface LocationFields {
  name: string;
  description: string | null;
  address: string | null;
  latitude: number | null;
  longitude: number | null;
  /** Cameras that stand there. */
  camera_ids: string[];
}

/** Fields of each kind. The API of barriers is not here yet. */
export interface ResourceFields {
  sites: SiteFields;
  lanes: LaneFields;
  cameras: CameraFields;
  zones: ZoneFields;
  models: ModelFields;
  sensors: SensorFields;
  exporters: ExporterFields;
  barriers: Record<string, unknown>;
  locations: LocationFields;
  notification_rules: NotificationRuleFields;
  plans: PlanFields;
  /** By the camera's id: places of cameras that are not set up by the API. */
  camera_places: CameraPlaceFields;
  report_templates: ReportDefinition;
  report_schedules: ReportScheduleFields;
}

/** One stored thing. Times: ms since the epoch. */
export interface Resource<K extends ResourceKind = ResourceKind> {
  id: string;
  fields: ResourceFields[K];
  createdAt: number;
  updatedAt: number;
  /** True where a stored secret cannot be opened (another installation's key): it is empty here. */
  locked?: boolean;
}
