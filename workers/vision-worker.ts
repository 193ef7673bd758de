/** A worker thread that does everything that touches pixels. */
import { parentPort, workerData } from "node:worker_threads";
import { Engine } from "../adapters/vision/engine";
import { VisionError } from "../core/vision/ports";
import type {
  EngineOptions,
  PlainError,
  ToWorker,
  VisionFromWorker,
  VisionJob,
  VisionResult,
} from "./protocol";

function answer(message: VisionFromWorker, picture?: Uint8Array): void {
  const transfer = picture ? [picture.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(message, transfer);
}

function plain(error: unknown): PlainError {
  return {
    code: error instanceof VisionError ? error.code : null,
    message: error instanceof Error ? error.message : String(error),
  };
}

function perform(engine: Engine, job: VisionJob): Promise<VisionResult> {
  switch (job.kind) {
    case "detect":
      return engine.detect(job.frame, job.options);
    case "read":
      return engine.read(job.frame, job.detections, job.options);
    case "encode":
      return engine.encode(job.frame, job.options);
    case "recognize":
      return engine.recognize(job.picture, job.options, job.at);
  }
}

async function work(engine: Engine, id: number, job: VisionJob): Promise<void> {
  try {
    const result = await perform(engine, job);
    answer({ id, result }, result instanceof Uint8Array ? result : undefined);
  } catch (error) {
    answer({ id, error: plain(error) });
  }
}

async function main(): Promise<void> {
  const inbox: ToWorker<VisionJob>[] = [];
  let deliver = (message: ToWorker<VisionJob>): void => void inbox.push(message);
  parentPort?.on("message", (message: ToWorker<VisionJob>) => deliver(message));
  const engine = await Engine.load(workerData as EngineOptions);
  let last = Promise.resolve();
  deliver = (message) => {
    last = last.then(() => {
      if ("job" in message) return work(engine, message.id, message.job);
      parentPort?.close();
      return engine.release();
    });
  };
  inbox.forEach(deliver);
  answer({ ready: engine.info() });
}

main().catch((error: unknown) => {
  answer({ failed: plain(error) });
  parentPort?.close();
});
