import assert from "node:assert/strict";
import { createLog, LOG_LEVELS } from "../../adapters/log/log";
import { RecentLog, recentLog } from "../../adapters/log/recent";
import { MonitoringHistory } from "../../adapters/metrics/history";
import { counter } from "../../adapters/metrics/metrics";

describe("the log that is kept to be looked at", () => {
  it("gives what came after a line, by level and text", () => {
    const log = new RecentLog();
    log.add("info", "one", {}, 1);
    log.add("error", "two", { camera: "North" }, 2);
    log.add("warn", "three", {}, 3);
    const numbers = (levels: readonly (typeof LOG_LEVELS)[number][], after = 0, text = "") =>
      log.after(after, { levels, text, limit: 10 }).map(({ number }) => number);
    assert.deepEqual(numbers(LOG_LEVELS), [1, 2, 3]);
    assert.deepEqual(numbers(["error"]), [2]);
    assert.deepEqual(numbers(LOG_LEVELS, 2), [3]);
    assert.deepEqual(numbers(LOG_LEVELS, 0, "north"), [2]);
    assert.deepEqual(log.after(0, { levels: LOG_LEVELS, limit: 1 })[0]?.message, "three");
  });

  it("keeps no more than some, and cuts what is long", () => {
    const log = new RecentLog();
    for (let count = 0; count < 5000; count += 1) log.add("info", "x".repeat(9000), {}, count);
    const kept = log.after(0, { levels: LOG_LEVELS, limit: 10_000 });
    assert.ok(kept.length <= 2200 && kept.length >= 2000);
    assert.equal(log.last, 5000);
    assert.ok(kept.every(({ message }) => message.length < 5000));
  });

  it("holds what was written, masked, and nothing below the log's level", () => {
    const before = recentLog.last;
    const log = createLog(
      { LOG_LEVEL: "info", DB_PASSWORD: "s3cret-of-it" },
      { write: () => true },
    );
    log.write("debug", "not written");
    log.write("warn", "login with s3cret-of-it", { token: "abc" });
    const lines = recentLog.after(before, { levels: LOG_LEVELS, limit: 10 });
    assert.deepEqual(
      lines.map(({ message, fields }) => [message, fields]),
      [["login with ***", { token: "***" }]],
    );
  });
});

describe("the last hour's monitoring", () => {
  it("makes rates of what was counted between two samples", async () => {
    const frames = counter("plategate_frames_total", "Frames that came from cameras", ["camera"]);
    const history = new MonitoringHistory();
    await history.take(process.cwd());
    assert.deepEqual(history.samples(), []);
    frames.inc({ camera: "a" }, 30_000);
    frames.inc({ camera: "b" }, 30_000);
    const begun = Date.now();
    while (Date.now() === begun) await Promise.resolve(); // the clock has moved on
    await history.take(process.cwd());
    const [sample] = history.samples();
    assert.ok(sample && sample.frames > 0 && sample.memory_mb > 10 && sample.disk_free_mb > 0);
    assert.equal(sample.drops, 0);
  });
});
