import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseJobs } from "../../adapters/database/repositories/jobs";
import { JobFolder } from "../../adapters/jobs/folder";
import { BossQueue } from "../../adapters/jobs/boss-queue";
import { TableQueue } from "../../adapters/jobs/queue";
import { JobFailure, JobRunner, type JobWork } from "../../adapters/jobs/runner";
import { JobService } from "../../adapters/jobs/service";
import type { Job } from "../../core/jobs/job";
import type { JobRepository } from "../../core/jobs/ports";
import { waitFor } from "../fixtures/application";
import { testDatabase, type TestDatabase } from "../fixtures/databases";

const REPORT = { progress: 10, counts: {}, checkpoint: null, problems: [] };

for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
  describe(`jobs: ${dialect}`, function () {
    this.timeout(120_000);
    let test: TestDatabase;
    let jobs: DatabaseJobs;
    let uploads: string;
    const services: JobService[] = [];
    const problems: string[] = [];

    before(async function () {
      const made = await testDatabase(dialect);
      if (typeof made === "string") return this.skip();
      test = made;
      jobs = new DatabaseJobs(test.database);
      uploads = await mkdtemp(join(tmpdir(), "plategate-uploads-"));
    });
    afterEach(() => Promise.all(services.splice(0).map((one) => one.close())));
    after(async () => {
      await test?.drop();
      if (uploads) await rm(uploads, { recursive: true, force: true });
    });

    /** A service as another process has it: it shares nothing but database and folder. */
    function service(folder = uploads): JobService {
      const seen = new JobFolder(test.home, { PLATEGATE_UPLOADS: folder });
      const parts = {
        jobs: () => Promise.resolve(jobs),
        folder: seen,
        storage: () => seen.storage(),
        clock: Date.now,
        env: {},
        log: () => undefined,
        failed: (error: unknown) => problems.push(String(error)),
      };
      const queue =
        dialect === "postgres" ? new BossQueue({ ...parts, url: test.url }) : new TableQueue(parts);
      const made = new JobService({ ...parts, queue });
      services.push(made);
      return made;
    }
    const over = (id: string) =>
      waitFor(
        async () => {
          const job = await jobs.get(id);
          return job?.finishedAt ? job : undefined;
        },
        60_000,
        () => `job ${id} to end: ${problems.join()}`,
      );
    const make = (by: JobService, more: Partial<Job> = {}) =>
      by.create({ kind: "video", createdBy: "test", ...more });

    it("gives a job to one worker, and to another when that one is not heard of", async () => {
      const { id } = await make(service());
      const claims = await Promise.all(
        ["a", "b", "c"].map((worker) => jobs.claim(id, worker, 2000, 1000)),
      );
      const [job] = claims.filter((one) => one !== null);
      assert.equal(claims.filter((one) => one !== null).length, 1);
      assert.equal(job?.attempts, 1);
      const owner = ["a", "b", "c"][claims.findIndex((one) => one !== null)] ?? "";
      assert.equal(await jobs.report(id, owner, REPORT, 3000, 1500), "go_on");
      assert.equal(await jobs.claim(id, "d", 5000, 2500), null, "its lease was made longer");
      assert.equal((await jobs.claim(id, "d", 5000, 3001))?.attempts, 2);
      assert.equal(await jobs.report(id, owner, REPORT, 9000, 3002), "lost");
      assert.equal(await jobs.end(id, owner, { ...REPORT, state: "completed" }, 3003), false);
      assert.equal(await jobs.cancel(id, 3004), true);
      assert.equal(await jobs.report(id, "d", REPORT, 9000, 3005), "cancel");
      assert.equal(await jobs.end(id, "d", { ...REPORT, state: "cancelled" }, 3006), true);
      assert.equal(await jobs.cancel(id, 3007), false, "over is over");
      assert.equal(await jobs.retry(id, 3008), false, "its file is gone");
    });

    it("does each job once with two workers, and says how each ended", async () => {
      const [one, two] = [service(), service()];
      const done: string[] = [];
      const work: JobWork = async (job, { report }) => {
        done.push(job.id);
        report({ ...REPORT, counts: { steps: 1 } });
        await Promise.resolve();
        if (job.fileName === "bad") throw new JobFailure("decode_error", "it is broken");
        if (job.fileName === "odd") throw new Error("a fault of ours: secret");
        return { report: { ...REPORT, counts: { steps: 2 } } };
      };
      one.serve("video", work);
      two.serve("video", work);
      const names = ["good", "bad", "odd", "good", "good", "good"];
      const made = await Promise.all(names.map((fileName) => make(one, { fileName })));
      const ended = await Promise.all(made.map(({ id }) => over(id)));
      assert.deepEqual(
        ended.map(({ state }) => state),
        ["completed", "failed", "failed", "completed", "completed", "completed"],
      );
      assert.equal(ended[0]?.progress, 100);
      assert.deepEqual(ended[0]?.counts, { steps: 2 });
      assert.deepEqual(ended[1]?.problems, [{ code: "decode_error", message: "it is broken" }]);
      assert.equal(ended[2]?.problems[0]?.code, "internal_error");
      assert.doesNotMatch(ended[2]?.problems[0]?.message ?? "", /secret/);
      assert.deepEqual(done.sort(), made.map(({ id }) => id).sort());
    });

    it("waits for the work that it stops, so that the stop costs no attempt", async () => {
      const first = service();
      let begun = false;
      first.serve("video", async (job, { signal }) => {
        begun = true;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        for (let i = 0; i < 5; i++) await jobs.get(job.id); // ends a little later than it is told to
        throw new Error("stopped");
      });
      const { id } = await make(first);
      await waitFor(
        () => begun || undefined,
        60_000,
        () => `the job to begin: ${problems.join()}`,
      );
      await first.close();
      const handed = await jobs.get(id);
      assert.deepEqual([handed?.state, handed?.attempts], ["queued", 0]);
      await jobs.cancel(id, Date.now());
    });

    it("hands back what it is just taking when it stops", async () => {
      const { id } = await make(service());
      let stop = (): void => undefined;
      const claiming: JobRepository = Object.create(jobs, {
        claim: {
          value: (...given: Parameters<JobRepository["claim"]>) => {
            stop();
            return jobs.claim(...given);
          },
        },
      }) as JobRepository;
      const runner = new JobRunner({
        jobs: () => Promise.resolve(claiming),
        clock: Date.now,
        log: () => undefined,
        changed: () => undefined,
      });
      stop = () => runner.stop();
      let worked = false;
      const work = () => {
        worked = true;
        return Promise.resolve({ report: REPORT });
      };
      await runner.run(id, work);
      const handed = await jobs.get(id);
      assert.deepEqual([worked, handed?.state, handed?.attempts], [false, "queued", 0]);
      await runner.run(id, work);
      assert.equal((await jobs.get(id))?.state, "queued", "who stopped takes nothing more");
      await jobs.cancel(id, Date.now());
    });

    it("gives a job that is tried again all its attempts", async () => {
      const by = service();
      const { id } = await make(by, { filePath: "/nowhere", ownsFile: false, attempts: 6 });
      await jobs.claim(id, "a", 2000, 1000);
      await jobs.end(id, "a", { ...REPORT, state: "failed" }, 1500);
      assert.equal((await by.retry(id))?.attempts, 0);
      await jobs.cancel(id, Date.now());
    });

    it("hands a running job back when it stops, and another goes on from the checkpoint", async () => {
      const first = service();
      let begun = false;
      first.serve("video", (_job, { signal, report }) => {
        report({ ...REPORT, checkpoint: { frames: 40, fps: 5, counts: { events: 3 } } });
        begun = true;
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        });
      });
      const { id } = await make(first);
      await waitFor(
        () => begun || undefined,
        60_000,
        () => `the job to begin: ${problems.join()}`,
      );
      await first.close();
      const handed = await jobs.get(id);
      assert.equal(handed?.state, "queued");
      assert.equal(handed?.attempts, 0, "stopping is no failure");
      service().serve("video", (job) =>
        Promise.resolve({ report: { ...REPORT, counts: { from: job.checkpoint?.frames ?? 0 } } }),
      );
      assert.deepEqual((await over(id)).counts, { from: 40 });
    });

    it("cancels what waits and what runs, and tries again what was cancelled", async () => {
      const both = service();
      const waiting = await make(both, { filePath: "/nowhere", ownsFile: false });
      assert.equal((await both.cancel(waiting.id))?.state, "cancelled");
      assert.equal(await both.cancel(waiting.id), null);
      let runs = 0;
      both.serve("video", (_job, { signal }) => {
        runs++;
        if (runs > 1) return Promise.resolve({ report: REPORT });
        void both.cancel(running.id);
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        });
      });
      const running: Job = await make(both, { filePath: "/nowhere", ownsFile: false });
      assert.equal((await over(running.id)).state, "cancelled");
      assert.equal((await both.retry(running.id))?.cancelling, false);
      const again = await waitFor(
        async () => ((await jobs.get(running.id))?.state === "completed" ? true : undefined),
        60_000,
        () => "the second try",
      );
      assert.ok(again);
      assert.equal(await both.retry(running.id), null, "completed is completed");
    });

    it("does not give a job to who does not see its file", async () => {
      const elsewhere = await mkdtemp(join(tmpdir(), "plategate-uploads-"));
      try {
        const stranger = service(elsewhere);
        const mine = service();
        const { id, storage } = await make(mine);
        const other = await stranger.folder.storage();
        assert.notEqual(other, storage);
        assert.ok((await jobs.waiting("video", storage, Date.now(), 50)).includes(id));
        assert.deepEqual(await jobs.waiting("video", other, Date.now(), 50), []);
      } finally {
        await rm(elsewhere, { recursive: true, force: true });
      }
    });

    it("deletes files of jobs that are over for long, never a file that is not ours", async () => {
      const by = service();
      const foreign = join(test.home, "foreign.mp4");
      const old = by.folder.file("old.video");
      await writeFile(foreign, "film");
      await writeFile(old, "film");
      const state = { state: "completed", finishedAt: 1000 } as const;
      const mine = await make(by, { ...state, filePath: old });
      const theirs = await make(by, { ...state, filePath: foreign, ownsFile: false });
      const fresh = await make(by, { state: "failed", finishedAt: 5000, filePath: foreign });
      assert.equal(await by.deleteFiles(2000), 1);
      await assert.rejects(access(old));
      await access(foreign);
      assert.equal((await jobs.get(mine.id))?.filePath, null);
      assert.equal((await jobs.get(theirs.id))?.filePath, foreign);
      assert.equal((await jobs.get(fresh.id))?.filePath, foreign);
    });

    it("leaves files of other folders to who sees them, and goes on after one it cannot delete", async () => {
      const elsewhere = await mkdtemp(join(tmpdir(), "plategate-uploads-"));
      try {
        const by = service();
        const other = service(elsewhere);
        const state = { state: "completed", finishedAt: 1000 } as const;
        const theirs = await make(other, { ...state, filePath: other.folder.file("b.video") });
        await writeFile(other.folder.file("b.video"), "film");
        const stuck = by.folder.file("stuck.video");
        await mkdir(join(stuck, "full"), { recursive: true }); // rm without recursive refuses it
        const first = await make(by, { ...state, id: "0-stuck", filePath: stuck });
        // mounted elsewhere on the machine that took it in
        const moved = await make(by, { ...state, filePath: "/mnt/plategate/moved.video" });
        await writeFile(by.folder.file("moved.video"), "film");
        assert.equal(await by.deleteFiles(2000), 1);
        assert.equal((await jobs.get(first.id))?.filePath, stuck, "tried again at the next run");
        assert.equal((await jobs.get(moved.id))?.filePath, null);
        await assert.rejects(access(by.folder.file("moved.video")));
        assert.equal((await jobs.get(theirs.id))?.filePath, other.folder.file("b.video"));
        await access(other.folder.file("b.video"));
        assert.equal(await other.deleteFiles(2000), 1);
        await assert.rejects(access(other.folder.file("b.video")));
      } finally {
        await rm(elsewhere, { recursive: true, force: true });
      }
    });

    it("sweeps videos that no job knows after a day", async () => {
      const by = service();
      const old = new Date(Date.now() - 25 * 3_600_000);
      for (const name of ["lost.video", "known.video", "half.part", "new.video"]) {
        await by.folder.storage();
        await writeFile(by.folder.file(name), "film");
        if (name !== "new.video") await utimes(by.folder.file(name), old, old);
      }
      await make(by, { filePath: by.folder.file("known.video"), fileBytes: 4 });
      await by.deleteFiles(0);
      const left = await readdir(by.folder.path);
      assert.deepEqual(
        ["lost.video", "known.video", "half.part", "new.video"].map((name) => left.includes(name)),
        [false, true, false, true],
      );
    });
  });
}
