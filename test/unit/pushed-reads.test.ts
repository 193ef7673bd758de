import assert from "node:assert/strict";
import { decodeReport } from "../../core/pushed/decode";
import {
  PushedPassages,
  SETTLE_MS,
  TRACK_MS,
  type PushOptions,
  type Taken,
} from "../../core/pushed/passages";
import { blankRead, type PushedRead, type PushSource } from "../../core/pushed/types";
import * as report from "../fixtures/camera-reports";

const NOW = Date.UTC(2026, 2, 2, 10);
const AT = NOW - 800;
const FIELDS = { plate: "AB123CD", at: AT };
const NONE = { frame: null, crop: null };

function read(source: PushSource, text: string): PushedRead {
  const [one, ...more] = decodeReport(source, text);
  assert.ok(one && more.length === 0);
  return one;
}

describe("reads that cameras push", () => {
  it("Hikvision: alerts of plates alone, with what it says of each character", () => {
    const one = read("hikvision", report.hikvisionXml({ ...FIELDS, pictures: 2 }));
    assert.deepEqual(
      [one.text, one.confidence, one.direction, one.at, one.region, one.pictures],
      ["AB123CD", 0.97, "towards", AT, "DEU", 2],
    );
    assert.deepEqual(one.characters, [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93]);
    assert.deepEqual([one.vehicle["list"], one.vehicle["line"]], ["allowList", 2]);
    assert.equal(one.retransmitted, false);
    const late = read("hikvision", report.hikvisionXml({ ...FIELDS, late: true }));
    assert.deepEqual([late.retransmitted, late.key], [true, one.key], "the same report again");
    assert.deepEqual(decodeReport("hikvision", report.HIKVISION_HEARTBEAT), []);
    assert.deepEqual(decodeReport("hikvision", "<a>".repeat(10_000)), []);
    const unread = read("hikvision", report.hikvisionXml({ plate: "unknown", at: AT }));
    assert.equal(unread.text, "");
    const own = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>';
    for (const plate of ["&e;", "AB&e;1", "&constructor;"]) {
      const xml = report.hikvisionXml({ plate, at: AT });
      assert.equal(read("hikvision", own + xml).text, "", "an entity's name is no plate");
    }
    const signs = read("hikvision", report.hikvisionXml({ plate: "A&#66;&#x31;", at: AT }));
    assert.equal(signs.text, "AB1");
  });

  it("Dahua: the object's text only where the object is a plate", () => {
    const one = read("dahua", report.dahuaText(FIELDS));
    assert.deepEqual(
      [one.text, one.at, one.direction, one.box],
      ["AB123CD", AT, "towards", [2000, 3000, 800, 200]],
    );
    const other = report.dahuaText(FIELDS).replace(/.*TrafficCar\.PlateNumber.*\r\n/, "");
    assert.equal(read("dahua", other).text, "AB123CD");
    const vehicle = other.replace("ObjectType=Plate", "ObjectType=Vehicle");
    assert.deepEqual(decodeReport("dahua", vehicle), []);
    assert.deepEqual(decodeReport("dahua", "Heartbeat"), []);
    const motion = "Events[0].EventBaseInfo.Code=VideoMotion\r\nEvents[0].Object.Text=x";
    assert.deepEqual(decodeReport("dahua", motion), []);
  });

  it("Axis: new, update and lost of one car", () => {
    const [first, second, last] = (["new", "update", "lost"] as const).map((state) =>
      read("axis", report.axisJson(state, FIELDS)),
    );
    assert.deepEqual([first?.phase, second?.phase, last?.phase], ["step", "step", "end"]);
    assert.ok(first?.track && first.track === last?.track);
    assert.deepEqual([first.direction, second?.direction], ["unknown", "towards"]);
    assert.deepEqual([first.at, first.confidence, first.camera], [AT, 0.93, "ACCC8E000001"]);
    for (const stamp of [AT / 1000, AT * 1000, AT * 1_000_000]) {
      const text = report.axisJson("new", FIELDS, { capture_timestamp: stamp });
      assert.equal(read("axis", text).at, AT);
    }
  });

  it("Plate Recognizer, Rekor, Frigate: what they name and how", () => {
    const pr = read("platerecognizer", report.plateRecognizerJson(FIELDS));
    assert.deepEqual(
      [pr.text, pr.camera, pr.confidence, pr.at, pr.region, pr.box],
      ["ab123cd", "north", 0.91, AT, "de", [10, 20, 100, 30]],
    );
    assert.equal(pr.candidates[1]?.text, "ab123c0");
    const rekor = read("rekor", report.rekorJson(FIELDS));
    assert.deepEqual(
      [rekor.text, rekor.camera, rekor.confidence, rekor.at, rekor.vehicle["color"]],
      ["AB123CD", "1234", 0.9425, AT, "blue"],
    );
    assert.deepEqual(rekor.box, [10, 20, 100, 32]);
    for (const changes of [{ data_type: "heartbeat" }, { is_preview: true }]) {
      assert.deepEqual(decodeReport("rekor", report.rekorJson(FIELDS, changes)), []);
    }
    const frigate = read("frigate", report.frigateUpdate(FIELDS));
    assert.deepEqual(
      [frigate.text, frigate.camera, frigate.at, frigate.box],
      ["AB123CD", "driveway", AT, [917, 487, 112, 42]],
    );
    assert.equal(read("frigate", report.frigateEndMessage()).track, frigate.track);
    assert.throws(() => decodeReport("frigate", "{"), RangeError);
  });

  for (const source of [
    "hikvision",
    "dahua",
    "axis",
    "platerecognizer",
    "rekor",
    "frigate",
  ] as const) {
    it(`${source}: nothing of what is sent is believed`, () => {
      const nonsense = ["", "null", "[]", "7", '{"data":{"results":[null,7]}}', '{"after":null}'];
      for (const text of [...nonsense, '{"data_type":"alpr_group","best_plate":7}']) {
        let found: PushedRead[] = [];
        try {
          found = decodeReport(source, text);
        } catch (error) {
          assert.ok(error instanceof RangeError, text);
        }
        for (const one of found) assert.equal(one.text, "");
      }
    });
  }
});

describe("passages of pushed reads", () => {
  const make = (changes: Partial<PushOptions> = {}): PushedPassages =>
    new PushedPassages({
      source: "axis",
      cameraId: "cam",
      laneOf: (camera) => (camera === "driveway" ? "home" : "entry"),
      assumedConfidence: 0.8,
      lateMs: 30_000,
      sameMs: 5_000,
      clock: "camera",
      ...changes,
    });
  const passageOf = (taken: Taken) => {
    assert.ok(taken.kind === "passage", taken.kind);
    return taken;
  };
  const whole = (
    key: string,
    at: number | null,
    changes: Partial<PushedRead> = {},
  ): PushedRead => ({
    ...blankRead(key, "ab-123 cd"),
    at,
    ...changes,
  });

  it("are normalised, with lane, time and what is assumed where nothing is said", () => {
    const { passage, late } = passageOf(make().take(whole("1", AT), NONE, NOW));
    assert.deepEqual(
      [passage.text, passage.confidence, passage.cameraId, passage.laneId, passage.state, late],
      ["AB123CD", 0.8, "cam", "entry", "final", false],
    );
    assert.deepEqual([passage.firstSeen, passage.reads, passage.votes.length], [AT, 1, 1]);
  });

  it("come once: the same report, and the same plate within some seconds", () => {
    const passages = make();
    passages.take(whole("1", AT), NONE, NOW);
    assert.equal(passages.take(whole("1", AT), NONE, NOW + 60_000).kind, "duplicate");
    assert.equal(passages.take(whole("2", AT + 4_000), NONE, NOW + 4_000).kind, "duplicate");
    const back = passageOf(passages.take(whole("3", AT + 40_000), NONE, NOW + 40_000));
    assert.equal(back.late, false, "the same car comes back");
    const id = (key: string) => passageOf(make().take(whole(key, AT), NONE, NOW)).passage.id;
    assert.equal(id("1"), id("1"), "after a restart the same report is the same event");
    assert.notEqual(id("1"), id("2"));
  });

  it("are late where the camera says so, or its time", () => {
    const of = (read: PushedRead, changes: Partial<PushOptions> = {}) =>
      passageOf(make(changes).take(read, NONE, NOW));
    assert.equal(of(whole("1", NOW - 30_001)).late, true);
    assert.equal(of(whole("1", NOW - 29_000)).late, false);
    assert.equal(of(whole("1", AT, { retransmitted: true })).late, true);
    const again = of(whole("1", AT, { retransmitted: true }), { clock: "arrival" });
    assert.deepEqual([again.late, again.passage.lastSeen], [true, AT]);
    const wrongClock = of(whole("1", NOW - 7_200_000), { clock: "arrival" });
    assert.deepEqual([wrongClock.late, wrongClock.passage.lastSeen], [false, NOW]);
    for (const at of [NOW + 5_001, NOW + 3_600_000, null]) {
      const unclear = of(whole("1", at));
      assert.deepEqual(
        [unclear.passage.lastSeen, unclear.late, unclear.clock],
        [NOW, true, "wrong"],
        "it may be of any time",
      );
      const arrived = of(whole("1", at), { clock: "arrival" });
      assert.deepEqual(
        [arrived.passage.lastSeen, arrived.late, arrived.clock],
        [NOW, false, "fine"],
      );
    }
    const ahead = of(whole("1", NOW + 5_000));
    assert.deepEqual([ahead.late, ahead.clock], [false, "fine"]);
  });

  it("are told again where that is surer, or where only a late one was told", () => {
    const passages = make();
    const take = (key: string, confidence: number, changes: Partial<PushedRead> = {}) =>
      passages.take(whole(key, AT, { confidence, ...changes }), NONE, NOW);
    const late = passageOf(take("1", 0.9, { retransmitted: true }));
    const first = passageOf(take("2", 0.6));
    assert.deepEqual([late.late, first.late, first.passage.id], [true, false, late.passage.id]);
    assert.equal(take("3", 0.6).kind, "duplicate");
    assert.equal(take("4", 0.99, { retransmitted: true }).kind, "duplicate");
    const surer = passageOf(take("5", 0.95)).passage;
    assert.deepEqual(
      [surer.id, surer.revision, surer.confidence, surer.state],
      [first.passage.id, first.passage.revision + 1, 0.95, "final"],
    );
    const old = whole("6", AT - 3_600_000, { retransmitted: true });
    assert.notEqual(passageOf(passages.take(old, NONE, NOW)).passage.id, first.passage.id);
    assert.equal(take("7", 0.9).kind, "duplicate", "a late one hides nothing of what was told");
  });

  it("of a track are one, with a vote a report, final at its end", () => {
    const passages = make();
    const step = (key: string, text: string, confidence: number, ms: number) =>
      passages.take(
        { ...blankRead(key, text), track: "7", phase: "step", confidence, at: AT + ms },
        NONE,
        NOW + ms,
      );
    const first = passageOf(step("1", "AB123C0", 0.6, 0)).passage;
    const second = passageOf(step("2", "AB123CD", 0.9, 300)).passage;
    assert.deepEqual([first.text, first.state, first.revision], ["AB123C0", "preliminary", 1]);
    assert.deepEqual([second.id, second.text, second.revision], [first.id, "AB123CD", 2]);
    assert.equal(first.votes.length, 1, "what was handed out stays as it was");
    const end = { ...blankRead("3", "AB123CD"), track: "7", phase: "end" as const, at: AT + 300 };
    const last = passageOf(passages.take(end, NONE, NOW + 10_000)).passage;
    assert.deepEqual([last.state, last.reads, last.lastSeen], ["final", 2, AT + 300]);
    const after = passageOf(step("4", "AB123CD", 0.9, 12_000));
    assert.deepEqual([after.passage.id, after.late], [first.id, true], "the car is gone");
    assert.equal(after.passage.state, "final");
  });

  it("of a track that ends and never began are for the record at most", () => {
    const passages = make();
    const end = { ...blankRead("3", "AB123CD"), track: "7", phase: "end" as const, at: AT };
    const told = passageOf(passages.take(end, NONE, NOW));
    assert.deepEqual([told.late, told.passage.state], [true, "final"]);
    const empty = { ...end, key: "4", track: "8", text: "" };
    assert.equal(passages.take(empty, NONE, NOW).kind, "nothing");
  });

  it("of a track are final when it is silent, with the same id when it goes on", () => {
    const passages = make();
    const begin = { ...blankRead("1", "AB123CD"), track: "7", phase: "step" as const, at: AT };
    const first = passageOf(passages.take({ ...begin, camera: "driveway" }, NONE, NOW)).passage;
    assert.deepEqual(passages.settle(NOW + SETTLE_MS - 1), []);
    const [over] = passages.settle(NOW + SETTLE_MS);
    assert.deepEqual(
      [over?.passage.state, over?.passage.laneId, over?.passage.revision, over?.late],
      ["final", "home", 2, false],
    );
    assert.deepEqual(passages.settle(NOW + 10 * SETTLE_MS), []);
    const drivesOff = NOW + 300_000;
    const again = { ...begin, camera: "driveway", key: "2", at: drivesOff };
    const later = passageOf(passages.take(again, NONE, drivesOff));
    assert.deepEqual(
      [later.passage.id, later.passage.revision, later.passage.state, later.late],
      [first.id, 3, "final", false],
    );
    const end = { ...again, key: "3", phase: "end" as const, text: "", at: null };
    const last = passageOf(passages.take(end, NONE, drivesOff + 60_000));
    assert.deepEqual([last.passage.id, last.late, last.clock], [first.id, false, "fine"]);
    const muchLater = drivesOff + 60_000 + TRACK_MS;
    passages.settle(muchLater);
    const other = { ...again, key: "4", at: muchLater };
    assert.notEqual(passageOf(passages.take(other, NONE, muchLater)).passage.id, first.id);
  });
});
