import type { PageOf, PageRequest } from "../auth/ports";
import type { Report } from "./types";

/** Reports that were asked for. Every method rejects with a StoreError on failure. */
export interface ReportRepository {
  /** @returns false where one of this id exists; then nothing is changed */
  add(report: Report): Promise<boolean>;
  get(id: string): Promise<Report | null>;
  /** Newest first. */
  list(page: PageRequest): Promise<PageOf<Report>>;
  /** How many wait or are being made. */
  unfinished(): Promise<number>;
  /**
   * Takes the oldest that waits, or whose maker died, for this process.
   * @returns null where there is none
   */
  claim(owner: string, now: number, leaseMs: number): Promise<Report | null>;
  /**
   * Says how far a report is, and keeps it for this process.
   * @returns false where it is not this process's to make any more: cancelled, or taken over
   */
  progress(id: string, owner: string, percent: number, leasedUntil: number): Promise<boolean>;
  /** @returns false where it is not this process's any more; then nothing is changed */
  finish(
    id: string,
    owner: string,
    outcome: Pick<Report, "state" | "rows" | "size" | "error">,
    now: number,
  ): Promise<boolean>;
  /** @returns false where it had finished */
  cancel(id: string, now: number): Promise<boolean>;
  /** Finished before this time. */
  expired(before: number): Promise<Report[]>;
  delete(id: string): Promise<boolean>;
}
