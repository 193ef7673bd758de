import type { Operation } from "../operations";
import { detectImage } from "./detect";
import { output, staticFile } from "./files";
import { locationOperations } from "./locations";
import {
  latestDetection,
  listDetections,
  plateQueries,
  plateRegions,
  statistics,
  vehicleQueries,
} from "./queries";
import { sessionQueries } from "./sessions";
import { plateStatus } from "./status";

/** Reference 5: the Galaxy ALPR backend. */
export const galaxyOperations: Operation[] = [
  detectImage,
  latestDetection,
  listDetections,
  plateRegions,
  plateQueries,
  vehicleQueries,
  sessionQueries,
  statistics,
  plateStatus,
  ...locationOperations,
  output,
  staticFile,
];
