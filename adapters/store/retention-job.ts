import { randomUUID } from "node:crypto";
import type { RetentionClass } from "../../core/events/event";
import {
  auditCutoff,
  cutoff,
  filesCutoff,
  RETENTION_CLASSES,
  retentionPolicy,
  type RetentionReceipt,
} from "../../core/events/retention";
import type { ImageStore } from "../../core/events/ports";
import type { JobService } from "../jobs/service";
import { systemError } from "../database/errors";
import { EventPurge } from "../database/repositories/retention";
import { deleteWithPictures, finishPictures } from "./delete-events";
import type { Repositories } from "./repositories";

/** Events looked for at once. */
const STEP = 200;

/** The name of the setting with the hours per class. */
export const RETENTION_SETTING = "retention.hours";

/** The name of the setting with the days that the audit log is kept. */
export const AUDIT_SETTING = "retention.audit_days";

/** The name of the setting with the hours that uploaded videos and exports are kept. */
export const FILES_SETTING = "retention.file_hours";

/**
 * Deletes what has been kept long enough, with what an earlier run did not get to. Writes a
 * receipt to the audit log, also where something went wrong.
 * @param expireReports deletes old reports, and says how many
 */
export async function runRetention(
  repositories: Repositories,
  images: ImageStore,
  jobs: Pick<JobService, "deleteFiles">,
  now: number,
  expireReports: () => Promise<number> = () => Promise.resolve(0),
): Promise<RetentionReceipt> {
  const policy = retentionPolicy(await repositories.settings.get(RETENTION_SETTING));
  const receipt: RetentionReceipt = {
    id: randomUUID(),
    startedAt: now,
    finishedAt: now,
    policyHours: policy,
    deleted: { unknown: 0, allowed: 0, denied: 0 },
    pictures: 0,
    held: 0,
    files: 0,
    sessions: 0,
    reports: 0,
    audit: 0,
    error: null,
  };
  const { settings, sessions, audit } = repositories;
  const steps: (() => Promise<unknown>)[] = [
    async () => (receipt.pictures += await finishPictures(repositories, images)),
    ...RETENTION_CLASSES.map(
      (kind) => () => runClass(repositories, images, receipt, kind, cutoff(policy, kind, now)),
    ),
    async () => {
      const before = filesCutoff(await settings.get(FILES_SETTING), now);
      receipt.files = await jobs.deleteFiles(before);
    },
    async () => (receipt.reports = await expireReports()),
    async () => (receipt.sessions = await sessions.purge(now)),
    async () => {
      const before = auditCutoff(await settings.get(AUDIT_SETTING), now);
      receipt.audit = await audit.purge(before);
    },
  ];
  for (const step of steps) {
    try {
      await step(); // what one cannot delete must not keep the rest for ever
    } catch (error) {
      receipt.error ??= systemError(error).message;
    }
  }
  receipt.finishedAt = Date.now();
  await repositories.audit.append({
    id: receipt.id,
    at: now,
    actor: "system",
    organisation: null,
    action: "retention.run",
    subject: null,
    purpose: "retention",
    result: receipt.error === null ? "ok" : "failed",
    address: null,
    requestId: null,
    detail: { ...receipt },
  });
  return receipt;
}

async function runClass(
  repositories: Repositories,
  images: ImageStore,
  receipt: RetentionReceipt,
  kind: RetentionClass,
  before: number,
): Promise<void> {
  const purge = new EventPurge(repositories.database);
  for (;;) {
    const events = await purge.expired(kind, before, STEP);
    if (events.length === 0) break;
    const done = await deleteWithPictures(repositories, images, events, false);
    receipt.deleted[kind] += done.events;
    receipt.pictures += done.pictures;
  }
  receipt.held += await purge.heldPast(kind, before);
}
