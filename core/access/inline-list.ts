import { normalisePlate } from "../plates/normalise";
import { blankVehicle, blankWatchEntry } from "./blank";
import type { AccessSnapshot, Vehicle, WatchEntry } from "./types";
import { DEFAULT_ACCESS_SETTINGS } from "./types";
import { watchProblems } from "./validate";

/** A line of a typed list that cannot be used. */
export interface InlineProblem {
  line: number;
  text: string;
  reason: "no_plate" | "duplicate";
}

export interface InlineList {
  vehicles: Vehicle[];
  problems: InlineProblem[];
}

/**
 * Reads a list typed by a person: a plate a line, what follows `#` is the owner, empty
 * lines are skipped.
 */
export function parseInlineList(text: string): InlineList {
  const vehicles = new Map<string, Vehicle>();
  const problems: InlineProblem[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const [written = "", ...comment] = line.split("#");
    if (written.trim() === "") return;
    const plate = normalisePlate(written);
    const problem = plate === "" ? "no_plate" : vehicles.has(plate) ? "duplicate" : null;
    if (problem) problems.push({ line: i + 1, text: line.trim(), reason: problem });
    else {
      const owner = comment.join("#").trim() || null;
      vehicles.set(plate, { ...blankVehicle(`inline:${plate}`, plate), owner });
    }
  });
  return { vehicles: [...vehicles.values()], problems };
}

/**
 * Reads a watch list typed by a person: a plate or pattern (`*`, `?`) a line, what
 * follows `#` says what it is about, `!` in front makes it urgent.
 */
export function parseInlineWatch(text: string): {
  entries: WatchEntry[];
  problems: { line: number; text: string }[];
} {
  const entries: WatchEntry[] = [];
  const problems: { line: number; text: string }[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const [written = "", ...comment] = line.split("#");
    if (written.trim() === "") return;
    const urgent = written.trim().startsWith("!");
    const entry: WatchEntry = {
      ...blankWatchEntry(`inline:${i + 1}`, written.trim().replace(/^!/, "").trim()),
      description: comment.join("#").trim() || null,
      priority: urgent ? "high" : "normal",
    };
    if (watchProblems(entry, 0).length > 0) problems.push({ line: i + 1, text: line.trim() });
    else entries.push(entry);
  });
  return { entries, problems };
}

/** What was typed in a node. */
export interface InlineEntries {
  vehicles: readonly Vehicle[];
  watch: readonly WatchEntry[];
}

export const NOTHING_INLINE: InlineEntries = { vehicles: [], watch: [] };

/** Lists of nothing but what was typed. */
export function inlineSnapshot(entries: InlineEntries, version: string): AccessSnapshot {
  return {
    ...entries,
    version,
    groups: [],
    schedules: [],
    passes: [],
    settings: DEFAULT_ACCESS_SETTINGS,
  };
}

/** The store's lists with what was typed behind them: the store's entry counts where both have a plate. */
export function withInline(
  stored: AccessSnapshot,
  entries: InlineEntries,
  version: string,
): AccessSnapshot {
  if (entries.vehicles.length + entries.watch.length === 0) return stored;
  return {
    ...stored,
    version: `${stored.version}+${version}`,
    vehicles: [...stored.vehicles, ...entries.vehicles],
    watch: [...stored.watch, ...entries.watch],
  };
}
