import type { Operation } from "../operations";
import { cityUserOperations } from "./users";

/** Reference 3: the ANPR City API. */
export const cityOperations: Operation[] = [...cityUserOperations];
