import type { RetentionClass } from "./event";

/** How long events of each class are kept, in hours. */
export type RetentionPolicy = Record<RetentionClass, number>;

/** DESIGN §8: unknown 72 h, allowed and denied 30 days. */
export const DEFAULT_RETENTION: Readonly<RetentionPolicy> = {
  unknown: 72,
  allowed: 30 * 24,
  denied: 30 * 24,
};

export const RETENTION_CLASSES = ["unknown", "allowed", "denied"] as const;

const HOUR = 3_600_000;
/** How long uploaded videos and exports are kept after their job unless the settings say otherwise. */
const FILE_HOURS = 72;
/** How long the audit log is kept unless the settings say otherwise, in days. */
const AUDIT_DAYS = 730;
export const SHORTEST_AUDIT_DAYS = 30;
/** A hundred years: longer would overflow what a date can say. */
const LONGEST_HOURS = 876_000;

/**
 * The policy in a settings value; what is missing or no number of hours between 1 and
 * 876,000 is the default, so that a mistyped setting neither deletes all nor keeps for ever.
 */
export function retentionPolicy(value: unknown): RetentionPolicy {
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const hours = (name: RetentionClass) => {
    const number = given[name];
    const valid = typeof number === "number" && number >= 1 && number <= LONGEST_HOURS;
    return valid ? number : DEFAULT_RETENTION[name];
  };
  return { unknown: hours("unknown"), allowed: hours("allowed"), denied: hours("denied") };
}

/** Days that the audit log is kept; a setting that is no number of days from 30 on is the default. */
export function auditDays(days: unknown): number {
  const valid =
    typeof days === "number" && days >= SHORTEST_AUDIT_DAYS && days * 24 <= LONGEST_HOURS;
  return valid ? days : AUDIT_DAYS;
}

/** Lines of the audit log from before may go. */
export function auditCutoff(days: unknown, now: number): number {
  return now - auditDays(days) * 24 * HOUR;
}

/** Hours that files of jobs are kept; a setting that is no such number is the default. */
export function fileHours(hours: unknown): number {
  const valid = typeof hours === "number" && hours >= 1 && hours <= LONGEST_HOURS;
  return valid ? hours : FILE_HOURS;
}

/** Files of jobs that were over before this may go: uploaded videos, exports. */
export function filesCutoff(hours: unknown, now: number): number {
  return now - fileHours(hours) * HOUR;
}

/** Events whose later of timestamp and storing time is before this may go. */
export function cutoff(policy: RetentionPolicy, kind: RetentionClass, now: number): number {
  return now - policy[kind] * HOUR;
}

/** What a run of the retention job did; kept in the audit log. */
export interface RetentionReceipt {
  id: string;
  startedAt: number;
  finishedAt: number;
  policyHours: RetentionPolicy;
  deleted: Record<RetentionClass, number>;
  pictures: number;
  /** Past their time, but held. */
  held: number;
  /** Uploaded videos and exports. */
  files: number;
  sessions: number;
  reports: number;
  /** Lines of the audit log that were old enough. */
  audit: number;
  /** Null where everything was done. */
  error: string | null;
}
