import type { BarrierRegistry } from "../barriers/registry";
import type { EventBus } from "../events/bus";
import type { Store } from "../store/store";
import { counter, gauge, histogram } from "./metrics";

const passages = counter("plategate_passages_total", "Passages that ended", ["lane", "source"]);
const decisions = counter("plategate_decisions_total", "Decisions about passages that ended", [
  "result",
  "reason",
]);
const commands = counter("plategate_barrier_requests_total", "What barriers were asked to do", [
  "barrier",
  "command",
  "result",
]);
const confirmations = histogram(
  "plategate_barrier_confirmation_seconds",
  "From a request to the device's confirmation",
  ["barrier"],
);
// The names of reference 3.
const processed = counter("anpr_events_processed_total", "Total events processed");
const failed = gauge("anpr_events_failed_total", "Failed events");
const queued = gauge("anpr_queue_size", "Current queue size");

const watched = new WeakSet<object>();

/** Counts what happens at the gates, once however often it is called. */
export function countActivity(bus: EventBus, barriers: BarrierRegistry): void {
  if (watched.has(bus)) return;
  watched.add(bus);
  bus.on("event", ({ event, becameFinal }) => {
    if (!becameFinal) return;
    processed.inc();
    passages.inc({ lane: event.laneId ?? "", source: event.source });
    if (event.decision) decisions.inc({ result: event.decision, reason: event.reason ?? "" });
  });
  barriers.on("audit", ({ kind, outcome, barrierId, confirmedAfterMs }) => {
    if (kind !== "request" || !outcome) return;
    commands.inc({ barrier: barrierId, command: outcome.command, result: outcome.result });
    if (confirmedAfterMs !== null) {
      confirmations.observe({ barrier: barrierId }, confirmedAfterMs / 1000);
    }
  });
}

/** Shows how many events wait to be stored, and how many could not even wait. */
export function showQueue(store: Store): void {
  gauge("anpr_queue_size", "Current queue size", [], () => queued.set(store.writer.waiting()));
  gauge("anpr_events_failed_total", "Failed events", [], () => {
    failed.set(Number(store.writer.health().details.refused ?? 0));
  });
}
