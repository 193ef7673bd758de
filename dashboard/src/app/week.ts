/** A schedule's week as cells that can be painted, half an hour each. */

export interface Window {
  days: number[];
  from: string;
  to: string;
}

export const CELLS = 48;
const MINUTES = 30;
const DAY = 1440;

/** Monday first, as in ISO 8601; a row a day. */
export type Week = boolean[][];

export const emptyWeek = (): Week =>
  Array.from({ length: 7 }, () => Array<boolean>(CELLS).fill(false));

function minutes(text: string): number {
  const [hours = 0, rest = 0] = text.split(":").map(Number);
  return hours * 60 + rest;
}

/** "HH:MM"; the end of the day is "24:00". */
export function clockOf(cell: number): string {
  const at = cell * MINUTES;
  return `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
}

/** Whether the cells can say exactly what the windows say. */
export function fitsCells(windows: readonly Window[]): boolean {
  return windows.every(
    ({ from, to }) => minutes(from) % MINUTES === 0 && minutes(to) % MINUTES === 0,
  );
}

/** The cells that the windows open; one that crosses midnight goes on in the next day. */
export function weekOf(windows: readonly Window[]): Week {
  const week = emptyWeek();
  for (const { days, from, to } of windows) {
    const start = minutes(from);
    const end = minutes(to) <= start ? minutes(to) + DAY : minutes(to);
    for (const day of days) {
      for (let at = start - (start % MINUTES); at < end; at += MINUTES) {
        const row = week[(day - 1 + Math.floor(at / DAY)) % 7];
        if (row) row[(at % DAY) / MINUTES] = true;
      }
    }
  }
  return week;
}

/** The windows that open the cells: the same time on several days is one window. */
export function windowsOf(week: Week): Window[] {
  const days = new Map<string, number[]>();
  week.forEach((row, index) => {
    for (const [from, to] of runs(row)) {
      const key = `${clockOf(from)}-${clockOf(to)}`;
      days.set(key, [...(days.get(key) ?? []), index + 1]);
    }
  });
  return [...days].map(([key, list]) => {
    const [from = "", to = ""] = key.split("-");
    return { days: list, from, to };
  });
}

function runs(row: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  let start = -1;
  for (let cell = 0; cell <= row.length; cell += 1) {
    if (row[cell] && start < 0) start = cell;
    else if (!row[cell] && start >= 0) {
      found.push([start, cell]);
      start = -1;
    }
  }
  return found;
}
