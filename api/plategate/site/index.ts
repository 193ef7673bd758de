import { configOperations } from "../../config/operations";
import type { Operation } from "../../operations";
import { readEnvironment } from "./environment";
import { laneKind } from "./lanes";
import { settingsOperations } from "./settings";
import { siteKind } from "./sites";

/** Sites, lanes and the system's settings. */
export const siteOperations: Operation[] = [
  ...configOperations(siteKind),
  ...configOperations(laneKind),
  ...settingsOperations,
  readEnvironment,
];
