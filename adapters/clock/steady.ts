import { performance } from "node:perf_hooks";

/**
 * Milliseconds since the epoch by the clock of the process's start: what sets the wall
 * clock (a time server, a person) moves it neither ahead nor back. For how long
 * something lasts and how old it is; what is stored or shown takes `Date.now()`.
 */
export function steadyNow(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
