import type { AccessSnapshot } from "../../core/access/types";
import { uselessSchedules } from "../../core/access/validate";

/** Tells of schedules in use that let nobody in, each once until it changes. */
export class ScheduleWarnings {
  private told = new Set<string>();

  constructor(
    private readonly timeZone: string,
    private readonly warn: (name: string, problem: string) => void,
  ) {}

  look(lists: AccessSnapshot): void {
    const now = new Set<string>();
    for (const { schedule, problem } of uselessSchedules(lists, Date.now(), this.timeZone)) {
      const text = `${problem.code.replaceAll("_", " ")} (${problem.field})`;
      const key = `${schedule.id} ${text}`;
      now.add(key);
      if (!this.told.has(key)) this.warn(schedule.name, text);
    }
    this.told = now;
  }
}
