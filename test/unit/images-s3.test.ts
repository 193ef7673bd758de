import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageStore } from "../../adapters/images/create";
import { Store } from "../../adapters/store/store";
import { WRITER_LIMITS } from "../../adapters/events/writer";
import { eventOfPassage } from "../../core/events/event";
import type { ImageStore, ImageStream } from "../../core/events/ports";
import { aPassage, MONDAY } from "../fixtures/events";
import { S3rver, type S3Server } from "../fixtures/receivers";

async function bytesOf(stream: ImageStream | null): Promise<string> {
  assert.ok(stream);
  const parts: Buffer[] = [];
  for await (const part of stream.stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

describe("pictures in an S3 store", function () {
  this.timeout(60_000);
  let folder: string;
  let server: S3Server;
  let env: NodeJS.ProcessEnv;
  let images: ImageStore;

  const serve = async (port: number) => {
    server = new S3rver({
      address: "127.0.0.1",
      port,
      silent: true,
      directory: join(folder, "s3"),
      vhostBuckets: false,
      configureBuckets: [{ name: "gate-pictures" }],
    });
    return (await server.run()).port;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "plategate-s3-"));
    const port = await serve(0);
    env = {
      PLATEGATE_PICTURES: "s3://gate-pictures/site-1",
      PLATEGATE_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
    };
    images = imageStore(folder, env);
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("are written, read whole or in part, and deleted", async () => {
    const data = { frame: Buffer.from("0123456789"), crop: Buffer.from("crop") };
    const paths = await images.put("evt-1", MONDAY, data);
    assert.equal(paths.frame, "2026/03/02/evt-1-frame.jpg");
    const path = paths.frame ?? "";
    assert.equal(await bytesOf(await images.open(path)), "0123456789");
    const part = await images.open(path, { start: 2, end: 4 });
    assert.deepEqual([part?.start, part?.end, part?.size], [2, 4, 10]);
    assert.equal(await bytesOf(part), "234");
    const info = await images.info(path);
    assert.equal(info?.size, 10);
    assert.match(info?.etag ?? "", /^"[^"]+"$/);
    await assert.rejects(images.open(path, { start: 50 }), /range/);
    for (const wrong of ["../x", "2026/03/02/none.jpg", "/etc/passwd", ""]) {
      assert.equal(await images.info(wrong), null, wrong);
      assert.equal(await images.open(wrong), null, wrong);
      assert.equal(await images.delete(wrong), false, wrong);
    }
    assert.equal(await images.delete(path), true);
    assert.equal(await images.info(path), null);
    assert.equal((await images.health()).status, "healthy");
  });

  it("make events wait while the store is gone", async () => {
    const store = new Store({
      home: folder,
      env,
      log: () => undefined,
      spool: { reserveBytes: 1000, maxBytes: 1_000_000 },
      writer: { ...WRITER_LIMITS, retryMs: [60_000, 60_000] },
    });
    const data = { frame: Buffer.from("frame"), crop: null };
    const event = eventOfPassage(aPassage("s1"), null, null, { siteId: null, zoneId: null });
    const port = Number(new URL(env.PLATEGATE_S3_ENDPOINT ?? "").port);
    await server.close();
    const result = await store.writer.write({ kind: "event", event, images: data });
    assert.equal(result.waiting, true);
    assert.equal((await store.health()).images.status, "unhealthy");
    await serve(port);
    await store.writer.flush();
    assert.equal(store.writer.waiting(), 0);
    const stored = await (await store.open()).events.get("s1");
    assert.equal(await bytesOf(await images.open(stored?.frame ?? "")), "frame");
    await store.close();
  });

  it("is found by the .env of reference 3", async () => {
    const { PLATEGATE_S3_ENDPOINT: endpoint = "" } = env;
    const minio = {
      MODE: "selfhost",
      MINIO_ENDPOINT: endpoint.replace(/^http:\/\//, ""),
      MINIO_BUCKET: "gate-pictures",
    };
    assert.throws(() => imageStore(folder, minio), /MINIO_ACCESS_KEY/);
    const secrets = { MINIO_ACCESS_KEY: "S3RVER", MINIO_SECRET_KEY: "S3RVER" };
    const store = imageStore(folder, { ...minio, ...secrets });
    assert.equal(store.kind, "s3");
    assert.equal((await store.health()).status, "healthy");
    await store.close();
    assert.equal(imageStore(folder, { ...minio, MODE: "supabase" }).kind, "disk");
  });

  it("says what is missing in the settings", () => {
    assert.throws(() => imageStore(folder, { PLATEGATE_PICTURES: "http://x" }), /s3:/);
    assert.throws(() => imageStore(folder, { PLATEGATE_PICTURES: "s3://bucket" }), /AWS_/);
  });
});
