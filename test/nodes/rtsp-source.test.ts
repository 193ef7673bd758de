import assert from "node:assert/strict";
import helper = require("node-red-node-test-helper");
import type { Node } from "node-red";
import { frames } from "../../adapters/frames/frame-store";
import { runningFfmpegs } from "../../adapters/ffmpeg/process";
import type { PlategateMessage } from "../../nodes/shared/kit";
import type { CameraLink } from "../../nodes/shared/camera-link";
import { until } from "../fixtures/barrier-kit";
import { makeFilm, RtspServer } from "../fixtures/rtsp-server";

const nodes = [
  require("../../nodes/plategate-camera/plategate-camera"),
  require("../../nodes/plategate-models/plategate-models"),
  require("../../nodes/rtsp-source/rtsp-source"),
] as never;

interface Loaded {
  node: Node;
  messages: PlategateMessage[];
  /** Status texts, oldest first. */
  statuses: string[];
  errors: string[];
}

type Spy = { on: (event: string, listener: (call: { firstArg: unknown }) => void) => void };

async function load(
  source: Record<string, unknown> = {},
  camera: Record<string, unknown> = {},
  credentials: Record<string, unknown> = {},
): Promise<Loaded> {
  const flow = [
    {
      id: "cam",
      type: "plategate-camera",
      cameraId: "entry",
      laneId: "in",
      address: "demo:gate",
      ...camera,
    },
    { id: "models", type: "plategate-models" },
    {
      id: "src",
      type: "rtsp-source",
      camera: "cam",
      fps: "10",
      autostart: false,
      wires: [["out"]],
      ...source,
    },
    { id: "out", type: "helper" },
  ];
  await helper.load(nodes, flow, { cam: credentials });
  const node = helper.getNode("src");
  const messages: PlategateMessage[] = [];
  const statuses: string[] = [];
  const errors: string[] = [];
  helper.getNode("out").on("input", (message) => messages.push(message));
  const spy = node as unknown as Spy;
  spy.on("call:status", ({ firstArg }) => statuses.push((firstArg as { text: string }).text));
  spy.on("call:error", ({ firstArg }) => errors.push(String(firstArg)));
  return { node, messages, statuses, errors };
}

const tell = (node: Node, payload: string): void => {
  node.receive({ payload });
};

describe("rtsp-source", function () {
  this.timeout(120_000);
  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(async () => {
    await helper.unload();
    await until(() => runningFfmpegs().length === 0);
  });

  it("sends frames that the store knows, and forgets them when it closes", async () => {
    const { node, messages, statuses } = await load();
    tell(node, "start");
    await until(() => messages.length > 5, 40_000);
    const message = messages.at(-1);
    assert.equal(message?.topic, "entry");
    assert.equal(message?.frame?.laneId, "in");
    assert.equal(message?.payload, undefined);
    const frame = frames.get(message?.frame?.id ?? "");
    assert.deepEqual([frame?.width, frame?.height, frame?.format], [1280, 720, "i420"]);
    assert.ok(statuses.some((text) => text.endsWith("status.live") || /fps/.test(text)));
    assert.ok(
      messages.every((m) => m.frame && !("data" in m.frame)),
      "pixels do not travel",
    );
    tell(node, "stop");
    await until(() => frames.latest("entry") === undefined);
    const sent = messages.length;
    tell(node, "start");
    await until(() => messages.length > sent, 40_000);
  });

  it("encodes pictures on request", async () => {
    const { node, messages } = await load({ picture: "preview", models: "models", fps: "2" });
    tell(node, "start");
    await until(() => messages.length >= 2, 90_000);
    const payload = messages[0]?.payload;
    assert.ok(Buffer.isBuffer(payload) && payload.readUInt16BE(0) === 0xffd8, "a JPEG");
    const seqs = messages.map((m) => m.frame?.seq ?? -1);
    assert.deepEqual(
      seqs,
      [...seqs].sort((a, b) => a - b),
      "in order",
    );
  });

  it("gives the newest frame again on request and refuses other words", async () => {
    const { node, messages, errors } = await load({ fps: "2" });
    tell(node, "snapshot");
    await until(() => errors.length === 1);
    assert.match(errors[0] ?? "", /no picture yet/);
    tell(node, "start");
    await until(() => messages.length > 0, 40_000);
    node.receive({ payload: "snapshot", mine: 7 });
    await until(() => messages.some((m) => "mine" in m && m.frame !== undefined));
    tell(node, "dance");
    await until(() => errors.some((e) => e.includes('"start", "stop" or "snapshot"')));
  });

  it("pairs frames with those of a second stream, and goes on without it when it fails", async () => {
    const size = (size: string): string[] => [
      "-f",
      "lavfi",
      "-i",
      `testsrc=size=${size}:rate=12:d=2`,
    ];
    const low = new RtspServer({ film: await makeFilm(size("160x120")) });
    const high = new RtspServer({ film: await makeFilm(size("640x480")) });
    const address = `rtsp://127.0.0.1:${await low.listen()}/cam`;
    const highAddress = `rtsp://127.0.0.1:${await high.listen()}/cam`;
    const { node, messages } = await load({ stall: "2" }, { address, highAddress });
    tell(node, "start");
    const partner = (): number | undefined =>
      frames.highOf(messages.at(-1)?.frame?.id ?? "")?.width;
    await until(() => partner() === 640, 60_000);
    assert.equal(messages.at(-1)?.frame?.width, 160);
    await high.close();
    const sent = messages.length;
    await until(() => messages.length > sent + 3 && partner() === undefined, 60_000);
    await helper.unload();
    await until(() => low.connections === 0);
    await low.close();
  });

  it("says what is wrong, without the password", async () => {
    const address = "rtsp://127.0.0.1:9/cam";
    const login = { user: "admin", password: "very-secret" };
    const { node, statuses, errors } = await load({}, { address }, login);
    const camera = helper.getNode("cam") as unknown as CameraLink;
    assert.equal(camera.url, "rtsp://admin:very-secret@127.0.0.1:9/cam");
    assert.equal(camera.shownUrl, "rtsp://admin:***@127.0.0.1:9/cam");
    tell(node, "start");
    await until(() => statuses.includes("rtsp-source.status.unreachable"), 40_000);
    assert.match(errors.join("\n"), /entry: .*\[unreachable\]/);
    assert.doesNotMatch([...errors, ...statuses].join("\n"), /very-secret/);
  });

  for (const [what, source, camera] of [
    ["no camera", { camera: "" }, {}],
    ["no address", {}, { address: "" }],
    ["an empty region", { regionX: "50", regionW: "0" }, {}],
  ] as const) {
    it(`is not started with ${what}`, async () => {
      const { node, errors } = await load(source, camera);
      tell(node, "start");
      await until(() => errors.length === 1);
      assert.deepEqual(runningFfmpegs(), []);
    });
  }

  it("leaves no process and no socket after twenty redeploys", async () => {
    const server = new RtspServer({ film: await makeFilm() });
    const address = `rtsp://127.0.0.1:${await server.listen()}/cam`;
    for (let i = 0; i < 20; i++) {
      const { messages } = await load({ autostart: true }, { address });
      if (i % 5 === 0) await until(() => messages.length > 0, 60_000);
      await helper.unload();
      assert.deepEqual(runningFfmpegs(), [], `after deploy ${i}`);
    }
    await until(() => server.connections === 0);
    assert.equal(frames.latest("entry"), undefined);
    await server.close();
  });
});
