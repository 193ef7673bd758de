import assert from "node:assert/strict";
import { join } from "node:path";
import { WorkerPool } from "../../workers/pool";

const FILE = join(__dirname, "..", "fixtures", "pool-worker.js");

/** Hands jobs of rising priority to one busy worker. @returns the order in which they were done */
async function orderOf(longWaitMs: number, backgroundWaitMs = Infinity): Promise<string[]> {
  const options = { file: FILE, data: null, size: 1, queue: 10, longWaitMs, backgroundWaitMs };
  const pool = new WorkerPool<string, string, object>(options);
  try {
    await pool.ready();
    const order: string[] = [];
    const give = async (job: string, priority: number): Promise<void> => {
      order.push(await pool.run(job, undefined, [], priority));
    };
    await Promise.all([
      give("running", 0),
      give("video", -1),
      give("picture", 0),
      give("find", 1),
      give("read", 2),
    ]);
    return order;
  } finally {
    await pool.close();
  }
}

describe("worker pool", () => {
  it("does jobs of a higher priority first", async () => {
    assert.deepEqual(await orderOf(Infinity), ["running", "read", "find", "picture", "video"]);
  });

  it("does what has waited for long in its turn, so that nothing waits for ever", async () => {
    assert.deepEqual(await orderOf(0, 0), ["running", "video", "picture", "find", "read"]);
  });

  it("does not let the background go before who has waited less long at a gate", async () => {
    assert.deepEqual(await orderOf(0), ["running", "picture", "find", "read", "video"]);
  });

  it("does not stop by force what takes long when it is closed", async () => {
    const data = new SharedArrayBuffer(4);
    const gate = new Int32Array(data);
    const pool = new WorkerPool<string, string, object>({
      file: FILE,
      data,
      size: 1,
      queue: 1,
      closeMs: 1,
    });
    await pool.ready();
    const [worker] = pool.threads();
    const ended = new Promise<number>((resolve) => worker?.once("exit", resolve));
    const job = pool.run("wait");
    await pool.close();
    assert.equal(pool.threads().length, 1);
    worker?.ref();
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    assert.equal(await job, "wait");
    assert.equal(await ended, 0);
    assert.equal(pool.threads().length, 0);
  });
});
