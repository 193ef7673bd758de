import type { Operation } from "../operations";
import { engineConfigOperations } from "./config";
import { eventPicture, getEvent, ingest, listEvents } from "./events";
import { health, healthDetailed } from "./health";
import { eventStats } from "./statistics";
import { token } from "./token";

/** Reference 2: the ANPR engine's backend. */
export const engineOperations: Operation[] = [
  health,
  healthDetailed,
  token,
  ingest,
  listEvents,
  // before /events/:event_id, which it would match
  eventStats,
  getEvent,
  eventPicture,
  ...engineConfigOperations,
];
