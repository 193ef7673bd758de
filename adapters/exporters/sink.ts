import type { StoredEvent } from "../../core/events/event";
import type { Outcome } from "../../core/outbox/types";

/** What goes to another system at once. */
export interface ExportItem {
  /** The same at every try. */
  id: string;
  /** The event as it travels, or what a flow made. */
  data: Record<string, unknown>;
  event: StoredEvent | null;
}

/** Takes events for another system. */
export interface ExportSink {
  /** How many lanes it takes at a time, and how many items in one call. */
  readonly concurrency: number;
  readonly batch: number;
  /** @returns an outcome each; does not reject */
  write(items: readonly ExportItem[], signal: AbortSignal): Promise<Outcome[]>;
  close(): Promise<void>;
}
