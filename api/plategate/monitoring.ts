import { z } from "zod";
import { monitoring, SAMPLE_MS } from "../../adapters/metrics/history";
import { json, operation } from "../operations";
import { instant } from "../schemas";

const sampleSchema = z.object({
  at: instant,
  cpu: z.number().describe("per cent of one core"),
  memory_mb: z.number(),
  loop_ms: z.number().describe("p99 of the event loop's delay"),
  disk_free_mb: z.number(),
  frames: z.number().describe("frames a second"),
  drops: z.number().describe("frames a second that were dropped"),
  inference_ms: z.number().nullable().describe("mean time of one inference"),
  inference_waiting: z.number().describe("pictures that wait for a worker"),
  events_waiting: z.number().describe("events that wait to be stored"),
  passages: z.number(),
});

/** How the process was doing, for people who have no Prometheus. */
export const readMonitoring = operation({
  id: "plategate.monitoring",
  permission: "system",
  summary: "Queues, drops, times, memory and disk over the last hour, in memory",
  method: "get",
  path: "/api/v1/monitoring",
  input: {},
  replies: {
    200: {
      description: "Samples, oldest first",
      body: z.object({ interval_seconds: z.number(), samples: z.array(sampleSchema) }),
    },
  },
  handle() {
    const samples = monitoring
      .samples()
      .map((sample) => ({ ...sample, at: new Date(sample.at).toISOString() }));
    return json({ interval_seconds: SAMPLE_MS / 1000, samples });
  },
});
