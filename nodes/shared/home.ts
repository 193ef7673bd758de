import { join, resolve } from "node:path";
import type { NodeAPI } from "node-red";

/** The folder of everything that is written: PLATEGATE_HOME, else one in Node-RED's own. */
export function homeOf(RED: NodeAPI, env: NodeJS.ProcessEnv): string {
  if (env.PLATEGATE_HOME) return resolve(env.PLATEGATE_HOME);
  return join(resolve(RED.settings.userDir ?? "."), "plategate");
}
