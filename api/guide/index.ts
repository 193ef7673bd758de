import type { Operation } from "../operations";
import { recognize } from "./recognize";

/** Reference 1: the ALPR integration guide. */
export const guideOperations: Operation[] = [recognize];
