import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { probeCamera, type CameraInput } from "../../adapters/cameras";
import { runningFfmpegs } from "../../adapters/ffmpeg/process";
import { until } from "../fixtures/barrier-kit";
import { watchCamera, type Watched } from "../fixtures/camera-kit";
import {
  makeFilm,
  RtspServer,
  type H264Film,
  type RtspServerOptions,
} from "../fixtures/rtsp-server";
import type { FixtureLogin } from "../fixtures/rtsp-server-auth";
import { sharedFolder } from "../fixtures/shared";

describe("cameras: RTSP", function () {
  this.timeout(90_000);
  let film: H264Film;
  let server: RtspServer | null = null;
  let port = 0;
  let watched: Watched | null = null;

  before(async () => {
    film = await makeFilm();
  });
  afterEach(async () => {
    await watched?.source.close();
    watched = null;
    await server?.close();
    server = null;
    assert.deepEqual(runningFfmpegs(), []);
  });

  async function serve(options: Partial<RtspServerOptions> = {}): Promise<RtspServer> {
    server = new RtspServer({ film, ...options });
    port = await server.listen();
    return server;
  }
  const input = (transport: "tcp" | "udp", login = "", path = "/cam"): CameraInput => ({
    ...{ kind: "rtsp", transport, url: `rtsp://${login}127.0.0.1:${port}${path}` },
  });

  for (const transport of ["tcp", "udp"] as const) {
    it(`shows a camera over ${transport}, connects again when it hangs up, leaves nothing`, async () => {
      const camera = await serve();
      const { frames, source, states } = (watched = watchCamera(input(transport)));
      await until(() => frames.length > 5, 40_000);
      const [first] = frames;
      assert.deepEqual(
        [first?.width, first?.height, first?.format, first?.data.byteLength, first?.laneId],
        [320, 240, "i420", (320 * 240 * 3) / 2, "lane"],
      );
      assert.equal(source.state.info?.codec, "h264");
      camera.kill();
      const before = frames.length;
      await until(() => states.some((s) => s.state === "reconnecting"), 40_000);
      await until(() => frames.length > before + 5, 40_000);
      assert.equal(source.state.state, "live");
      await source.close();
      await until(() => camera.connections === 0);
    });
  }

  it("is lit as the film is: the planes are where they should be", async () => {
    await serve({
      film: await makeFilm(["-f", "lavfi", "-i", "color=c=white:size=64x48:rate=12:duration=1"]),
    });
    const { frames } = (watched = watchCamera(input("tcp")));
    await until(() => frames.length > 0, 40_000);
    const data = new Uint8Array(frames[0]?.data ?? new ArrayBuffer(0));
    assert.ok(Math.abs((data[0] ?? 0) - 235) < 4, "white is 235 in limited range");
    assert.ok(Math.abs((data[64 * 48] ?? 0) - 128) < 4, "and has no colour");
  });

  const logins: FixtureLogin[] = [
    { scheme: "basic", user: "ad min", password: "p@ss:w/rd" },
    { scheme: "digest", user: "ad min", password: "p@ss:w/rd" },
  ];
  for (const login of logins) {
    it(`logs in with ${login.scheme}; a wrong password has its code and shows nowhere`, async () => {
      await serve({ login });
      const userinfo = (password: string): string =>
        `${encodeURIComponent(login.user)}:${encodeURIComponent(password)}@`;
      const right = input("tcp", userinfo(login.password));
      assert.equal((await probeCamera({ input: right }, 40_000)).width, 320);
      const wrong = (watched = watchCamera(input("tcp", userinfo("wrong-secret"))));
      await until(() => wrong.states.some((s) => s.error !== null), 40_000);
      assert.equal(wrong.states.find((s) => s.error)?.error?.code, "auth_failed");
      assert.doesNotMatch(JSON.stringify(wrong.states), /wrong-secret/);
      assert.ok((wrong.source.state.retryInMs ?? 0) >= 400, "a refused login waits the longest");
    });
  }

  it("notices that a camera stopped sending, and goes on when it sends again", async () => {
    const camera = await serve();
    const { frames, states } = (watched = watchCamera(input("tcp"), { stallMs: 1500 }));
    await until(() => frames.length > 3, 40_000);
    camera.faults.stalled = true;
    await until(() => states.some((s) => s.error?.code === "stalled"), 40_000);
    camera.faults.stalled = false;
    const before = frames.length;
    await until(() => frames.length > before + 3, 60_000);
    assert.equal(watched.source.state.state, "live");
  });

  it("lives with lost packets", async () => {
    const camera = await serve();
    camera.faults.loss = 0.05;
    const { frames } = (watched = watchCamera(input("udp")));
    await until(() => frames.length > 20, 60_000);
    assert.ok(frames.every((f) => f.width === 320 && f.data.byteLength === 115_200));
  });

  it("has a code for a wrong path, a silent camera, a refused transport, and nobody there", async () => {
    const camera = await serve({ refuse: "udp" });
    const code = async (source: CameraInput, wanted: string[], ms = 30_000): Promise<void> => {
      const error = await probeCamera({ input: source }, ms).then(
        () => assert.fail("it gave pictures"),
        (e: unknown) => e as { code: string; message: string },
      );
      assert.ok(wanted.includes(error.code), `${error.code}: ${error.message}`);
    };
    await code(input("tcp", "", "/other"), ["not_found"]);
    await code(input("udp"), ["unsupported"]);
    camera.faults.silent = true;
    await code(input("tcp"), ["unreachable", "stalled"], 2500);
    await camera.close();
    await code(input("tcp"), ["unreachable"]);
  });

  it("thins out, crops and scales", async () => {
    await serve();
    const opened = Date.now();
    const { frames, source } = (watched = watchCamera(input("tcp"), {
      ...{ fps: 4, maxWidth: 100, region: [0.25, 0, 0.5, 1] },
    }));
    await until(() => frames.length >= 8, 40_000);
    assert.deepEqual([frames[0]?.width, frames[0]?.height], [100, 150]);
    const rate = (7 * 1000) / (Date.now() - opened);
    assert.ok(rate < 5, `4 a second were asked for, ${rate.toFixed(1)} came`);
    assert.ok(source.stats().frames >= 8);
  });

  it("decodes key frames only", async () => {
    await serve();
    const opened = Date.now();
    const { frames } = (watched = watchCamera(input("tcp"), { keyFramesOnly: true }));
    await until(() => frames.length >= 3, 40_000);
    const ms = Date.now() - opened;
    assert.ok(ms > 1800, `a key frame a second is sent; three came within ${ms} ms`);
  });

  it("leaves no process, socket or timer after twenty openings", async () => {
    const camera = await serve();
    for (let i = 0; i < 20; i++) {
      const { frames, source } = (watched = watchCamera(input(i % 2 ? "tcp" : "udp")));
      if (i % 4 === 0) await until(() => frames.length > 0, 40_000);
      await source.close();
    }
    assert.deepEqual(runningFfmpegs(), []);
    await until(() => camera.connections === 0);
  });

  it("plays a real clip", async function () {
    const shared = sharedFolder();
    if (!shared) return this.skip();
    const folder = join(shared, "datasets", "unlicensed-tudelft-clips", "clips");
    const name = readdirSync(folder).find((file) => file.endsWith(".mp4"));
    if (!name) return this.skip();
    await serve({ film: await makeFilm(["-t", "3", "-i", join(folder, name)]) });
    const { frames } = (watched = watchCamera(input("tcp")));
    await until(() => frames.length > 10, 60_000);
    assert.ok((frames[0]?.width ?? 0) > 300);
  });

  for (const transport of ["tcp", "udp"] as const) {
    it(`agrees with GStreamer's server over ${transport}, with a Digest login`, async function () {
      const python = findPython();
      if (!python) return this.skip();
      const root = join(__dirname, "../../..");
      const script = join(root, "test/fixtures/rtsp-server-gst.py");
      const film = join(root, "examples/footage/gate.mp4");
      const child = spawn(python, [script, film, "viewer", "s3cret"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const [line] = (await once(child.stdout, "data")) as [Buffer];
        port = Number(line.toString().trim());
        const { frames } = (watched = watchCamera(input(transport, "viewer:s3cret@")));
        await until(() => frames.length > 5, 60_000);
        assert.deepEqual([frames[0]?.width, frames[0]?.height], [1280, 720]);
        await assert.rejects(probeCamera({ input: input(transport, "viewer:wrong@") }, 20_000), {
          code: "auth_failed",
        });
      } finally {
        child.kill("SIGKILL");
      }
    });
  }
});

/** A Python that has GStreamer's RTSP server, or null. */
function findPython(): string | null {
  const probe = 'import gi; gi.require_version("GstRtspServer", "1.0")';
  const have = (python: string): boolean => spawnSync(python, ["-c", probe]).status === 0;
  return ["/usr/bin/python3", "python3"].find(have) ?? null;
}
