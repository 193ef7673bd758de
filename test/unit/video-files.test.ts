import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JobFailure, type JobContext } from "../../adapters/jobs/runner";
import { acquireStore, type StoreLease } from "../../adapters/store/store";
import { createVisionService } from "../../adapters/vision/service";
import { probeFilm } from "../../adapters/video/probe";
import { videoWork, type VideoOptions } from "../../adapters/video/video-work";
import { NEWEST_FIRST } from "../../core/events/filters";
import type { Job } from "../../core/jobs/job";
import type { JobReport } from "../../core/jobs/ports";
import type { VisionService } from "../../core/vision/ports";
import { DEFAULT_TRACKER_SETTINGS } from "../../core/vision/tracking/settings";
import {
  brokenFilm,
  carFilm,
  cutFilm,
  film,
  GATE_FILM,
  headlessFilm,
  soundFile,
  turnedFilm,
  unevenFilm,
} from "../fixtures/films";

describe("videos as jobs", function () {
  this.timeout(300_000);
  let folder: string;
  let lease: StoreLease;
  let vision: VisionService;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "plategate-films-"));
    lease = await acquireStore({ home: folder, url: "", log: () => undefined, env: {} });
    vision = createVisionService({ workers: 1 });
    await vision.ready();
  });
  after(async () => {
    await vision?.close();
    await lease?.release();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const options = (): VideoOptions => ({
    fps: 4,
    tiles: false,
    tracker: DEFAULT_TRACKER_SETTINGS,
    siteId: null,
    vision,
    store: lease.store,
  });
  const jobOf = (path: string, more: Partial<Job> = {}): Promise<Job> =>
    lease.store.jobs.create({
      kind: "video",
      createdBy: "test",
      filePath: path,
      ownsFile: false,
      params: { recorded_at: Date.UTC(2026, 4, 1) },
      ...more,
    });
  async function read(job: Job, context: Partial<JobContext> = {}) {
    const never = new AbortController().signal;
    return videoWork(options())(job, { signal: never, report: () => undefined, ...context });
  }
  async function eventsOf(job: Job) {
    const { events } = await lease.store.open();
    const page = { ...NEWEST_FIRST, sortOrder: "asc" } as const;
    return (await events.list({ jobId: job.id }, page)).items;
  }
  const failsWith = (path: string, code: string) =>
    assert.rejects(
      async () => read(await jobOf(path)),
      (error) => error instanceof JobFailure && error.code === code,
      `${path} should end with ${code}`,
    );

  it("finds each vehicle of a film without sound once, at its time, with pictures", async () => {
    const job = await jobOf(await carFilm(folder), { cameraId: "yard", fileName: "car.mp4" });
    const { report } = await read(job);
    assert.deepEqual(report.problems, []);
    const [event, ...more] = await eventsOf(job);
    assert.deepEqual([event?.plateText, more.length], ["KX48PLG", 0]);
    assert.deepEqual([event?.source, event?.cameraId, event?.decision], ["upload", "yard", null]);
    const at = (event?.timestamp ?? 0) - Date.UTC(2026, 4, 1);
    assert.ok(at >= 0 && at < 6000, `at ${at} ms of the film`);
    assert.ok(event?.frame && event.crop);
    const { type, color } = event.vehicleInfo as { type: string; color: string };
    assert.deepEqual([type, color], ["unknown", "blue"], "the colour can be told, the type cannot");
    assert.equal(report.counts["events"], 1);
    assert.equal(report.counts["frames"], 24);
  });

  it("reads a film that was filmed on its side as it is seen", async () => {
    const job = await jobOf(await turnedFilm(folder));
    await read(job);
    assert.deepEqual(
      (await eventsOf(job)).map(({ plateText }) => plateText),
      ["KX48PLG"],
    );
  });

  it("reads a film whose frames come at uneven times", async () => {
    const job = await jobOf(await unevenFilm(folder));
    await read(job);
    assert.deepEqual(
      (await eventsOf(job)).map(({ plateText }) => plateText),
      ["KX48PLG"],
    );
  });

  it("reads a film that breaks off as far as it goes, and says so", async () => {
    const job = await jobOf(await cutFilm(folder));
    const { report } = await read(job);
    assert.ok(
      report.problems.some(({ code }) => code === "truncated"),
      JSON.stringify(report.problems),
    );
    assert.deepEqual(
      (await eventsOf(job)).map(({ plateText }) => plateText),
      ["KX48PLG"],
    );
  });

  it("fails, with the reason, for what is no film that can be read", async () => {
    await failsWith(await headlessFilm(folder), "decode_error");
    await failsWith(await brokenFilm(folder), "no_video");
    await failsWith(await soundFile(folder), "no_video");
    await failsWith(join(folder, "gone.mp4"), "file_missing");
    const playlist = join(folder, "list.mp4");
    await writeFile(playlist, `#EXTM3U\n#EXTINF:10,\nfile://${GATE_FILM}\n#EXT-X-ENDLIST\n`);
    await failsWith(playlist, "unsupported");
    const concat = join(folder, "concat.mp4");
    await writeFile(concat, `ffconcat version 1.0\nfile '${GATE_FILM}'\n`);
    await failsWith(concat, "unsupported");
  });

  it("knows each container by its content, and its length", async () => {
    for (const name of ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.mpg", "a.flv", "a.wmv", "a.ogv"]) {
      const made = await film(
        join(folder, name),
        ...["-f", "lavfi", "-i", "testsrc=d=2:s=160x120:r=10", "-r", "25"],
      );
      const { seconds, format } = await probeFilm(made);
      assert.ok(seconds !== null && Math.abs(seconds - 2) < 0.6, `${name} ${format}: ${seconds} s`);
    }
  });

  it("goes on after it was stopped, and stores nothing twice", async () => {
    const path = GATE_FILM;
    const job = await jobOf(path, { cameraId: "gate" });
    const stop = new AbortController();
    let last: JobReport | null = null;
    const stopped = read(job, {
      signal: stop.signal,
      report: (report) => {
        last = report;
        // past the first car, with the second in view
        if (report.counts["frames"] === 80) stop.abort("stop");
      },
    });
    await assert.rejects(stopped);
    const { checkpoint, counts } = last as unknown as JobReport;
    assert.ok(checkpoint && checkpoint.frames > 0 && checkpoint.frames <= 80);
    assert.ok((counts["events"] ?? 0) >= 1);
    const before = (await eventsOf(job)).map(({ id }) => id);
    // from a moment before the first event was stored, as if the last report had been lost
    const early = { frames: 0, fps: 4, counts: {} };
    for (const from of [checkpoint, early]) {
      const { report } = await read({ ...job, checkpoint: from });
      assert.equal(report.counts["frames"], 116);
      assert.equal(report.counts["events"], 2);
      const after = await eventsOf(job);
      assert.deepEqual(
        after.map(({ plateText }) => plateText),
        ["KX48PLG", "BGT7305"],
      );
      assert.ok(before.every((id) => after.some((event) => event.id === id)));
    }
  });
});
