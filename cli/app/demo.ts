import { join } from "node:path";
import { DemoRelay } from "../../adapters/barriers/demo-relay";
import { packageRoot } from "../../adapters/package/package";

export interface Demo {
  /** Address of the software relay. */
  relayUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts what the demo gate's flow talks to, and says where it is in the
 * environment variables that the flow names: the relay, and the footage that is
 * played as a camera.
 */
export async function startDemo(env: NodeJS.ProcessEnv): Promise<Demo> {
  const relay = new DemoRelay();
  const relayUrl = await relay.start();
  env.PLATEGATE_DEMO_RELAY_URL = relayUrl;
  env.PLATEGATE_DEMO_FOOTAGE = join(packageRoot(), "examples", "footage", "gate.mp4");
  return { relayUrl, stop: () => relay.stop() };
}
