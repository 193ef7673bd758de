import type { Operation } from "../operations";
import { health } from "./health";
import { token } from "./token";

/** Reference 2: the ANPR engine's backend. */
export const engineOperations: Operation[] = [health, token];
