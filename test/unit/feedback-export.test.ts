import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { feedbackWork } from "../../adapters/feedback/export";
import { JobFailure } from "../../adapters/jobs/runner";
import { acquireStore, type StoreLease } from "../../adapters/store/store";
import { anEvent, MONDAY } from "../fixtures/events";

const run = promisify(execFile);
const ROOT = join(__dirname, "..", "..", "..");

/** What training/common/datasets.py makes of a data root. */
const READ = `
import json, sys
from training.common.datasets import find_sets
sets = find_sets(sys.argv[1])
print(json.dumps({name: {
    "crops": found.is_crops, "licensed": found.licensed,
    "photos": [[p.file, p.path.is_file(), [[list(q.box), q.text, q.text_source] for q in p.plates]]
               for p in found.photos]} for name, found in sets.items()}))
`;

describe("the export of reviewed plates", function () {
  this.timeout(60_000);
  let home: string;
  let lease: StoreLease;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-feedback-"));
    lease = await acquireStore({ home, url: "", log: () => undefined, env: {} });
    const { events, reviews } = await lease.store.open();
    const picture = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: "#456" } })
        .jpeg()
        .toBuffer();
    const frame = await picture(640, 360);
    const crop = await picture(120, 40);
    const place = { plate_place: { box: [0.25, 0.5, 0.1, 0.05], corners: null } };
    for (const [id, metadata, images] of [
      ["placed", place, { frame, crop }],
      ["unplaced", {}, { frame, crop }],
      ["bare", place, { frame: null, crop: null }],
      ["unseen", place, { frame, crop }],
      ["torn", place, { frame: Buffer.from("no picture"), crop }],
      ["emptied", place, { frame, crop }],
      ["gone", place, { frame, crop }],
      ["useless", place, { frame: Buffer.from("no picture"), crop: Buffer.from("neither") }],
    ] as const) {
      const event = anEvent(id, { plateText: "KX48PL6", confidence: 0.7, metadata });
      await lease.store.writer.write({ kind: "event", event, images });
      assert.ok(await events.get(id));
    }
    const by = { actor: "kim", notes: null, reviewedAt: MONDAY };
    await reviews.correct("KX48PLG", { ...by, eventId: "placed" });
    await reviews.confirm({ ...by, eventId: "unplaced" });
    await reviews.confirm({ ...by, eventId: "bare" });
  });
  after(async () => {
    await lease?.release();
    if (home) await rm(home, { recursive: true, force: true });
  });

  async function make(params: Record<string, unknown> = {}) {
    const job = await lease.store.jobs.create({
      kind: "feedback_export",
      createdBy: "kim",
      params,
    });
    const signal = new AbortController().signal;
    return feedbackWork(lease.store)(job, { signal, report: () => undefined });
  }

  it("holds each reviewed plate once, in folders that training/ reads", async function () {
    const { filePath, report } = await make();
    assert.deepEqual(report.counts, { images: 2, corrected: 1, without_picture: 1 });
    const files = unzipSync(await readFile(filePath ?? ""));
    const root = join(home, "root");
    for (const [name, data] of Object.entries(files)) {
      const target = join(root, name);
      await run("mkdir", ["-p", join(target, "..")]);
      await writeFile(target, data);
    }
    const coco = JSON.parse(Buffer.from(files["plategate-scenes/coco.json"] ?? []).toString()) as {
      annotations: { bbox: number[] }[];
    };
    assert.deepEqual(coco.annotations[0]?.bbox, [160, 180, 64, 18]);
    const read = await run("python3", ["-c", READ, root], { cwd: ROOT }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") this.skip(); // no Python here
        throw error;
      },
    );
    const sets = JSON.parse(read.stdout) as Record<string, { crops: boolean; photos: unknown[] }>;
    assert.deepEqual(sets["plategate-scenes"], {
      crops: false,
      licensed: true,
      photos: [["000001.jpg", true, [[[160, 180, 64, 18], "KX48PLG", "corrected"]]]],
    });
    assert.deepEqual(sets["plategate-plates"], {
      crops: true,
      licensed: true,
      photos: [["000002.jpg", true, [[[0, 0, 120, 40], "KX48PL6", "confirmed"]]]],
    });
  });

  it("takes the plate where the scene's picture is broken or gone, and leaves out what has neither", async () => {
    const { events, reviews } = await lease.store.open();
    for (const eventId of ["torn", "emptied", "gone", "useless"]) {
      await reviews.confirm({ eventId, actor: "kim", notes: null, reviewedAt: MONDAY });
    }
    const fileOf = async (id: string) =>
      join(home, "pictures", (await events.get(id))?.frame ?? "none");
    await writeFile(await fileOf("emptied"), "");
    await rm(await fileOf("gone"));
    const { filePath, report } = await make();
    assert.deepEqual(report.counts, { images: 5, corrected: 1, without_picture: 2 });
    const names = Object.keys(unzipSync(await readFile(filePath ?? "")));
    assert.equal(names.filter((name) => /^plategate-plates\/images\//.test(name)).length, 4);
    const parts = (await readdir(lease.store.jobs.folder.path)).filter((name) =>
      name.endsWith(".part"),
    );
    assert.deepEqual(parts, []);
  });

  it("is written beside its place, so that what a killed program left is swept", async () => {
    const { folder } = lease.store.jobs;
    const seen: string[] = [];
    const job = await lease.store.jobs.create({
      kind: "feedback_export",
      createdBy: "kim",
      params: {},
    });
    const { images } = lease.store;
    const open = images.open.bind(images);
    images.open = async (...given) => {
      seen.push(...(await readdir(folder.path)));
      return open(...given);
    };
    try {
      const signal = new AbortController().signal;
      await feedbackWork(lease.store)(job, { signal, report: () => undefined });
    } finally {
      images.open = open;
    }
    assert.ok(seen.some((name) => name.endsWith(".part")));
    assert.ok(!seen.includes(`${job.id}.zip`));
    assert.ok((await readdir(folder.path)).includes(`${job.id}.zip`));
  });

  it("takes what was asked for, and fails where nothing is", async () => {
    const { report } = await make({ verdict: "corrected" });
    assert.equal(report.counts["images"], 1);
    await assert.rejects(
      make({ from: MONDAY + 1e9 }),
      (error) => error instanceof JobFailure && error.code === "nothing",
    );
  });
});
