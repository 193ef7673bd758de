import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printed } from "../../cli/read";
import { scene } from "../fixtures/draw";

const CLI = join(__dirname, "..", "..", "cli", "plategate.js");

/** Runs the command as a shell does. */
function plategate(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], (error, out, err) => {
      resolve({ status: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe("plategate read", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "plategate-read-"));
  const good = join(folder, "good.jpg");
  const broken = join(folder, "broken.jpg");

  before(async () => {
    const plate = { text: "AB12CDE", x: 200, y: 180, w: 220, h: 52 };
    const file = await scene(640, 400, [plate]).jpeg({ quality: 92 }).toBuffer();
    writeFileSync(good, file);
    writeFileSync(broken, file.subarray(0, 3000));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("prints a JSON line a picture, in order, and fails where one cannot be read", async () => {
    const missing = join(folder, "missing.jpg");
    const run = await plategate("read", "--engine", "ppocr", "--json", broken, good, missing);
    assert.equal(run.status, 1);
    const lines = run.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      lines.map((l) => l["file"]),
      [broken, good, missing],
    );
    assert.match(String(lines[0]?.["error"]), /cannot be read/);
    assert.match(String(lines[2]?.["error"]), /ENOENT/);
    const [plate] = lines[1]?.["plates"] as Record<string, unknown>[];
    assert.equal(plate?.["text"], "AB12CDE");
    assert.equal((plate?.["box"] as number[]).length, 4);
    assert.equal((plate?.["corners"] as number[][]).length, 4);
    assert.equal((plate?.["characters"] as unknown[]).length, 7);
    assert.ok("region" in (plate ?? {}) && typeof lines[1]?.["ms"] === "number");
  });

  it("prints four corners also where only the box is known", () => {
    const detection = { box: [10, 20, 100, 40] as [number, number, number, number], confidence: 1 };
    const read = {
      text: "AB12",
      confidence: 0.9,
      characters: [],
      region: null,
      rows: 1 as const,
      readable: true,
      reason: null,
      frameId: "",
      capturedAt: 0,
    };
    const reads = [{ ...read, detection: { ...detection, corners: null } }];
    const [plate] = printed("a.jpg", { reads, ms: 1 }).plates;
    assert.deepEqual(plate?.corners, [
      [10, 20],
      [110, 20],
      [110, 60],
      [10, 60],
    ]);
  });

  it("prints a table and succeeds where all pictures are read", async () => {
    const run = await plategate("read", "--engine", "ppocr", "--workers", "1", good);
    assert.equal(run.status, 0, run.err);
    assert.match(run.out, /AB12CDE\s+\d+ %/);
  });

  it("explains itself", async () => {
    assert.match((await plategate("read", "--help")).out, /--json/);
    assert.notEqual((await plategate("read", "--engine", "magic", good)).status, 0);
  });
});
