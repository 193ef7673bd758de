import assert from "node:assert/strict";
import helper = require("node-red-node-test-helper");
import type { Node, NodeAPI, NodeDef } from "node-red";
import { frames } from "../../adapters/frames/frame-store";
import type { Passage } from "../../core/messages";
import type { EncodeOptions, PixelFrame } from "../../core/vision/ports";
import type { PlategateMessage } from "../../nodes/shared/kit";
import { FRAME_SIZE, frameAt, readOf, type ReadSpec } from "../fixtures/traffic";

const trackNode = require("../../nodes/plate-track/plate-track") as (RED: NodeAPI) => void;

/** Stands for the models' config node: its pictures name the frame they are of. */
let encoding: (frame: PixelFrame, options?: EncodeOptions) => Promise<Buffer>;
function modelsNode(RED: NodeAPI): void {
  RED.nodes.registerType("plategate-models", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    Object.assign(this, {
      vision: () => ({
        encode: (frame: PixelFrame, options?: EncodeOptions) => encoding(frame, options),
      }),
    });
  });
}

describe("plate-track", () => {
  let passages: Passage[] = [];
  let messages: PlategateMessage[] = [];

  before((done) => {
    helper.startServer(done);
  });
  after((done) => {
    helper.stopServer(done);
  });
  beforeEach(() => {
    encoding = async (frame, options) => Buffer.from(`${frame.id}${options?.crop ? " crop" : ""}`);
  });
  afterEach(async () => {
    await helper.unload();
    frames.drop("cam");
    frames.drop("other");
  });

  async function load(extra: Record<string, unknown> = {}): Promise<Node> {
    passages = [];
    messages = [];
    const node = { id: "t1", type: "plate-track", models: "m1", wires: [["out"]], ...extra };
    await helper.load([modelsNode, trackNode] as never, [
      { id: "m1", type: "plategate-models" },
      node,
      { id: "out", type: "helper" },
    ]);
    helper.getNode("out").on("input", (message: PlategateMessage) => {
      messages.push(message);
      if (message.passage) passages.push(message.passage);
    });
    return helper.getNode("t1");
  }

  function feed(node: Node, time: number, specs: ReadSpec[], cameraId = "cam"): void {
    const frame = frameAt(time, cameraId);
    const data = new SharedArrayBuffer(16);
    frames.put({ ...frame, ...FRAME_SIZE, format: "i420", data });
    const reads = specs.map((spec) => readOf(frame, spec));
    node.receive({ frame, reads, kept: "along" });
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 500 && !condition(); i++) await new Promise((r) => setTimeout(r, 20));
    assert.ok(condition(), "did not happen in ten seconds");
  }

  it("sends a passage as soon as two reads agree, with a picture made ahead", async () => {
    const node = await load();
    feed(node, 1000, [{ text: "AB123", box: [500, 300, 100, 24] }]);
    feed(node, 1100, [{ text: "AB123", box: [500, 320, 120, 28] }]);
    await until(() => passages.length === 1);
    const [passage] = passages;
    assert.equal(passage?.text, "AB123");
    assert.equal(passage?.state, "preliminary");
    assert.equal(passage?.best?.frameId, "cam-1000");
    assert.equal(passage?.images.frame?.toString(), "cam-1000");
    assert.equal(passage?.images.crop?.toString(), "cam-1000 crop");
    assert.equal((messages[0] as { kept?: string }).kept, "along");
    assert.match(passage?.id ?? "", /^[0-9a-f-]{36}$/);
  });

  it("ends a passage when frames stop, without another frame", async () => {
    const node = await load({ gap: "0.2" });
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1100, [{ text: "AB123" }]);
    await until(() => passages.length === 2);
    assert.equal(passages[1]?.state, "final");
    assert.equal(passages[1]?.id, passages[0]?.id);
    assert.ok(passages[1]?.images.crop);
  });

  it("gives the final message the best picture", async () => {
    const node = await load();
    for (let i = 0; i < 5; i++) {
      const size = 100 + (i === 3 ? 80 : 0);
      feed(node, 1000 + i * 100, [{ text: "AB123", box: [500, 300 + i, size, size / 4] }]);
    }
    for (let i = 5; i < 30; i++) feed(node, 1000 + i * 100, []);
    feed(node, 8000, []);
    await until(() => passages.at(-1)?.state === "final");
    const last = passages.at(-1);
    assert.equal(last?.best?.frameId, "cam-1300");
    assert.equal(last.images.frame?.toString(), "cam-1300");
    assert.equal(last.images.crop?.toString(), "cam-1300 crop");
  });

  it("has a picture also of a plate that was never read", async () => {
    const node = await load();
    for (let i = 0; i < 25; i++)
      feed(node, 1000 + i * 100, [{ text: "", box: [500, 300, 90, 20] }]);
    feed(node, 8000, []);
    await until(() => passages.at(-1)?.state === "final");
    assert.equal(passages.at(-1)?.text, "");
    assert.ok(passages.at(-1)?.images.crop);
  });

  it("keeps cameras apart", async () => {
    const node = await load();
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1010, [{ text: "AB123" }], "other");
    feed(node, 1100, [{ text: "AB123" }]);
    feed(node, 1110, [{ text: "AB123" }], "other");
    await until(() => passages.length === 2);
    assert.deepEqual(passages.map((passage) => passage.cameraId).sort(), ["cam", "other"]);
    assert.notEqual(passages[0]?.id, passages[1]?.id);
  });

  it("does not keep a gate waiting for a picture that does not come", async () => {
    encoding = () => new Promise(() => undefined);
    const node = await load();
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1100, [{ text: "AB123" }]);
    await until(() => passages.length === 1);
    assert.deepEqual(passages[0]?.images, { frame: null, crop: null });
  });

  it("sends passages without pictures when they cannot be made, and says so", async () => {
    encoding = () => Promise.reject(new Error("worker died"));
    const node = await load();
    const warnings: unknown[] = [];
    node.on(
      "call:warn" as never,
      ((call: { args: unknown[] }) => {
        warnings.push(call.args[0]);
      }) as never,
    );
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1100, [{ text: "AB123" }]);
    await until(() => passages.length === 1 && warnings.length > 0);
    assert.match(String(warnings[0]), /worker died/);
  });

  it("works without models, and counts in its status", async () => {
    const node = await load({ models: "" });
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1100, [{ text: "AB123" }]);
    await until(() => passages.length === 1);
    assert.equal(passages[0]?.images.frame, null);
    await until(() => {
      const { args } = (node.status as unknown as { lastCall: { args: [{ fill: string }] } })
        .lastCall;
      return args[0].fill === "green";
    });
  });

  it("says in its status what it left out, and why", async () => {
    const zones = JSON.stringify([
      {
        polygon: [
          [0, 0],
          [0.5, 0],
          [0.5, 1],
          [0, 1],
        ],
      },
    ]);
    const node = await load({ zones });
    const texts: unknown[] = [];
    node.on(
      "call:status" as never,
      ((call: { args: [{ text?: string }] }) => texts.push(call.args[0].text)) as never,
    );
    const outside: ReadSpec = { text: "XY789", box: [FRAME_SIZE.width - 200, 300, 140, 32] };
    feed(node, 1000, [{ text: "AB123", box: [100, 300, 140, 32] }, outside]);
    feed(node, 1100, [{ text: "AB123", box: [100, 310, 140, 32] }, outside]);
    await until(() => texts.some((text) => /followingDropped/.test(String(text))));
    assert.equal(passages.length, 1);
  });

  it("finishes on close what it had sent, and sends nothing new", async () => {
    const node = await load();
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1100, [{ text: "AB123" }, { text: "XY789", box: [900, 300, 140, 32] }]);
    await until(() => passages.length === 1);
    await node.close(false);
    await until(() => passages.length === 2);
    assert.deepEqual(
      passages.map((passage) => [passage.text, passage.state]),
      [
        ["AB123", "preliminary"],
        ["AB123", "final"],
      ],
    );
  });

  it("says what is wrong with a message, and goes on", async () => {
    const node = await load();
    const errors: string[] = [];
    node.on(
      "call:error" as never,
      ((call: { args: [Error] }) => {
        errors.push(String(call.args[0]));
      }) as never,
    );
    const frame = frameAt(1);
    for (const bad of [
      {},
      { frame },
      { frame, reads: [{ text: "A" }] },
      { frame: {}, reads: [] },
    ]) {
      node.receive(bad);
    }
    await until(() => errors.length === 4);
    assert.match(errors[0] ?? "", /msg\.frame/);
    assert.match(errors[1] ?? "", /msg\.reads/);
    assert.match(errors[2] ?? "", /reads\[0\] has no detection\.box/);
    feed(node, 1000, [{ text: "AB123" }]);
    feed(node, 1100, [{ text: "AB123" }]);
    await until(() => passages.length === 1);
  });

  it("does not start with zones that are none, and says which field", async () => {
    const node = await load({ zones: '[{"polygon":[[0,0],[2,0],[1,1]]}]' });
    const errors: string[] = [];
    node.on(
      "call:error" as never,
      ((call: { args: [Error] }) => {
        errors.push(String(call.args[0]));
      }) as never,
    );
    feed(node, 1000, [{ text: "AB123" }]);
    await until(() => errors.length > 0);
    assert.match(errors[0] ?? "", /zones\[0\]\.polygon/);
    assert.equal(passages.length, 0);
  });
});
