import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress, probeCamera } from "../../adapters/cameras";
import { findFfmpeg } from "../../adapters/ffmpeg/locate";
import { runningFfmpegs } from "../../adapters/ffmpeg/process";
import { until } from "../fixtures/barrier-kit";
import { claimedJpeg, colourJpeg, watchCamera, type Watched } from "../fixtures/camera-kit";
import { makeFilm, RtspServer } from "../fixtures/rtsp-server";

describe("cameras: files and folders", function () {
  this.timeout(90_000);
  let folder: string;
  let watched: Watched | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plategate-cameras-"));
  });
  afterEach(async () => {
    await watched?.source.close();
    watched = null;
    assert.deepEqual(runningFfmpegs(), []);
    rmSync(folder, { recursive: true });
  });
  const put = (name: string, data: Buffer): void => writeFileSync(join(folder, name), data);
  const inFolder = { kind: "folder", path: "" } as const;

  it("plays the shipped film at its own speed, as a camera", async () => {
    const opened = Date.now();
    const { frames, source } = (watched = watchCamera(parseAddress("demo:gate"), { loop: true }));
    await until(() => frames.length > 12, 40_000);
    assert.deepEqual([frames[0]?.width, frames[0]?.height], [1280, 720]);
    const ms = Date.now() - opened;
    assert.ok(ms > 900, `twelve frames at 12 a second took ${ms} ms`);
    assert.equal(source.state.info?.fps, 12);
  });

  it("reads a film as fast as the consumer takes it, loses nothing, stamps film time", async () => {
    const { frames, source } = (watched = watchCamera(
      parseAddress("demo:gate"),
      { pace: "consumer", fps: 2 },
      () => new Promise((resolve) => setTimeout(resolve, 2)),
    ));
    const last = await source.finished;
    assert.equal(last.state, "ended");
    assert.ok(Math.abs(frames.length - 58) <= 1, `29 s at 2 a second gave ${frames.length}`);
    assert.deepEqual(
      frames.map((f) => f.seq),
      frames.map((_f, i) => i),
    );
    assert.equal((frames[10]?.capturedAt ?? 0) - (frames[0]?.capturedAt ?? 0), 5000);
    assert.equal(source.stats().dropped, 0);
  });

  it("loops a film", async () => {
    const path = join(folder, "short.mp4");
    const { path: ffmpeg } = await findFfmpeg();
    const args = "-v error -f lavfi -i testsrc=size=64x48:rate=10:duration=0.5 -pix_fmt yuv420p";
    await once(spawn(ffmpeg, [...args.split(" "), path]), "exit");
    const { frames } = (watched = watchCamera({ kind: "file", path }, { loop: true }));
    await until(() => frames.length > 12, 40_000);
  });

  it("has a code for a film that is missing, empty, broken or no film", async () => {
    const code = async (name: string, wanted: string): Promise<void> => {
      await assert.rejects(
        probeCamera({ input: { kind: "file", path: join(folder, name) } }, 30_000),
        {
          code: wanted,
        },
      );
    };
    await code("missing.mp4", "file_missing");
    put("empty.mp4", Buffer.alloc(0));
    await code("empty.mp4", "decode_error");
    put("text.mp4", Buffer.from("not a film ".repeat(1000)));
    await code("text.mp4", "decode_error");
    const sound = join(folder, "sound.wav");
    const { path: ffmpeg } = await findFfmpeg();
    await once(spawn(ffmpeg, `-v error -f lavfi -i sine=d=1 ${sound}`.split(" ")), "exit");
    await code("sound.wav", "no_video");
  });

  it("shows a folder's pictures in natural order, with each one's reason for being skipped", async () => {
    const picture = await colourJpeg();
    for (const [name, width] of [
      ["p10.jpg", 100],
      ["p9.jpg", 90],
      ["p1.png", 10],
    ] as const) {
      put(name, await colourJpeg(width, 20));
    }
    put("p2.jpg", Buffer.alloc(0));
    put("p3.jpg", picture.subarray(0, 200));
    put("p4.jpg", await claimedJpeg(10_000, 10_000));
    put("notes.txt", Buffer.from("no picture"));
    const input = { ...inFolder, path: folder };
    const { frames, broken, source } = (watched = watchCamera(input, { intervalMs: 10 }));
    assert.equal((await source.finished).state, "ended");
    assert.deepEqual(
      frames.map((f) => f.width),
      [10, 90, 100],
    );
    assert.equal(broken.length, 3);
    assert.match(broken[0] ?? "", /^p2\.jpg: .*0 bytes/);
    assert.match(broken[1] ?? "", /^p3\.jpg: .*cut off/);
    assert.match(broken[2] ?? "", /^p4\.jpg: .*100 megapixels/);
  });

  it("watches a folder: new and changed pictures are shown, half-written ones when whole", async () => {
    put("a.jpg", await colourJpeg(10, 10));
    const input = { ...inFolder, path: folder };
    const { frames } = (watched = watchCamera(input, { intervalMs: 20, watch: true }));
    await until(() => frames.length === 1);
    const whole = await colourJpeg(20, 10);
    put("b.jpg", whole);
    truncateSync(join(folder, "b.jpg"), 100);
    put("c.jpg", await colourJpeg(30, 10));
    await until(() => frames.some((f) => f.width === 30));
    put("b.jpg", whole);
    await until(() => frames.some((f) => f.width === 20));
    assert.equal(frames.filter((f) => f.width === 10).length, 1);
  });

  it("says that a folder is empty, and goes on when a picture comes", async () => {
    const { states, frames } = (watched = watchCamera(
      { ...inFolder, path: folder },
      { loop: true, intervalMs: 20 },
    ));
    await until(() => states.some((s) => s.error?.code === "no_video"));
    put("a.jpg", await colourJpeg());
    await until(() => frames.length > 2);
    rmSync(folder, { recursive: true });
    await until(() => states.some((s) => s.error?.code === "file_missing"));
    folder = mkdtempSync(join(tmpdir(), "plategate-cameras-"));
  });

  for (const kind of ["a film", "a camera that has stalled"]) {
    it(`leaves no ffmpeg when this process is killed -9 (${kind})`, async () => {
      const server = new RtspServer({ film: await makeFilm() });
      const port = await server.listen();
      const address = kind === "a film" ? "demo:gate" : `rtsp://127.0.0.1:${port}/cam`;
      const script = join(__dirname, "../fixtures/camera-child.js");
      const child = spawn(process.execPath, [script, address], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const pid = Number(line.toString().trim());
      assert.ok(alive(pid), "ffmpeg runs");
      server.faults.stalled = true;
      child.kill("SIGKILL");
      await until(() => !alive(pid), 40_000);
      await server.close();
    });
  }

  it("says how to get an ffmpeg where there is none", async () => {
    const missing = { PLATEGATE_FFMPEG: join(folder, "none"), PATH: "" };
    await assert.rejects(findFfmpeg(missing), /apt-get install ffmpeg/);
    const fake = { PLATEGATE_FFMPEG: process.execPath, PATH: "" };
    await assert.rejects(findFfmpeg(fake), { code: "ffmpeg_missing" });
    const packaged = await findFfmpeg({ PATH: folder });
    assert.equal(packaged.from, "package");
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
