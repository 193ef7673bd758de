import assert from "node:assert/strict";
import helper = require("node-red-node-test-helper");
import sharp from "sharp";
import type { Passage } from "../../core/messages";
import type { PlategateMessage } from "../../nodes/shared/kit";
import { waitFor } from "../fixtures/application";
import { BEYOND, type Clip, knownClips } from "../fixtures/clips";
import { makeFilm, RtspServer } from "../fixtures/rtsp-server";

const NODES = [
  "plategate-camera",
  "plategate-models",
  "rtsp-source",
  "plate-detect",
  "plate-ocr",
  "plate-track",
].map((type) => require(`../../nodes/${type}/${type}`) as never);

/** Frames a second that the camera sends. */
const FPS = 12;
/** For a machine that is busy with other things as well. */
const LIMIT = 240_000;

/** The clips of the data sets with plates that can be read. */
function readableClips(): Clip[] {
  return knownClips().map((clip) => ({
    ...clip,
    texts: clip.texts.filter((text) => !BEYOND.has(text)),
  }));
}

describe("real clips through source, detector, reader and tracker", function () {
  this.timeout(LIMIT * 2);
  const clips = readableClips().filter((clip) => clip.texts.length > 0);
  let passages: Passage[] = [];

  before(function (done) {
    if (clips.length === 0) return this.skip();
    helper.startServer(done);
  });
  after((done) => {
    if (clips.length === 0) return done();
    helper.stopServer(done);
  });

  /** The nodes that read, and a source for each address, not started. */
  async function load(addresses: Record<string, string>, transport: string): Promise<void> {
    const sources = Object.entries(addresses).flatMap(([name, address]) => [
      { id: `c-${name}`, type: "plategate-camera", cameraId: name, address, transport },
      {
        id: `s-${name}`,
        type: "rtsp-source",
        camera: `c-${name}`,
        picture: "none",
        autostart: false,
        fps: String(FPS),
        wires: [["detect"]],
      },
    ]);
    const flow = [
      { id: "models", type: "plategate-models", engine: "plategate" },
      ...sources,
      { id: "detect", type: "plate-detect", models: "models", wires: [["read"]] },
      { id: "read", type: "plate-ocr", models: "models", wires: [["track"]] },
      { id: "track", type: "plate-track", models: "models", wires: [["out"]] },
      { id: "out", type: "helper" },
    ];
    await helper.load(NODES, flow);
    passages = [];
    helper.getNode("out").on("input", ({ passage }: PlategateMessage) => {
      if (passage) passages.push(passage);
    });
  }

  /** Plays one source until there is a passage of each text, and looks at their pictures. */
  async function watch({ name, texts }: Clip): Promise<void> {
    helper.getNode(`s-${name}`).receive({ payload: "start" });
    const found = (text: string) =>
      passages.find((passage) => passage.cameraId === name && passage.text === text);
    try {
      await waitFor(
        () => texts.every(found) || undefined,
        LIMIT,
        () => `${texts.join(" ")} in ${name}; passages: ${passages.map((p) => p.text).join(" ")}`,
      );
    } finally {
      helper.getNode(`s-${name}`).receive({ payload: "stop" });
    }
    for (const text of texts) await checkPictures(found(text));
  }

  async function checkPictures(passage: Passage | undefined): Promise<void> {
    assert.ok(passage && passage.firstReadable !== null);
    assert.ok(passage.firstReadable >= passage.firstSeen);
    // On a machine so busy that frames are forgotten before they are read, there is no picture.
    const { crop, frame } = passage.images;
    if (!crop || !frame) return;
    const size = await sharp(crop).metadata();
    assert.equal(size.format, "jpeg");
    assert.ok(size.width > size.height, "the crop is the shape of a plate");
    assert.equal((await sharp(frame).metadata()).format, "jpeg");
  }

  it("makes a passage of each readable car of every clip, over RTSP", async () => {
    const servers: RtspServer[] = [];
    try {
      const addresses: Record<string, string> = {};
      for (const clip of clips) {
        const server = new RtspServer({ film: await makeFilm(["-i", clip.path], FPS) });
        servers.push(server);
        addresses[clip.name] = `rtsp://127.0.0.1:${await server.listen()}/cam`;
      }
      await load(addresses, "tcp");
      for (const clip of clips) await watch(clip);
      assert.ok(passages.some((passage) => passage.images.crop && passage.images.frame));
    } finally {
      await helper.unload();
      await Promise.all(servers.map((server) => server.close()));
    }
  });

  it("does the same with files as cameras", async () => {
    const some = clips.filter(({ texts }) => texts.length > 1).concat(clips.slice(0, 1));
    try {
      await load(Object.fromEntries(some.map(({ name, path }) => [name, path])), "tcp");
      for (const clip of some) await watch(clip);
    } finally {
      await helper.unload();
    }
  });
});
