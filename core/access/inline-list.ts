import { normalisePlate } from "../plates/normalise";
import { blankVehicle } from "./blank";
import type { AccessSnapshot, Vehicle } from "./types";
import { DEFAULT_ACCESS_SETTINGS } from "./types";

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

/** Lists of nothing but typed plates. */
export function inlineSnapshot(vehicles: readonly Vehicle[], version: string): AccessSnapshot {
  return {
    version,
    vehicles,
    groups: [],
    schedules: [],
    passes: [],
    watch: [],
    settings: DEFAULT_ACCESS_SETTINGS,
  };
}

/** The store's lists with the typed plates behind them: the store's entry counts where both have a plate. */
export function withInline(
  stored: AccessSnapshot,
  vehicles: readonly Vehicle[],
  version: string,
): AccessSnapshot {
  if (vehicles.length === 0) return stored;
  return {
    ...stored,
    version: `${stored.version}+${version}`,
    vehicles: [...stored.vehicles, ...vehicles],
  };
}
