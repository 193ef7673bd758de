import assert from "node:assert/strict";
import { CameraPassages } from "../../adapters/passages/camera-passages";
import type { Passage } from "../../core/messages";
import { DEFAULT_TRACKER_SETTINGS } from "../../core/vision/tracking/settings";
import { frameAt, readOf } from "../fixtures/traffic";

describe("passages of a camera", () => {
  it("have whole milliseconds also after frames had stopped", async () => {
    const passages: Passage[] = [];
    const camera = new CameraPassages("cam", {
      settings: DEFAULT_TRACKER_SETTINGS,
      vision: null,
      version: "",
      placed: () => undefined,
      failed: assert.ifError,
      emit: (passage) => void passages.push(passage),
    });
    const feed = (time: number, text: string, now: number): Promise<void> => {
      const frame = frameAt(time);
      const emit = (passage: Passage) => void passages.push(passage);
      return camera.feed(frame, undefined, [readOf(frame, { text })], now, emit);
    };
    // performance.now() has fractions; frames taken while nobody had time come late
    for (const time of [0, 100, 200]) await feed(time, "AB12CDE", 50.25 + time);
    await camera.tick(10_000.4);
    for (const time of [300, 400, 500]) await feed(time, "XY98ZWV", 10_100.7 + time);
    await camera.finish();
    assert.deepEqual(new Set(passages.map(({ text }) => text)), new Set(["AB12CDE", "XY98ZWV"]));
    for (const { firstSeen, lastSeen, firstReadable } of passages) {
      for (const time of [firstSeen, lastSeen, firstReadable]) assert.ok(Number.isInteger(time));
    }
  });
});
