import type { LogFields, LogLevel } from "./log";

/** A line of the log as it was written: its secrets are masked already. */
export interface LogLine {
  /** Grows by one a line; what comes after a number is asked for by it. */
  number: number;
  at: number;
  level: LogLevel;
  message: string;
  fields: LogFields;
}

/** Lines kept for people to look at. */
const KEPT = 2000;
/** Longer ones are cut: a stack trace says what it is about at its beginning. */
const LONGEST = 4000;

/** The last lines of the process's log, in memory. */
export class RecentLog {
  private lines: LogLine[] = [];
  private count = 0;

  add(level: LogLevel, message: string, fields: LogFields, at: number): void {
    this.count += 1;
    const cut = message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message;
    this.lines.push({ number: this.count, at, level, message: cut, fields });
    if (this.lines.length > KEPT * 1.1) this.lines = this.lines.slice(-KEPT);
  }

  /**
   * Lines after a number, oldest first: the newest of those that match.
   * @param levels only these; @param text only with this in message or fields
   */
  after(
    number: number,
    { levels, text = "", limit }: { levels: readonly LogLevel[]; text?: string; limit: number },
  ): LogLine[] {
    const wanted = text.toLowerCase();
    const matches = (line: LogLine): boolean =>
      line.number > number &&
      levels.includes(line.level) &&
      (wanted === "" ||
        `${line.message} ${JSON.stringify(line.fields)}`.toLowerCase().includes(wanted));
    return this.lines.filter(matches).slice(-limit);
  }

  /** Number of the newest line. */
  get last(): number {
    return this.count;
  }
}

/** What this process has logged last. */
export const recentLog = new RecentLog();
