import { configOperations } from "../../config/operations";
import type { Operation } from "../../operations";
import { cameraKind } from "./cameras";
import { exporterKind } from "./exporters";
import { modelKind } from "./models";
import { sensorKind } from "./sensors";
import { testOperations } from "./tests";
import { zoneKind } from "./zones";

/** `/config/…` of reference 2. */
export const engineConfigOperations: Operation[] = [
  ...configOperations(cameraKind),
  ...configOperations(zoneKind),
  ...configOperations(modelKind),
  ...configOperations(sensorKind),
  ...configOperations(exporterKind),
  ...testOperations,
];
