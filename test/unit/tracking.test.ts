import assert from "node:assert/strict";
import type { Box } from "../../core/messages";
import { car, plateAt, Watcher } from "../fixtures/traffic";

const box: Box = [500, 400, 140, 32];

describe("PassageTracker", () => {
  describe("life of a passage", () => {
    it("sends a preliminary as soon as two reads agree, and one final when the car is gone", () => {
      const watcher = new Watcher();
      assert.deepEqual(watcher.feed(0, { text: "AB123" }), []);
      const [first] = watcher.feed(100, { text: "AB123" });
      assert.equal(first?.kind, "preliminary");
      assert.equal(first?.passage.text, "AB123");
      assert.equal(first?.passage.revision, 1);
      assert.equal(first?.passage.state, "preliminary");
      watcher.feed(200, { text: "AB123" });
      assert.deepEqual(watcher.feed(3000), []);
      const [last] = watcher.feed(3300);
      assert.equal(last?.kind, "final");
      assert.equal(last?.passage.id, first?.passage.id);
      assert.equal(last?.passage.revision, 2);
      assert.equal(last?.passage.reads, 3);
      assert.equal(last?.passage.lastSeen, 200);
      assert.equal(watcher.tracker.size, 0);
    });

    it("waits for as many reads as it was told to", () => {
      const watcher = new Watcher({ agree: 4 });
      for (const time of [0, 100, 200]) assert.deepEqual(watcher.feed(time, { text: "AB123" }), []);
      assert.equal(watcher.feed(300, { text: "AB123" })[0]?.kind, "preliminary");
    });

    it("corrects an early misread by later, better reads before it is final", () => {
      const watcher = new Watcher();
      const far: Box = [500, 200, 60, 12];
      watcher.feed(0, { text: "AB128", box: far, confidence: 0.6 });
      watcher.feed(100, { text: "AB128", box: far, confidence: 0.6 });
      for (const time of [200, 300, 400]) {
        watcher.feed(time, { text: "AB123", box: [505, 210, 70, 15], confidence: 0.97 });
      }
      watcher.flush();
      assert.deepEqual(
        watcher.events.map(({ kind, passage }) => [kind, passage.text, passage.revision]),
        [
          ["preliminary", "AB128", 1],
          ["update", "AB123", 2],
          ["final", "AB123", 3],
        ],
      );
    });

    it("is final when it stays, once, and is silent after", () => {
      const watcher = new Watcher({ settleMs: 5000 });
      for (let time = 0; time < 20_000; time += 100) watcher.feed(time, { text: "AB123" });
      watcher.flush();
      assert.deepEqual(
        watcher.events.map((event) => event.kind),
        ["preliminary", "update", "update", "final"],
      );
    });

    it("tells again when a text that was unsure has become surer, and not for ever", () => {
      const watcher = new Watcher();
      for (let time = 0; time < 2000; time += 100) {
        watcher.feed(time, { text: "AB123CD", confidence: 0.85 });
      }
      const confidences = watcher.events.map(({ passage }) => passage.confidence);
      assert.ok(
        (confidences[0] ?? 1) < 0.75 && (confidences.at(-1) ?? 0) > 0.9,
        confidences.join(" "),
      );
      assert.ok(watcher.events.length <= 6);
      assert.ok(watcher.events.every(({ passage }) => passage.text === "AB123CD"));
    });

    it("can be final as soon as a number of reads agree", () => {
      const watcher = new Watcher({ finalReads: 5 });
      for (let time = 0; time < 400; time += 100) watcher.feed(time, { text: "AB123" });
      assert.equal(watcher.feed(400, { text: "AB123" }).at(-1)?.kind, "final");
    });

    it("starts anew where near reads keep refuting a final text", () => {
      const watcher = new Watcher({ settleMs: 1000 });
      const far: Box = [500, 400, 60, 13];
      for (let t = 0; t < 3000; t += 100) watcher.feed(t, { text: "AB128", box: far });
      for (let t = 3000; t < 6000; t += 100)
        watcher.feed(t, { text: "AB723", box: [495, 400, 75, 24] });
      watcher.flush();
      assert.deepEqual(watcher.texts(), ["AB128", "AB723"]);
      assert.ok(watcher.passages.every((passage) => passage.state === "final"));
    });

    it("makes a final passage of a car that was read only once", () => {
      const watcher = new Watcher();
      watcher.feed(0, { text: "AB123" });
      watcher.tick(3100);
      assert.deepEqual(watcher.texts(), ["AB123"]);
      assert.equal(watcher.passages[0]?.reads, 1);
    });

    it("ends by the clock alone when frames stop", () => {
      const watcher = new Watcher();
      watcher.feed(0, { text: "AB123" });
      watcher.feed(100, { text: "AB123" });
      assert.deepEqual(watcher.tick(3000), []);
      assert.equal(watcher.tick(3200)[0]?.kind, "final");
    });

    it("ends all when the camera's clock is set back, and goes on", () => {
      const watcher = new Watcher();
      for (const time of [100_000, 100_100]) watcher.feed(time, { text: "AB123" });
      const events = watcher.feed(5000, { text: "XY789" });
      assert.equal(events[0]?.kind, "final");
      watcher.feed(5100, { text: "XY789" });
      assert.deepEqual(watcher.texts(), ["AB123", "XY789"]);
    });

    it("notes when the plate was first readable", () => {
      const watcher = new Watcher();
      watcher.feed(1000, { text: "", box });
      watcher.feed(1100, { text: "", box });
      for (const time of [1200, 1300]) watcher.feed(time, { text: "AB123", box });
      assert.equal(watcher.passages[0]?.firstSeen, 1000);
      assert.equal(watcher.passages[0]?.firstReadable, 1200);
    });
  });

  describe("the figures asked for", () => {
    it("counts the same car twice, 10 s apart, as two passages", () => {
      const watcher = new Watcher();
      watcher.drive([car("AB123CD", 0), car("AB123CD", 13_000)]);
      assert.deepEqual(watcher.texts(), ["AB123CD", "AB123CD"]);
      assert.equal(watcher.events.filter((event) => event.kind === "preliminary").length, 2);
    });

    it("counts a car as two passages also where it stood in the same place both times", () => {
      const watcher = new Watcher();
      const stands = { start: box, end: box };
      watcher.drive([car("AB123CD", 0, 5000, stands), car("AB123CD", 15_000, 5000, stands)]);
      assert.equal(watcher.passages.length, 2);
    });

    it("counts ten minutes parked, flickering and misread now and then, as one", () => {
      const watcher = new Watcher();
      for (let time = 0, i = 0; time < 600_000; time += 200, i++) {
        const jitter: Box = [box[0] + (i % 3), box[1] - (i % 2), box[2] + (i % 4), box[3]];
        if (i % 50 > 38) watcher.feed(time);
        else if (i % 17 === 5) watcher.feed(time, { text: "HB723", box: jitter });
        else if (i % 13 === 5) watcher.feed(time, { text: "", box: jitter });
        else watcher.feed(time, { text: "AB123", box: jitter });
      }
      watcher.flush();
      assert.deepEqual(watcher.texts(), ["AB123"]);
      assert.ok(watcher.events.length <= 6, `${watcher.events.length} events`);
      assert.ok((watcher.passages[0]?.votes.length ?? 0) <= 64);
    });

    it("keeps a parked car through half a minute behind a lorry", () => {
      const watcher = new Watcher();
      for (let time = 0; time < 120_000; time += 200) watcher.feed(time, { text: "AB123", box });
      for (let time = 120_000; time < 150_000; time += 200) watcher.feed(time);
      for (let time = 150_000; time < 160_000; time += 200)
        watcher.feed(time, { text: "AB123", box });
      watcher.flush();
      assert.equal(watcher.passages.length, 1);
    });

    it("gives car B right behind car A a picture of its own", () => {
      const watcher = new Watcher();
      const cars = [car("AA111AA", 0), car("BB222BB", 1200)];
      watcher.drive(cars);
      assert.deepEqual(watcher.texts(), ["AA111AA", "BB222BB"]);
      watcher.passages.forEach((passage, i) => {
        const one = cars[i];
        assert.ok(one && passage.best);
        assert.deepEqual(passage.best.box, plateAt(one, passage.best.capturedAt));
        assert.ok(passage.best.capturedAt > one.to - 200, "the nearest, largest picture is best");
      });
    });

    it("tells two cars of a fleet apart whose plates differ in one character", () => {
      const watcher = new Watcher();
      watcher.drive([car("AB123CD", 0), car("AB123CF", 1500)]);
      assert.deepEqual(watcher.texts(), ["AB123CD", "AB123CF"]);
    });

    it("tells a car from one that takes its place a second later", () => {
      const watcher = new Watcher();
      const stands = { start: box, end: box };
      watcher.drive([car("AB123CD", 0, 2000, stands), car("XY789ZT", 3000, 2000, stands)]);
      assert.deepEqual(watcher.texts(), ["AB123CD", "XY789ZT"]);
    });
  });

  describe("several plates and misreads", () => {
    it("follows two lanes at once, crossing in the picture", () => {
      const watcher = new Watcher();
      const left = { start: [100, 200, 100, 24] as Box, end: [900, 500, 140, 32] as Box };
      const right = { start: [1000, 200, 100, 24] as Box, end: [200, 500, 140, 32] as Box };
      watcher.drive([car("AB123CD", 0, 3000, left), car("XY789ZT", 0, 3000, right)]);
      assert.deepEqual(watcher.texts().sort(), ["AB123CD", "XY789ZT"]);
    });

    it("follows a fast car at two frames a second", () => {
      const watcher = new Watcher();
      watcher.drive([car("AB123CD", 0, 2000)], 2);
      assert.deepEqual(watcher.texts(), ["AB123CD"]);
    });

    it("takes clipped and overlong reads for the same car and finds the whole text", () => {
      const watcher = new Watcher();
      const seen = ["23CD", "B123CD", "AB123CD", "AB123C", "EAB123CD", "AB123CD", "AB123CD"];
      seen.forEach((text, i) => watcher.feed(i * 100, { text }));
      watcher.flush();
      assert.deepEqual(watcher.texts(), ["AB123CD"]);
      assert.equal(watcher.passages[0]?.reads, seen.length);
    });

    it("makes no passage of one sure misread in a car's place", () => {
      const watcher = new Watcher();
      const seen = ["AB123CD", "AB123CD", "BMW320", "AB123CD", "AB123CD"];
      seen.forEach((text, i) => watcher.feed(i * 100, { text }));
      watcher.flush();
      assert.deepEqual(watcher.texts(), ["AB123CD"]);
      assert.equal(watcher.tracker.dropped.misread, 1);
    });

    it("makes no passage of a sure misread out of a fast car's way", () => {
      const watcher = new Watcher();
      const seen = ["AB123CD", "AB123CD", "AB1W3CD", "AB123CD", "AB123CD"];
      const fast = { start: [100, 100, 100, 24] as Box, end: [1100, 600, 100, 24] as Box };
      const one = car("AB123CD", 0, 1000, fast);
      seen.forEach((text, i) => {
        const at = i * 250 + (text === "AB1W3CD" ? 200 : 0);
        watcher.feed(i * 250, { text, box: plateAt(one, Math.min(1000, at)) ?? box });
      });
      watcher.flush();
      assert.deepEqual(watcher.texts(), ["AB123CD"]);
    });

    it("counts a plate once that two boxes or a reflection show", () => {
      const watcher = new Watcher();
      for (let time = 0; time < 1000; time += 100) {
        watcher.feed(
          time,
          { text: "AB123CD", box },
          { text: "AB123", box: [505, 402, 100, 28], confidence: 0.8 },
          { text: "AB123CD", box: [500, 600, 140, 32], confidence: 0.7 },
        );
      }
      watcher.flush();
      assert.deepEqual(watcher.texts(), ["AB123CD"]);
      assert.equal(watcher.tracker.dropped.doubled, 20);
    });

    it("lets formats of the camera's region rank alternatives", () => {
      const watcher = new Watcher({ regions: ["GB"] });
      for (const time of [0, 100]) watcher.feed(time, { text: "AB12CDE" });
      assert.equal(watcher.passages[0]?.region, "GB");
    });
  });

  describe("plates never read", () => {
    it("become a passage without text, with the reason, when seen long enough", () => {
      const watcher = new Watcher();
      for (let time = 0; time <= 2500; time += 100) watcher.feed(time, { text: "", box });
      assert.equal(watcher.events[0]?.kind, "preliminary");
      watcher.flush();
      assert.equal(watcher.passages.length, 1);
      assert.equal(watcher.passages[0]?.text, "");
      assert.equal(watcher.passages[0]?.reason, "too_small");
      assert.equal(watcher.passages[0]?.firstReadable, null);
    });

    it("are corrected when they can be read after all", () => {
      const watcher = new Watcher();
      for (let time = 0; time <= 2500; time += 100) watcher.feed(time, { text: "", box });
      for (let time = 2600; time <= 3000; time += 100) watcher.feed(time, { text: "AB123", box });
      const [first, second] = watcher.events;
      assert.equal(first?.passage.text, "");
      assert.equal(second?.kind, "update");
      assert.equal(second?.passage.text, "AB123");
      assert.equal(second?.passage.id, first?.passage.id);
      assert.equal(second?.passage.reason, undefined);
    });

    it("make no passage when they only flicker", () => {
      const watcher = new Watcher();
      watcher.feed(0, { text: "", box });
      watcher.flush();
      assert.deepEqual(watcher.events, []);
      assert.equal(watcher.tracker.dropped.too_short, 1);
    });

    it("keep a text to themselves that no read was sure of", () => {
      const watcher = new Watcher();
      for (let time = 0; time <= 2500; time += 100) {
        watcher.feed(time, { text: "AB123", box, confidence: 0.3 });
      }
      watcher.flush();
      assert.equal(watcher.passages[0]?.text, "");
      assert.equal(watcher.passages[0]?.reason, "low_confidence");
    });
  });
});
