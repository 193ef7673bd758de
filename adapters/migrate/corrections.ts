import { eventIdOf, RowRefused, type Row, textOf, timeOf } from "../../core/migrate/fields";
import { normalisePlate } from "../../core/plates/normalise";
import type { Repositories } from "../store/repositories";

/** A row of a table of corrections, understood. */
interface Correction {
  eventId: string;
  plate: string;
  notes: string | null;
  at: number | null;
}

/** @throws RowRefused */
export function correctionOf(row: Row, source: string): Correction {
  const eventId = eventIdOf(row, source);
  if (eventId === null) throw new RowRefused("no event");
  const plate = normalisePlate(textOf(row, "corrected_plate", "corrected_text", "plate") ?? "");
  if (plate === "") throw new RowRefused("no corrected plate");
  const at = timeOf(row, "corrected_at", "reviewed_at", "created_at");
  return { eventId, plate, notes: textOf(row, "notes", "comment", "reason"), at };
}

/**
 * Corrections that the other system keeps in a table of their own. They come before their
 * events in a dump, so they are taken when all rows were seen; of several the latest counts.
 */
export class Corrections {
  private readonly latest = new Map<string, Correction>();

  constructor(
    private readonly repositories: Repositories,
    private readonly source: string,
  ) {}

  /** Keeps a row's correction. @throws RowRefused @returns it, for {@link take} */
  keep(row: Row): Correction {
    const correction = correctionOf(row, this.source);
    const before = this.latest.get(correction.eventId);
    if (!before || (correction.at ?? 0) >= (before.at ?? 0)) {
      this.latest.set(correction.eventId, correction);
    }
    return correction;
  }

  /**
   * Notes a correction as the review of its event.
   * @returns false where somebody has looked at the event already, or a later one counts
   * @throws RowRefused where there is no such event
   */
  async take(correction: Correction): Promise<boolean> {
    const { eventId, plate, notes, at } = correction;
    const { events, reviews } = this.repositories;
    if (this.latest.get(eventId) !== correction) return false;
    const event = await events.get(eventId);
    if (!event) throw new RowRefused("there is no event of this id");
    if ((await reviews.of([eventId])).has(eventId)) return false;
    const reviewedAt = at ?? event.timestamp;
    await reviews.correct(plate, { eventId, actor: `import:${this.source}`, notes, reviewedAt });
    return true;
  }
}
