import assert from "node:assert/strict";
import { probeCamera, type CameraInput } from "../../adapters/cameras";
import { until } from "../fixtures/barrier-kit";
import { claimedJpeg, colourJpeg, watchCamera, type Watched } from "../fixtures/camera-kit";
import { MjpegServer, type MjpegServerOptions } from "../fixtures/mjpeg-server";
import type { FixtureLogin } from "../fixtures/rtsp-server-auth";

describe("cameras: HTTP", () => {
  let server: MjpegServer | null = null;
  let base = "";
  let watched: Watched | null = null;
  let picture: Buffer;

  before(async () => {
    picture = await colourJpeg();
  });
  afterEach(async () => {
    await watched?.source.close();
    watched = null;
    await server?.close();
    server = null;
  });

  async function serve(options: Partial<MjpegServerOptions> = {}): Promise<MjpegServer> {
    server = new MjpegServer({ pictures: [picture], ...options });
    base = await server.listen();
    return server;
  }
  const input = (path: string, user = "", password = ""): CameraInput => ({
    ...{ kind: "http", url: base + path, user, password },
  });

  for (const shape of [{}, { noLength: true }, { dashes: true, noLength: true }]) {
    it(`shows an MJPEG stream ${JSON.stringify(shape)}`, async () => {
      await serve(shape);
      const { frames, source } = (watched = watchCamera(input("/stream")));
      await until(() => frames.length > 5);
      const [first] = frames;
      assert.equal(first?.format, "encoded");
      assert.deepEqual([first?.width, first?.height], [64, 48]);
      assert.deepEqual(Buffer.from(first?.data ?? new SharedArrayBuffer(0)), picture);
      assert.deepEqual(
        frames.slice(0, 3).map((f) => f.seq),
        [0, 1, 2],
      );
      assert.equal(source.state.info?.codec, "mjpeg");
    });
  }

  const logins: FixtureLogin[] = [
    { scheme: "basic", user: "admin", password: "pass:word" },
    { scheme: "digest", user: "admin", password: "s3cret!!" },
    { scheme: "digest", user: "admin", password: "s3cret!!", qop: true, algorithm: "SHA-256" },
  ];
  for (const login of logins) {
    it(`logs in with ${login.scheme} ${login.algorithm ?? ""}, for streams and snapshots`, async () => {
      await serve({ login });
      for (const path of ["/stream", "/snapshot?channel=1"]) {
        const found = await probeCamera({ input: input(path, login.user, login.password) }, 15_000);
        assert.deepEqual([found.width, found.height], [64, 48]);
      }
      await assert.rejects(probeCamera({ input: input("/stream", "admin", "wrong-one") }, 15_000), {
        code: "auth_failed",
      });
      await assert.rejects(probeCamera({ input: input("/stream") }, 15_000), {
        code: "auth_failed",
      });
    });
  }

  it("asks a snapshot address again and again", async () => {
    const camera = await serve();
    const { frames, source } = (watched = watchCamera(input("/snapshot"), { intervalMs: 60 }));
    await until(() => frames.length >= 5);
    assert.ok(camera.requests >= 5);
    await source.close();
    const asked = camera.requests;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(camera.requests, asked);
    assert.equal(source.state.state, "closed");
  });

  it("skips and counts broken, empty and far too large pictures", async () => {
    const pictures = [picture, Buffer.from("junk"), await claimedJpeg(10_000, 10_000)];
    await serve({ pictures: [...pictures, picture.subarray(0, 90)] });
    const { frames, broken, source } = (watched = watchCamera(input("/stream")));
    await until(() => frames.length >= 2 && broken.length >= 6);
    assert.ok(frames.every((f) => f.data.byteLength === picture.length));
    assert.ok(broken.some((reason) => reason.includes("100 megapixels")));
    assert.equal(source.stats().broken, broken.length);
    assert.equal(source.state.state, "live");
  });

  it("gives up on a snapshot address that sends nothing but junk, and says so", async () => {
    await serve({ pictures: [Buffer.from("junk")] });
    const { states } = (watched = watchCamera(input("/snapshot"), { intervalMs: 20 }));
    await until(() => states.some((s) => s.error?.code === "decode_error"));
  });

  it("has a code for each way an address can be wrong", async () => {
    await serve();
    const reject = (path: string, code: string): Promise<void> =>
      assert.rejects(probeCamera({ input: input(path) }, 800), { code });
    await reject("/nowhere", "not_found");
    await reject("/page", "no_video");
    await reject("/silent", "unreachable");
    await server?.close();
    await reject("/stream", "unreachable");
  });

  it("notices a stall, shows it, and goes on when the camera does", async () => {
    const camera = await serve();
    const { frames, states } = (watched = watchCamera(input("/stream"), {
      ...{ stallMs: 400, connectTimeoutMs: 400 },
    }));
    await until(() => frames.length > 3);
    camera.stalled = true;
    await until(() => states.filter((s) => s.state === "reconnecting").length >= 2);
    assert.equal(states.find((s) => s.state === "reconnecting")?.error?.code, "stalled");
    camera.stalled = false;
    const seen = frames.length;
    await until(() => frames.length > seen + 3);
    assert.equal(watched.source.state.state, "live");
    assert.ok(watched.source.stats().reconnects >= 2);
  });

  it("keeps only the newest while the consumer is busy, and counts the rest", async () => {
    await serve({ fps: 100 });
    let release: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    let calls = 0;
    const { frames, source } = (watched = watchCamera(input("/stream"), {}, () =>
      calls++ === 0 ? busy : undefined,
    ));
    await until(() => source.stats().dropped > 10);
    assert.equal(frames.length, 1);
    release();
    await until(() => frames.length > 2);
    assert.ok((frames[1]?.seq ?? 0) > 10, "the second frame is a late one");
  });

  it("leaves no socket after twenty openings", async () => {
    const camera = await serve();
    for (let i = 0; i < 20; i++) {
      const { frames, source } = (watched = watchCamera(input(i % 2 ? "/stream" : "/snapshot")));
      await until(() => frames.length > 0);
      await source.close();
    }
    await until(() => camera.connections === 0);
  });
});
