import type { Operation } from "../operations";
import { acknowledgeAlert, listAlerts } from "./alerts";
import { exportPassages } from "./export";
import { exportVehicles, importVehicles } from "./lists/import";
import { overview } from "./overview";
import { getPassage } from "./passages";
import { changePreferences, getPreferences } from "./preferences";
import { statistics } from "./statistics";

/** What the dashboard asks for beside the lists; before them, since their paths take any id. */
export const dashboardOperations: Operation[] = [
  getPreferences,
  changePreferences,
  overview,
  statistics,
  listAlerts,
  acknowledgeAlert,
  exportPassages,
  getPassage,
  importVehicles,
  exportVehicles,
];
