import { randomUUID } from "node:crypto";
import { z } from "zod";
import { readLicence, trustedKey } from "../../adapters/licence/keys";
import {
  LicenceError,
  licenceSchema,
  monthOf,
  overLimits,
  type Licence,
} from "../../core/licence/licence";
import { noteChange } from "../config/audit";
import { ApiError } from "../errors";
import { json, operation, type Operation } from "../operations";
import type { ApiServices } from "../services";
import { text } from "../schemas";

const KEY_SETTING = "licence.key";
const INSTALLATION_SETTING = "licence.installation_id";

const standing = {
  licensed: z.boolean(),
  status: z.enum(["active", "expired", "unlicensed"]),
  installation_id: z.string(),
  licence: licenceSchema.nullable(),
};
const statusSchema = z.object(standing);
const usageSchema = z.object({
  ...standing,
  period: z.string().describe("the month, e.g. 2026-11"),
  usage: z.record(z.string(), z.number()),
  over_limits: z.array(z.object({ metric: z.string(), used: z.number(), limit: z.number() })),
});
type Standing = z.infer<typeof statusSchema>;

const activateSchema = z
  .object({
    license_key: text(8_192).optional(),
    licence_key: text(8_192).optional(),
    key: text(8_192).optional(),
  })
  .transform(({ license_key, licence_key, key }) => license_key ?? licence_key ?? key)
  .refine((key) => key !== undefined && key !== "", {
    message: "is required",
    path: ["license_key"],
  });

const metricName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "must be snake_case");
const metricValue = z.number().min(0).max(1e12);
/** Numbers that say when, not how much. */
const TIMES = new Set(["timestamp", "period", "month", "year"]);
/** Counts in `metrics`; clients that write them beside each other are understood as well. */
const reportSchema = z
  .looseObject({ metrics: z.record(metricName, metricValue).default({}) })
  .transform(({ metrics, ...others }) => {
    const counts = Object.entries(others).flatMap(([name, value]) => {
      const count = metricValue.safeParse(value);
      const isCount = count.success && metricName.safeParse(name).success && !TIMES.has(name);
      return isCount ? [[name, count.data] as const] : [];
    });
    return { metrics: { ...Object.fromEntries(counts), ...metrics } };
  });

const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
  .optional()
  .describe("the month, e.g. 2026-11; this one unless it is given");

/** Licences and their usage (reference 3). What a licence says is reported and closes no gate. */
export const licenceOperations: Operation[] = [
  operation({
    id: "city.licenses.activate",
    permission: "system",
    summary: "Activate a licence key for this installation",
    method: "post",
    path: "/api/licenses/activate",
    input: { body: activateSchema },
    replies: { 200: { description: "The licence that holds now", body: statusSchema } },
    async handle(context, { body: key }) {
      const { services } = context;
      const { settings } = await services.store.open();
      const installation = await installationOf(services);
      const licence = readOrRefuse(key ?? "", services, installation);
      await settings.set(KEY_SETTING, key, Date.now());
      await noteChange(context, "licence.activate", `licence:${licence.id}`, []);
      return json(await standingOf(services));
    },
  }),
  operation({
    id: "city.licenses.status",
    permission: "system",
    summary: "The licence of this installation, and its id for whoever issues one",
    method: "get",
    path: "/api/licenses",
    input: {},
    replies: { 200: { description: "The licence", body: statusSchema } },
    handle: async ({ services }) => json(await standingOf(services)),
  }),
  operation({
    id: "city.licenses.report",
    permission: "system",
    summary: "Report usage; it is added to the month's counts, with a licence or without",
    method: "post",
    path: "/api/licenses/usage",
    input: { body: reportSchema },
    replies: { 200: { description: "The month's usage", body: usageSchema } },
    async handle({ services }, { body }) {
      const now = Date.now();
      const { usage } = await services.store.open();
      await usage.add(monthOf(now), body.metrics, now);
      return json(await usageOf(services, monthOf(now)));
    },
  }),
  operation({
    id: "city.licenses.usage",
    permission: "system",
    summary: "A month's usage against the licence's limits",
    method: "get",
    path: "/api/licenses/usage",
    input: { query: z.object({ month }) },
    replies: { 200: { description: "The month's usage", body: usageSchema } },
    handle: async ({ services }, { query }) =>
      json(await usageOf(services, query.month ?? monthOf(Date.now()))),
  }),
];

/** @throws ApiError 400 for a key that does not hold here */
function readOrRefuse(key: string, { store }: ApiServices, installation: string): Licence {
  try {
    const licence = readLicence(key, trustedKey(store.home, process.env));
    if (licence.installation_id !== null && licence.installation_id !== installation) {
      throw new LicenceError("other_installation", "The licence is for another installation");
    }
    if (isOver(licence, Date.now())) throw new LicenceError("expired", "The licence has ended");
    return licence;
  } catch (error) {
    if (!(error instanceof LicenceError)) throw error;
    throw ApiError.invalid(error.message, [{ field: "license_key", message: error.problem }]);
  }
}

function isOver({ expires_at }: Licence, now: number): boolean {
  return expires_at !== null && Date.parse(expires_at) < now;
}

/** Made at the first question, kept in the record. */
async function installationOf({ store }: ApiServices): Promise<string> {
  const { settings } = await store.open();
  const known = await settings.get(INSTALLATION_SETTING);
  if (typeof known === "string") return known;
  const made = randomUUID();
  await settings.set(INSTALLATION_SETTING, made, Date.now());
  return made;
}

/** A stored key is checked anew each time: a file that was changed by hand licenses nothing. */
async function standingOf(services: ApiServices): Promise<Standing> {
  const { settings } = await services.store.open();
  const installation_id = await installationOf(services);
  const key = await settings.get(KEY_SETTING);
  const none: Standing = { licensed: false, status: "unlicensed", installation_id, licence: null };
  if (typeof key !== "string") return none;
  try {
    const licence = readLicence(key, trustedKey(services.store.home, process.env));
    if (licence.installation_id !== null && licence.installation_id !== installation_id)
      return none;
    const over = isOver(licence, Date.now());
    return { licensed: !over, status: over ? "expired" : "active", installation_id, licence };
  } catch (error) {
    if (error instanceof LicenceError) return none;
    throw error;
  }
}

/** What was reported, and what is counted here: events of the month and cameras configured. */
async function usageOf(services: ApiServices, period: string) {
  const { usage: counts } = await services.store.open();
  const from = Date.parse(`${period}-01T00:00:00Z`);
  const next = new Date(from);
  next.setUTCMonth(next.getUTCMonth() + 1);
  const [standing, reported, events, cameras] = await Promise.all([
    standingOf(services),
    counts.of(period),
    services.events.count({ from, to: next.getTime() - 1 }),
    services.resources.cameras.list({}, { skip: 0, limit: 0 }),
  ]);
  const usage = { ...reported, events_per_month: events, cameras: cameras.total };
  const over_limits = standing.licence ? overLimits(standing.licence, usage) : [];
  return { ...standing, period, usage, over_limits };
}
