import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { DiskImages } from "../../adapters/images/disk";
import { imagePath, safePath } from "../../core/events/image-path";
import type { ImageStream } from "../../core/events/ports";
import { MONDAY } from "../fixtures/events";

async function bytesOf(stream: ImageStream | null): Promise<string> {
  assert.ok(stream);
  const parts: Buffer[] = [];
  for await (const part of stream.stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe("pictures on disk", () => {
  let folder: string;
  let images: DiskImages;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "plategate-images-"));
    images = new DiskImages(join(folder, "store"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = (id: string, text = "0123456789") =>
    images.put(id, MONDAY, { frame: Buffer.from(text), crop: Buffer.from("crop") });

  it("lie in folders by day and are read whole or in part", async () => {
    const paths = await put("evt-1");
    assert.deepEqual(paths, {
      frame: "2026/03/02/evt-1-frame.jpg",
      crop: "2026/03/02/evt-1-crop.jpg",
    });
    const path = paths.frame ?? "";
    assert.equal(await bytesOf(await images.open(path)), "0123456789");
    const part = await images.open(path, { start: 2, end: 4 });
    assert.equal(await bytesOf(part), "234");
    assert.deepEqual([part?.start, part?.end, part?.size], [2, 4, 10]);
    assert.equal(await bytesOf(await images.open(path, { start: 8, end: 99 })), "89");
    await assert.rejects(images.open(path, { start: 10 }), /range/);
    const before = (await images.info(path))?.etag;
    assert.match(before ?? "", /^"[^"]+"$/);
    await put("evt-1", "9876543210");
    assert.notEqual((await images.info(path))?.etag, before);
    assert.deepEqual(await readdir(join(folder, "store/2026/03/02")), [
      "evt-1-crop.jpg",
      "evt-1-frame.jpg",
    ]);
    assert.equal((await images.health()).status, "healthy");
  });

  it("go with their empty folders", async () => {
    const paths = await put("evt-1");
    assert.equal(await images.delete(paths.crop ?? ""), true);
    assert.equal(await images.delete(paths.frame ?? ""), true);
    assert.equal(await images.delete(paths.frame ?? ""), false);
    assert.deepEqual(await readdir(join(folder, "store")), []);
  });

  it("are never looked for outside the store", async () => {
    await put("evt-1");
    await writeFile(join(folder, "secret.jpg"), "secret");
    await symlink(join(folder, "secret.jpg"), join(folder, "store/link.jpg"));
    await symlink(folder, join(folder, "store/out"));
    for (const path of [
      "../secret.jpg",
      "2026/../../secret.jpg",
      join(folder, "secret.jpg"),
      "link.jpg",
      "out/secret.jpg",
      "2026/03/02/evt-1-frame.jpg\0.jpg",
      "..\\secret.jpg",
      "",
      ".",
      "2026/03/02",
      "2026//03/02/evt-1-frame.jpg",
    ]) {
      assert.equal(await images.info(path), null, path);
      assert.equal(await images.open(path), null, path);
      if (path !== "link.jpg" && path !== "2026/03/02") {
        assert.equal(await images.delete(path), false, path);
      }
    }
    await mkdir(join(folder, "store/2026/03"), { recursive: true });
    await symlink(folder, join(folder, "store/2026/04"));
    await assert.rejects(
      images.put("x", Date.UTC(2026, 3, 1), { frame: Buffer.from("x"), crop: null }),
      /leads out/,
    );
  });

  it("have a safe path of their own for every id", () => {
    const ids = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("..", "/", ""),
    );
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const path = imagePath(a, MONDAY, "frame");
        assert.equal(safePath(path), path);
        // also where a file system takes A and a for the same
        if (a !== b) {
          assert.notEqual(path.toLowerCase(), imagePath(b, MONDAY, "frame").toLowerCase());
        }
      }),
    );
  });
});
