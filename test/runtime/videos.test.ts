import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  stopProcess,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { addUser } from "../fixtures/dashboard";
import { carFilm, GATE_FILM } from "../fixtures/films";

interface Job {
  job_id: string;
  status: string;
  progress: number;
  counts: Record<string, number>;
  errors: { code: string }[];
  camera_id: string | null;
  can_retry: boolean;
  download_url: string | null;
}

describe("uploaded videos", function () {
  this.timeout(300_000);
  let app: RunningApplication;
  let folder: string;
  let car: Buffer<ArrayBuffer>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "plategate-films-"));
    car = readFileSync(await carFilm(folder));
    app = await startApplication({
      env: { PLATEGATE_MAX_VIDEO_MB: "4", FRAME_EXTRACTION_FPS: "4" },
    });
    await addUser(app, "clerk");
  });
  after(async () => {
    await discard(app);
    rmSync(folder, { recursive: true, force: true });
  });

  function form(file: Buffer<ArrayBuffer> | string, fields: Record<string, string> = {}): FormData {
    const made = new FormData();
    // the file first: fields that come after it count as well
    made.set("file", new Blob([file]), "yard.mp4");
    for (const [name, value] of Object.entries(fields)) made.set(name, value);
    return made;
  }
  const send = (body: FormData) => app.get("/api/uploads", { method: "POST", body });
  const jobOf = async (id: string) => (await (await app.get(`/api/jobs/${id}`)).json()) as Job;
  const post = (id: string, what: string) => app.get(`/api/jobs/${id}/${what}`, { method: "POST" });
  const as = async (username: string) => {
    const login = await fetch(`${app.address}/auth/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username, password: ADMIN_PASSWORD }),
    });
    const { access_token } = (await login.json()) as { access_token: string };
    return (path: string, body?: FormData) =>
      fetch(`${app.address}${path}`, {
        method: body ? "POST" : "GET",
        headers: { Authorization: `Bearer ${access_token}` },
        ...(body ? { body } : {}),
      });
  };
  const plates = async (id: string) => {
    const answer = await app.get(`/api/events?job_id=${id}`);
    const { items } = (await answer.json()) as { items: { plate: string; source: string }[] };
    return items.map(({ plate }) => plate).sort();
  };
  const over = (id: string) =>
    waitFor(
      async () => {
        const job = await jobOf(id);
        return ["queued", "processing"].includes(job.status) ? undefined : job;
      },
      120_000,
      () => `the job to end:\n${app.output()}`,
    );
  const kept = () => readdirSync(join(app.home, "uploads")).filter((name) => !name.startsWith("."));

  it("reads what a clerk uploads, and shows what was found", async () => {
    const sent = await send(form(car, { camera_id: "yard", recorded_at: "2026-05-01T10:00:00Z" }));
    const made = (await sent.json()) as Job;
    assert.equal(sent.status, 202, JSON.stringify(made));
    assert.deepEqual([made.status, made.progress, made.camera_id], ["queued", 0, "yard"]);
    const done = await over(made.job_id);
    assert.deepEqual([done.status, done.progress, done.errors], ["completed", 100, []]);
    assert.equal(done.counts["events"], 1);
    assert.deepEqual(await plates(made.job_id), ["KX48PLG"]);
    const passages = await app.get(`/api/v1/passages?job_id=${made.job_id}`);
    const { total, items } = (await passages.json()) as {
      total: number;
      items: { timestamp: string; camera_id: string }[];
    };
    assert.equal(total, 1);
    assert.match(items[0]?.timestamp ?? "", /^2026-05-01T10:00:0/);
    assert.equal(items[0]?.camera_id, "yard");
    for (const what of ["cancel", "retry"]) {
      assert.equal((await post(made.job_id, what)).status, 409, what);
    }
    const metrics = await (await app.get("/metrics")).text();
    assert.match(metrics, /^anpr_jobs_processed_total 1$/m);
  });

  it("makes an archive of what was reviewed, told how well was read", async () => {
    const { items } = (await (await app.get("/api/events")).json()) as { items: { id: string }[] };
    const [event] = items;
    const confirmed = await app.get(`/api/events/${event?.id}/confirm`, { method: "POST" });
    assert.equal(confirmed.status, 200);
    const quality = await app.get("/api/v1/review/quality");
    const { all, cameras } = (await quality.json()) as {
      all: { reviewed: number; corrected: number; reason: string };
      cameras: { camera_id: string }[];
    };
    assert.deepEqual([all.reviewed, all.corrected, all.reason], [1, 0, "too_few"]);
    assert.equal(cameras[0]?.camera_id, "yard");
    const asked = await app.get("/api/feedback/export", { method: "POST" });
    assert.equal(asked.status, 202);
    const { job_id } = (await asked.json()) as Job;
    const done = await over(job_id);
    assert.equal(done.counts["images"], 1, JSON.stringify(done));
    const file = await fetch(done.download_url ?? "");
    assert.equal(file.status, 200, "its address is signed");
    const archive = unzipSync(new Uint8Array(await file.arrayBuffer()));
    const labels = Buffer.from(archive["plategate-scenes/labels.csv"] ?? []).toString();
    assert.match(labels, /^000001\.jpg,[\d.]+,[\d.]+,[\d.]+,[\d.]+,KX48PLG,train,confirmed$/m);
    const bad = { method: "POST", body: JSON.stringify({ include: "x" }) };
    const headers = { "Content-Type": "application/json" };
    assert.equal((await app.get("/api/feedback/export", { ...bad, headers })).status, 422);
    assert.equal((await fetch(`${app.address}/api/jobs/${job_id}/download`)).status, 401);
    assert.equal((await app.get(`/api/jobs/${job_id}/download`)).status, 200);
    const log = await app.get("/api/v1/audit?action=job.download");
    const { items: lines } = (await log.json()) as { items: { actor: string; subject: string }[] };
    assert.deepEqual(
      lines.map(({ actor, subject }) => [actor, subject]),
      [
        ["admin", `job:${job_id}`],
        ["anyone", `job:${job_id}`],
      ],
    );
  });

  it("lets clerks see that an archive was asked for, and no more of it", async () => {
    const clerk = await as("clerk");
    const asked = await app.get("/api/feedback/export", { method: "POST" });
    const { job_id } = (await asked.json()) as Job;
    const path = `/api/jobs/${job_id}`;
    assert.equal((await over(job_id)).status, "completed");
    const listed = (await (await clerk("/api/jobs?kind=feedback_export")).json()) as {
      items: Job[];
    };
    for (const job of [(await (await clerk(path)).json()) as Job, ...listed.items]) {
      assert.deepEqual([job.status, job.download_url, job.can_retry], ["completed", null, false]);
    }
    assert.equal((await clerk(`${path}/download`)).status, 403);
    // an archive that is over could not be changed by anybody: the right counts first
    for (const what of ["cancel", "retry"]) {
      assert.equal((await clerk(`${path}/${what}`, new FormData())).status, 403, what);
      assert.equal((await post(job_id, what)).status, 409, what);
    }
  });

  it("refuses who may not, and what is no video or too large, and keeps nothing of it", async () => {
    await addUser(app, "user");
    const before = kept().length;
    const user = await as("user");
    const clerk = await as("clerk");
    assert.equal((await user("/api/uploads", form(car))).status, 403);
    assert.equal((await user("/api/jobs")).status, 403);
    assert.equal((await clerk("/api/jobs")).status, 200);
    assert.equal((await clerk("/api/uploads", form("#EXTM3U\n/etc/passwd\n"))).status, 415);
    assert.equal((await clerk("/api/uploads", form(car, { recorded_at: "soon" }))).status, 422);
    assert.equal(
      (await clerk("/api/uploads", form(car, { recorded_at: "2099-01-01" }))).status,
      422,
    );
    const future = { recorded_at: new Date(Date.now() + 30 * 3_600_000).toISOString() };
    assert.equal((await clerk("/api/uploads", form(car, future))).status, 422);
    assert.equal((await clerk("/api/uploads", form(""))).status, 400);
    const large = Buffer.concat([car, Buffer.alloc(5 * 1024 * 1024)]);
    assert.equal((await clerk("/api/uploads", form(large))).status, 413);
    const nothing = new FormData();
    nothing.set("camera_id", "yard");
    assert.equal((await clerk("/api/uploads", nothing)).status, 400);
    assert.equal((await app.get("/api/jobs/none")).status, 404);
    assert.equal(kept().length, before);
  });

  it("forgets an upload that breaks off", async () => {
    const before = kept().length;
    const control = new AbortController();
    const token = await app.token();
    const body = new ReadableStream({
      start(stream) {
        const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n';
        stream.enqueue(Buffer.concat([Buffer.from(head), car.subarray(0, 40_000)]));
      },
    });
    const sending = fetch(`${app.address}/api/uploads`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "multipart/form-data; boundary=x",
      },
      body,
      duplex: "half",
      signal: control.signal,
    } as RequestInit);
    await waitFor(
      () => kept().length > before || undefined,
      30_000,
      () => "the upload to begin",
    );
    control.abort();
    await assert.rejects(sending);
    await waitFor(
      () => kept().length === before || undefined,
      30_000,
      () => `the rest to go: ${kept().join()}`,
    );
  });

  it("goes on after the program was killed, and stores each vehicle once", async () => {
    const { job_id } = (await (await send(form(readFileSync(GATE_FILM)))).json()) as Job;
    await waitFor(
      async () => ((await jobOf(job_id)).counts["events"] ? true : undefined),
      120_000,
      () => `the first car:\n${app.output()}`,
    );
    await stopProcess(app.process, "SIGKILL");
    const { home } = app;
    app = await startApplication({ home, env: { FRAME_EXTRACTION_FPS: "4" } });
    const done = await over(job_id);
    assert.equal(done.status, "completed", JSON.stringify(done));
    assert.equal(done.counts["frames"], 116, "all frames count, none twice");
    assert.deepEqual(await plates(job_id), ["BGT7305", "KX48PLG"]);
  });

  it("ends a job when it is told to, and does it when it is told again", async () => {
    const { job_id } = (await (await send(form(readFileSync(GATE_FILM)))).json()) as Job;
    await waitFor(
      async () => ((await jobOf(job_id)).progress > 0 ? true : undefined),
      120_000,
      () => "the job to begin",
    );
    assert.equal((await post(job_id, "cancel")).status, 200);
    const ended = await over(job_id);
    assert.deepEqual([ended.status, ended.can_retry], ["cancelled", true]);
    assert.equal((await post(job_id, "retry")).status, 200);
    assert.equal((await over(job_id)).status, "completed");
    assert.deepEqual(await plates(job_id), ["BGT7305", "KX48PLG"]);
  });
});
