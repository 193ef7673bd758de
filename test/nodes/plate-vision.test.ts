import assert from "node:assert/strict";
import helper = require("node-red-node-test-helper");
import type { Node } from "node-red";
import { frames } from "../../adapters/frames/frame-store";
import type { Detection, Read } from "../../core/messages";
import { VisionError, type VisionService } from "../../core/vision/ports";
import type { ModelsNode } from "../../nodes/shared/config-nodes";
import type { PlategateMessage } from "../../nodes/shared/kit";
import { until } from "../fixtures/barrier-kit";
import { type DrawnPlate, encodedFrame, i420Frame, scene } from "../fixtures/draw";

const nodes = ["plategate-models", "plate-detect", "plate-ocr"].map(
  (name) => require(`../../nodes/${name}/${name}`) as never,
);
const PLATE: DrawnPlate = { text: "KX73 BTR", x: 200, y: 180, w: 220, h: 52 };

const MODELS = { engine: "ppocr", workers: "1" };
const DETECT = { models: "m", passEmpty: true };
const OCR = { models: "m" };

interface Flow {
  detect: Node;
  ocr: Node;
  out: PlategateMessage[];
  errors: Error[];
}

async function load(detect: object = {}, models: object = {}): Promise<Flow> {
  await helper.load(nodes, [
    { id: "m", type: "plategate-models", ...MODELS, ...models },
    { id: "d", type: "plate-detect", ...DETECT, wires: [["o"]], ...detect },
    { id: "o", type: "plate-ocr", ...OCR, wires: [["out"]] },
    { id: "out", type: "helper" },
  ]);
  const flow: Flow = {
    detect: helper.getNode("d"),
    ocr: helper.getNode("o"),
    out: [],
    errors: [],
  };
  helper.getNode("out").on("input", (message) => flow.out.push(message));
  for (const node of [flow.detect, flow.ocr]) {
    (node as unknown as NodeJS.EventEmitter).on("call:error", (call: { firstArg: Error }) =>
      flow.errors.push(call.firstArg),
    );
  }
  return flow;
}

/** The service behind the models node, with every wait in the test's hands. */
function slowService(): { service: VisionService; finish: ((found: Detection[]) => void)[] } {
  const finish: ((found: Detection[]) => void)[] = [];
  const refuse = () => Promise.reject(new Error("not in this test"));
  const service: VisionService = {
    ready: refuse,
    detect: () => new Promise((resolve) => finish.push(resolve)),
    read: () => Promise.resolve<Read[]>([]),
    encode: refuse,
    recognize: refuse,
    pending: () => finish.length,
    close: () => Promise.resolve(),
  };
  return { service, finish };
}

describe("plate-detect and plate-ocr", function () {
  this.timeout(120_000);
  before((done) => void helper.startServer(done));
  after((done) => void helper.stopServer(done));
  afterEach(async () => {
    await helper.unload();
    frames.drop("cam");
  });

  it("turn a frame into reads and keep the rest of the message", async () => {
    const flow = await load();
    const frame = frames.put(await i420Frame("f1", scene(640, 400, [PLATE])));
    flow.detect.receive({ frame, topic: "gate", mine: 1 });
    await until(() => flow.out.length === 1);
    const [message] = flow.out;
    assert.equal(message?.reads?.[0]?.text, "KX73BTR");
    assert.equal(message?.reads?.[0]?.frameId, "f1");
    assert.equal(message?.detections?.length, 1);
    assert.deepEqual(message?.payload, message?.reads);
    assert.equal(message?.topic, "gate");
    assert.equal((message as unknown as { mine: number }).mine, 1);
  });

  it("take a picture in msg.payload, and put it among the frames", async () => {
    const flow = await load();
    const payload = await scene(640, 400, [PLATE]).jpeg().toBuffer();
    flow.detect.receive({ payload, topic: "upload" });
    await until(() => flow.out.length === 1);
    const [message] = flow.out;
    assert.equal(message?.reads?.[0]?.text, "KX73BTR");
    assert.equal(message?.frame?.cameraId, "upload");
    assert.equal(message?.frame?.width, 640);
    assert.ok(frames.get(message?.frame?.id ?? ""));
    await helper.unload();
    assert.equal(frames.latest("upload"), undefined);
  });

  it("pass on messages without a plate, or not, as set", async () => {
    const empty = scene(640, 400, []);
    const flow = await load();
    flow.detect.receive({ frame: frames.put(await encodedFrame("f2", empty)) });
    await until(() => flow.out.length === 1);
    assert.deepEqual(flow.out[0]?.reads, []);
    await helper.unload();
    const strict = await load({ passEmpty: false });
    strict.detect.receive({ frame: frames.put(await encodedFrame("f3", empty)) });
    const plated = await encodedFrame("f4", scene(640, 400, [PLATE]));
    strict.detect.receive({ frame: frames.put({ ...plated, cameraId: "other" }) });
    await until(() => strict.out.length === 1);
    assert.equal(strict.out[0]?.frame?.id, "f4");
    frames.drop("other");
  });

  it("keep only the newest frame of a camera while one is looked at", async () => {
    const flow = await load();
    const { service, finish } = slowService();
    (helper.getNode("m") as unknown as ModelsNode).vision = () => service;
    const template = await encodedFrame("x", scene(64, 40, []));
    const send = (id: string, cameraId: string): void => {
      const frame = frames.put({ ...template, id, cameraId });
      flow.detect.receive({ frame });
    };
    for (const id of ["1", "2", "3", "4"]) send(id, "cam");
    send("b1", "cam-b");
    await until(() => finish.length === 2);
    finish.splice(0).forEach((f) => f([]));
    await until(() => finish.length === 1);
    finish.splice(0).forEach((f) => f([]));
    await until(() => flow.out.length === 3);
    assert.deepEqual(flow.out.map((m) => m.frame?.id).sort(), ["1", "4", "b1"]);
    frames.drop("cam-b");
  });

  it("pass plates on as unread where the reader is down, not where one frame was lost", async () => {
    const flow = await load();
    const { service } = slowService();
    (helper.getNode("m") as unknown as ModelsNode).vision = () => service;
    const frame = frames.put(await encodedFrame("d1", scene(64, 40, [])));
    const detections: Detection[] = [{ box: [1, 2, 30, 10], corners: null, confidence: 0.9 }];
    service.read = () => Promise.reject(new VisionError("busy", "too much"));
    flow.ocr.receive({ frame, detections });
    await until(() => flow.errors.length === 1);
    service.read = () => Promise.reject(new VisionError("worker_died", "the worker died"));
    flow.ocr.receive({ frame, detections });
    await until(() => flow.errors.length === 2 && flow.out.length > 0);
    assert.equal(flow.out.length, 1);
    const [read] = flow.out[0]?.reads ?? [];
    assert.deepEqual([read?.text, read?.readable, read?.reason], ["", false, "reader_down"]);
    assert.deepEqual(read?.detection, detections[0]);
  });

  it("say what is wrong", async () => {
    const flow = await load();
    flow.detect.receive({ payload: Buffer.from("not a picture") });
    await until(() => flow.errors.length === 1);
    assert.match(flow.errors[0]?.message ?? "", /cannot be read/);
    flow.detect.receive({ payload: "text" });
    await until(() => flow.errors.length === 2);
    assert.match(flow.errors[1]?.message ?? "", /neither msg.frame nor a picture/);
    const gone = { id: "gone", cameraId: "cam", laneId: null, seq: 0, capturedAt: 0 };
    flow.detect.receive({ frame: { ...gone, width: 10, height: 10 } });
    await until(() => flow.errors.length === 3);
    assert.match(flow.errors[2]?.message ?? "", /no longer kept/);
    flow.ocr.receive({ payload: 1 });
    await until(() => flow.errors.length === 4);
    assert.match(flow.errors[3]?.message ?? "", /connect plate-detect/);
  });

  it("refuse to work with settings that make no sense", async () => {
    const flow = await load({ zones: "[[1,2]]" });
    flow.detect.receive({ payload: Buffer.alloc(10) });
    await until(() => flow.errors.length === 1);
    assert.match(flow.errors[0]?.message ?? "", /zones/);
    await helper.unload();
    const none = await load({ models: "" });
    none.detect.receive({ payload: Buffer.alloc(10) });
    await until(() => none.errors.length === 1);
    assert.match(none.errors[0]?.message ?? "", /chosen/);
  });

  it("start no thread before a picture comes, and leave none after", async () => {
    const threads = () =>
      process.getActiveResourcesInfo().filter((r) => /Worker|MessagePort/.test(r));
    const before = threads().length;
    const flow = await load();
    assert.equal(threads().length, before);
    flow.detect.receive({ payload: await scene(64, 40, []).jpeg().toBuffer() });
    await until(() => flow.out.length === 1);
    assert.ok(threads().length > before);
    await helper.unload();
    assert.equal(threads().length, before);
  });
});
