import type { AccessSnapshot } from "../../core/access/types";
import { uselessSchedules } from "../../core/access/validate";

/** A schedule in use that lets nobody in, and why, in words. */
export interface UselessSchedule {
  id: string;
  name: string;
  problem: string;
}

/** The schedules of these lists that are used and let nobody in. */
export function describeUseless(lists: AccessSnapshot, timeZone: string): UselessSchedule[] {
  return uselessSchedules(lists, Date.now(), timeZone).map(({ schedule, problem }) => ({
    id: schedule.id,
    name: schedule.name,
    problem: `${problem.code.replaceAll("_", " ")} (${problem.field})`,
  }));
}

/** Tells of schedules in use that let nobody in, each once until it changes. */
export class ScheduleWarnings {
  private told = new Set<string>();

  constructor(
    private readonly timeZone: string,
    private readonly warn: (name: string, problem: string) => void,
  ) {}

  /** @returns the name of one, null where all let somebody in at some time */
  look(lists: AccessSnapshot): string | null {
    const now = new Set<string>();
    const useless = describeUseless(lists, this.timeZone);
    for (const { id, name, problem } of useless) {
      const key = `${id} ${problem}`;
      now.add(key);
      if (!this.told.has(key)) this.warn(name, problem);
    }
    this.told = now;
    return useless[0]?.name ?? null;
  }
}
