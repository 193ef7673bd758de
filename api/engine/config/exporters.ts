import { z } from "zod";
import { signingSecretProblem } from "../../../adapters/webhooks/signature";
import { EXPORTER_TYPES, type ExporterFields, type ExporterType } from "../../../core/config/types";
import type { ConfigKind } from "../../config/kind";
import { freeSchema, nameSchema, queryFlag, whole } from "../../config/schemas";
import type { FieldError } from "../../errors";
import { instant, text } from "../../schemas";

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const headers = z
  .record(
    z.string().regex(HEADER_NAME, "is no header name"),
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]{0,4000}$/, "holds what a header cannot"),
  )
  .refine((value) => Object.keys(value).length <= 50, "are more than 50");

const secret = text(4000);
const auth = z.object({
  type: z.enum(["none", "basic", "digest", "bearer", "api_key"]),
  username: text(200).optional(),
  password: secret.optional(),
  token: secret.optional(),
  header: z.string().regex(HEADER_NAME, "is no header name").optional(),
  api_key: secret.optional(),
});

const retry = z.object({
  enabled: z.boolean().default(true),
  max_attempts: whole(1, 1000).default(5),
  backoff_strategy: z.enum(["exponential", "linear"]).default("exponential"),
  initial_delay_ms: whole(10, 3_600_000).default(1000),
  max_delay_ms: whole(10, 86_400_000).default(60_000),
});

const body = z.object({
  name: nameSchema,
  type: z.enum(EXPORTER_TYPES),
  url: text(2000).min(1),
  enabled: z.boolean().default(true),
  headers: headers.default({}),
  auth: auth.nullable().default(null),
  config: freeSchema.default({}).describe("of the type, e.g. mqtt: topic, qos, username, password"),
  retry_config: retry.prefault({}),
  metadata: freeSchema.default({}),
});

/** `/config/exporters` of reference 2. */
export const exporterKind: ConfigKind<"exporters"> = {
  kind: "exporters",
  dialect: "engine",
  path: "/config/exporters",
  one: "exporter",
  method: "put",
  rights: { read: "system", create: "system", update: "system", remove: "system" },
  body,
  reply: z.object({
    id: z.string(),
    name: z.string(),
    type: z.enum(EXPORTER_TYPES),
    url: z.string().describe("its password masked"),
    enabled: z.boolean(),
    headers: z.record(z.string(), z.string()).describe("secrets masked"),
    auth: z.record(z.string(), z.string()).nullable().describe("secrets masked"),
    config: z.record(z.string(), z.unknown()),
    retry_config: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
    created_at: instant,
    updated_at: instant,
  }),
  query: z.object({ enabled: queryFlag.optional() }),
  filter: ({ enabled }) => ({ enabled: enabled as boolean | undefined }),
  view: ({ fields }) => ({
    name: fields.name,
    type: fields.type,
    url: fields.url,
    enabled: fields.enabled,
    headers: fields.headers,
    auth: fields.auth,
    config: fields.config,
    retry_config: fields.retry_config,
    metadata: fields.metadata,
  }),
  check: (fields) => [...urlProblems(fields), ...authProblems(fields), ...signingProblems(fields)],
};

const SCHEMES: Record<ExporterType, { pattern: RegExp; message: string }> = {
  rest: { pattern: /^https?:\/\/[^\s/]+/i, message: "must begin with http:// or https://" },
  plategate: { pattern: /^https?:\/\/[^\s/]+/i, message: "must begin with http:// or https://" },
  mqtt: { pattern: /^mqtts?:\/\/[^\s/]+/i, message: "must begin with mqtt:// or mqtts://" },
  s3: { pattern: /^s3:\/\/[a-z0-9][a-z0-9.-]+/, message: "must be s3://bucket/prefix" },
  file: {
    pattern: /^(?!.*(^|\/)\.\.(\/|$))(?!\/)[\w./ -]+$/,
    message: "must be a path below the folder of exports, without ..",
  },
};

function signingProblems({ config }: ExporterFields): FieldError[] {
  const secret = config["signing_secret"];
  const message = typeof secret === "string" ? signingSecretProblem(secret) : null;
  return message === null ? [] : [{ field: "config.signing_secret", message }];
}

function urlProblems({ type, url }: ExporterFields): FieldError[] {
  const { pattern, message } = SCHEMES[type];
  return pattern.test(url) ? [] : [{ field: "url", message }];
}

function authProblems({ auth: given }: ExporterFields): FieldError[] {
  if (!given) return [];
  const needs = { none: [], basic: ["username"], digest: ["username"], bearer: ["token"] } as const;
  const wanted: readonly (keyof typeof given)[] =
    given.type === "api_key" ? ["api_key"] : needs[given.type];
  return wanted
    .filter((name) => !given[name])
    .map((name) => ({ field: `auth.${name}`, message: `is needed for ${given.type}` }));
}
