import type { Operation } from "../operations";
import { auditOperations } from "./audit";
import { privacyOperations } from "./privacy";
import { commandBarrier, listBarriers } from "./barriers";
import { dashboardOperations } from "./dashboard";
import { acceptedReads, listDecisions, previewDecision, readDecision } from "./access/decisions";
import { listGates } from "./access/gates";
import { removeLaneRules, setLaneRules } from "./access/lane-settings";
import { changeSettings, readSettings } from "./access/settings";
import { listSiteModes, occupancy, resetOccupancy, setSiteMode } from "./access/sites";
import { readCardNumbers, readSync, reconcile } from "./access/sync";
import { listOperations } from "./lists/operations";
import { keyOperations } from "./keys";
import { enterPlate, renewLink, visitPage } from "./access/visits";
import { live, liveCameras, snapshot } from "./live";
import { changePassword, endSession, listSessions, whoAmI } from "./me";
import { mapOperations } from "./map";
import { readLogs } from "./logs";
import { metrics } from "./metrics";
import { readMonitoring } from "./monitoring";
import { notificationOperations } from "./notifications/operations";
import { outboxOperations } from "./outbox";
import { eventImage, listPassages } from "./passages";
import { readingQuality } from "./quality";
import { allReportOperations } from "./reports";
import { roleOperations } from "./roles";
import { login, loginPage, logout } from "./session";
import { refresh, revoke } from "./tokens";
import { trialOperations } from "./trials/operations";
import { userOperations } from "./users";
import { siteOperations } from "./site";

/** Our own dialect (DESIGN §9), and the pages that belong to no other. */
export const plategateOperations: Operation[] = [
  loginPage,
  login,
  logout,
  refresh,
  revoke,
  whoAmI,
  changePassword,
  listSessions,
  endSession,
  ...userOperations,
  ...keyOperations,
  ...roleOperations,
  ...auditOperations,
  ...privacyOperations,
  metrics,
  readMonitoring,
  readLogs,
  listPassages,
  eventImage,
  readingQuality,
  listBarriers,
  commandBarrier,
  liveCameras,
  snapshot,
  live,
  ...dashboardOperations,
  ...listOperations,
  readSync,
  reconcile,
  readCardNumbers,
  acceptedReads,
  previewDecision,
  listDecisions,
  readDecision,
  renewLink,
  visitPage,
  enterPlate,
  listSiteModes,
  setSiteMode,
  occupancy,
  resetOccupancy,
  readSettings,
  changeSettings,
  setLaneRules,
  removeLaneRules,
  listGates,
  ...outboxOperations,
  ...notificationOperations,
  ...siteOperations,
  ...trialOperations,
  ...mapOperations,
  ...allReportOperations,
];
