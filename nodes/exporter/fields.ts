import type { NodeDef } from "node-red";
import type { ExporterAuth, ExporterFields } from "../../core/config/types";
import { numberField } from "../shared/kit";

export interface ExporterConfig extends NodeDef {
  store: string;
  exporterType: ExporterFields["type"];
  url: string;
  /** "messages": what reaches the node; "events": every final event of the store. */
  source: "messages" | "events";
  authType: ExporterAuth["type"];
  user: string;
  header: string;
  topic: string;
  qos: string | number;
  format: "jsonl" | "csv";
  keepDays: string | number;
  endpoint: string;
  region: string;
  ca: string;
  maxAttempts: string | number;
  strategy: "exponential" | "linear";
  initialDelayMs: string | number;
  maxDelayMs: string | number;
}

export interface ExporterSecrets {
  password?: string;
  token?: string;
  signingSecret?: string;
}

/** The exporter that a node's settings stand for, as the configuration API has them. */
export function exporterOf(config: ExporterConfig, secrets: ExporterSecrets): ExporterFields {
  const { password = "", token = "", signingSecret = "" } = secrets;
  const { exporterType: type, user, header } = config;
  return {
    name: config.name || "exporter",
    type,
    url: config.url,
    enabled: true,
    headers: {},
    auth: {
      type: config.authType || "none",
      username: user,
      password,
      token,
      api_key: token,
      ...(header ? { header } : {}),
    },
    config: {
      topic: config.topic,
      qos: numberField(config.qos, 1),
      username: user,
      password,
      ca: config.ca,
      format: config.format,
      keep_days: numberField(config.keepDays, 0),
      endpoint: config.endpoint,
      region: config.region,
      signing_secret: signingSecret,
    },
    retry_config: {
      enabled: true,
      max_attempts: numberField(config.maxAttempts, 5),
      backoff_strategy: config.strategy || "exponential",
      initial_delay_ms: numberField(config.initialDelayMs, 1_000),
      max_delay_ms: numberField(config.maxDelayMs, 60_000),
    },
    metadata: {},
  };
}
