import assert from "node:assert/strict";
import type { Box } from "../../core/messages";
import { APPROACH, car, Watcher } from "../fixtures/traffic";

const box: Box = [500, 400, 140, 32];

describe("PassageTracker: direction, lines and zones", () => {
  const leave = { start: APPROACH.end, end: APPROACH.start };
  const level = { start: box, end: box };
  it("knows a car that comes nearer, one that leaves, and one that stands", () => {
    for (const [way, wanted] of [
      [APPROACH, "towards"],
      [leave, "away"],
      [level, "unknown"],
    ] as const) {
      const watcher = new Watcher();
      watcher.drive([car("AB123CD", 0, 3000, way)]);
      assert.equal(watcher.passages[0]?.direction, wanted);
    }
  });

  it("still knows where a car came from after it has stood for long", () => {
    const watcher = new Watcher();
    watcher.drive([{ ...car("AB123CD", 0) }], 10, undefined, 0);
    for (let t = 3100; t < 120_000; t += 100) {
      watcher.feed(t, { text: "AB123CD", box: APPROACH.end });
    }
    watcher.flush();
    assert.equal(watcher.passages.length, 1);
    assert.equal(watcher.passages[0]?.direction, "towards");
  });

  it("judges by two lines where they are drawn", () => {
    const across = (y: number): [[number, number], [number, number]] => [
      [0, y],
      [1, y],
    ];
    const sideways = { start: [560, 150, 100, 24] as Box, end: [500, 560, 100, 24] as Box };
    const there = new Watcher({ lines: [across(0.3), across(0.6)] });
    there.drive([car("AB123CD", 0, 3000, sideways)]);
    assert.equal(there.passages[0]?.direction, "towards");
    const back = new Watcher({ lines: [across(0.6), across(0.3)] });
    back.drive([car("AB123CD", 0, 3000, sideways)]);
    assert.equal(back.passages[0]?.direction, "away");
    const half = new Watcher({ lines: [across(0.3), across(0.95)] });
    half.drive([car("AB123CD", 0, 3000, sideways)]);
    assert.equal(half.passages[0]?.direction, "unknown");
  });

  it("leaves out cars that go the other way, and does not send before it knows", () => {
    const watcher = new Watcher({ only: "towards" });
    watcher.drive([car("AB123CD", 0, 3000, leave), car("XY789ZT", 10_000)]);
    assert.deepEqual(watcher.texts(), ["XY789ZT"]);
    assert.equal(watcher.events[0]?.passage.direction, "towards");
    assert.equal(watcher.tracker.dropped.wrong_direction, 1);
  });

  it("counts only plates in a zone and names its lane", () => {
    const zone = (laneId: string, from: number, to: number) => ({
      laneId,
      polygon: [
        [from, 0],
        [to, 0],
        [to, 1],
        [from, 1],
      ] as [number, number][],
    });
    const watcher = new Watcher({ zones: [zone("in", 0, 0.3), zone("out", 0.7, 1)] });
    for (const time of [0, 100, 200]) {
      watcher.feed(
        time,
        { text: "AB123CD", box: [100, 400, 140, 32] },
        { text: "XY789ZT", box: [600, 400, 140, 32] },
        { text: "CC333CC", box: [1100, 400, 140, 32] },
      );
    }
    watcher.flush();
    assert.deepEqual(
      watcher.passages.map((passage) => [passage.text, passage.laneId]),
      [
        ["AB123CD", "in"],
        ["CC333CC", "out"],
      ],
    );
    assert.equal(watcher.tracker.dropped.outside_zone, 3);
  });
});
