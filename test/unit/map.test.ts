import assert from "node:assert/strict";
import { flowsOf, type Transit } from "../../core/map/flows";
import { legsOf } from "../../core/map/track";
import { tileOrigin, tileServerOf } from "../../core/map/types";

describe("ways on the map", () => {
  const transit = (from: string, to: string, seconds: number, count = 1): Transit => ({
    ...{ from, to, seconds, count },
  });

  it("adds cameras up to places, with the times that half and nine in ten need", () => {
    const places: Record<string, string> = { a1: "A", a2: "A", b: "B" };
    const found = flowsOf(
      [
        transit("a1", "a2", 5, 50),
        transit("a1", "b", 60, 4),
        transit("a2", "b", 90, 4),
        transit("a2", "b", 600, 2),
        transit("b", "a1", 30),
      ],
      (camera) => places[camera] ?? camera,
    );
    assert.deepEqual(found, [
      { from: "A", to: "B", count: 10, p50Seconds: 90, p90Seconds: 600 },
      { from: "B", to: "A", count: 1, p50Seconds: 30, p90Seconds: 30 },
    ]);
    assert.deepEqual(flowsOf([], String), []);
  });

  it("tells how far and how fast, and what no vehicle can do", () => {
    const vienna = { latitude: 48.2082, longitude: 16.3738 };
    const graz = { latitude: 47.0707, longitude: 15.4395 };
    const minute = 60_000;
    const [slow, fast, unknown, near] = legsOf([
      { at: 0, place: vienna },
      { at: 120 * minute, place: graz },
      { at: 130 * minute, place: vienna },
      { at: 131 * minute, place: null },
      { at: 132 * minute, place: vienna },
    ]);
    assert.ok(slow && fast && unknown && near);
    assert.equal(slow.seconds, 7200);
    assert.ok(Math.abs((slow.metres ?? 0) - 145_000) < 1500, String(slow.metres));
    assert.ok((slow.kmh ?? 0) > 70 && (slow.kmh ?? 0) < 75, String(slow.kmh));
    assert.equal(slow.impossible, false);
    assert.equal(fast.impossible, true);
    assert.deepEqual([unknown.metres, unknown.kmh, unknown.impossible], [null, null, false]);
    assert.deepEqual(legsOf([{ at: 0, place: vienna }]), []);
    const [same] = legsOf([
      { at: 0, place: vienna },
      { at: 0, place: vienna },
    ]);
    assert.deepEqual(same, { seconds: 0, metres: 0, kmh: null, impossible: false });
  });

  it("opens pages for exactly one host of tiles", () => {
    const path = "/{z}/{x}/{y}.png?key=1";
    assert.equal(tileOrigin(`https://tiles.example.org${path}`), "https://tiles.example.org");
    assert.equal(tileOrigin(`http://10.0.0.5:8080${path}`), "http://10.0.0.5:8080");
    assert.equal(tileOrigin(`http://[::1]:8080${path}`), "http://[::1]:8080");
    for (const bad of [
      "",
      "https://tiles.example.org/1/2/3.png",
      `https://{s}.example.org${path}`,
      `https://*.example.org${path}`,
      `https://*${path}`,
      `javascript:alert(1)//${path}`,
      `https://a.example;script-src *${path}`,
      `https://a.example, https://b.example${path}`,
      `https://user:secret@a.example${path}`,
      `//a.example${path}`,
    ]) {
      assert.equal(tileOrigin(bad), null, bad);
    }
    assert.equal(tileServerOf(null), null);
    assert.equal(tileServerOf({ url: 5 }), null);
    assert.deepEqual(tileServerOf({ url: `http://a.example${path}` }), {
      url: `http://a.example${path}`,
      attribution: "",
      maxZoom: 19,
    });
  });
});
