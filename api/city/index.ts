import type { Operation } from "../operations";
import { boloOperations } from "./bolos";
import { cityCameraOperations } from "./cameras";
import { cityEventOperations } from "./events";
import { feedbackExport } from "./feedback";
import { adminHealth } from "./health";
import { jobOperations } from "./jobs";
import { licenceOperations } from "./licences";
import { uploadVideo } from "./uploads";
import { cityUserOperations } from "./users";

/** Reference 3: the ANPR City API. */
export const cityOperations: Operation[] = [
  ...cityUserOperations,
  ...cityCameraOperations,
  uploadVideo,
  ...jobOperations,
  ...cityEventOperations,
  feedbackExport,
  ...boloOperations,
  ...licenceOperations,
  adminHealth,
];
