import type { Operation } from "../operations";
import { commandBarrier, listBarriers } from "./barriers";
import { acceptedReads, previewDecision } from "./lists/decisions";
import { listOperations } from "./lists/operations";
import { live, liveCameras, snapshot } from "./live";
import { metrics } from "./metrics";
import { outboxOperations } from "./outbox";
import { eventImage, listPassages } from "./passages";
import { login, loginPage, logout, whoAmI } from "./session";

/** Our own dialect (DESIGN §9), and the pages that belong to no other. */
export const plategateOperations: Operation[] = [
  loginPage,
  login,
  logout,
  whoAmI,
  metrics,
  listPassages,
  eventImage,
  listBarriers,
  commandBarrier,
  liveCameras,
  snapshot,
  live,
  ...listOperations,
  acceptedReads,
  previewDecision,
  ...outboxOperations,
];
