import { z } from "zod";

/** What a licence key says. Times: ISO 8601. A licence counts and reports; it never closes a gate. */
export const licenceSchema = z.object({
  id: z.string().min(1).max(128),
  licensee: z.string().min(1).max(200),
  issued_at: z.iso.datetime(),
  /** Last instant; null: for ever. */
  expires_at: z.iso.datetime().nullable(),
  /** The one installation it is for; null: any. */
  installation_id: z.string().max(128).nullable(),
  /** Most of each counted thing, e.g. cameras, events_per_month. */
  limits: z.record(z.string().max(64), z.number().min(0)),
  features: z.array(z.string().max(64)).max(100),
});
export type Licence = z.infer<typeof licenceSchema>;

/** Why a licence does not hold. */
export type LicenceProblem =
  "malformed" | "bad_signature" | "other_installation" | "expired" | "not_trusted";

export class LicenceError extends Error {
  constructor(
    readonly problem: LicenceProblem,
    message: string,
  ) {
    super(message);
    this.name = "LicenceError";
  }
}

/** Limits of a licence that usage goes beyond. */
export function overLimits(
  licence: Licence,
  usage: Readonly<Record<string, number>>,
): { metric: string; used: number; limit: number }[] {
  return Object.entries(licence.limits).flatMap(([metric, limit]) => {
    const used = usage[metric] ?? 0;
    return used > limit ? [{ metric, used, limit }] : [];
  });
}

/** The month of a time, "2026-11" (UTC). */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
