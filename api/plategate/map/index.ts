import type { Operation } from "../../operations";
import { placeCamera } from "./cameras";
import { readMap, setTiles } from "./map";
import { flows, track } from "./movements";
import { planOperations } from "./plans";

/** The map: paths, flows, places. */
export const mapOperations: Operation[] = [
  readMap,
  track,
  flows,
  placeCamera,
  setTiles,
  ...planOperations,
];
