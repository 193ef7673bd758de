import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { RoomError, UploadRoom } from "../../adapters/jobs/upload-room";

const MB = 1024 * 1024;
const problem = (one: string) => (error: unknown) =>
  error instanceof RoomError && error.problem === one;

describe("room for uploads", () => {
  let free = 0;
  before(async () => {
    const { bavail, bsize } = await statfs(tmpdir());
    free = (bavail * bsize) / MB;
  });
  const roomOf = (env: NodeJS.ProcessEnv, kept = () => 0) =>
    new UploadRoom({
      env,
      folder: () => Promise.resolve(tmpdir()),
      kept: () => Promise.resolve(kept()),
    });

  it("is not where the disk would have less than its reserve", async () => {
    const scarce = roomOf({ PLATEGATE_RESERVE_MB: String(free * 2) });
    await assert.rejects(scarce.enter("a", 0), problem("disk"));
    const half = roomOf({ PLATEGATE_RESERVE_MB: String(free / 2) });
    const most = String(free * 4);
    const all = roomOf({ PLATEGATE_RESERVE_MB: String(free / 2), PLATEGATE_MAX_UPLOADS_MB: most });
    await half.enter("a", 0);
    await assert.rejects(all.enter("a", free * 0.9 * MB), problem("disk"));
    (await all.enter("a", free * 0.3 * MB)).leave();
    await all.enter("a", free * 0.3 * MB);
    await assert.rejects(all.enter("b", free * 0.3 * MB), problem("disk"), "what comes counts too");
  });

  it("ends while an upload is written that did not say how large it is", async () => {
    let kept = 0;
    const room = roomOf({ PLATEGATE_RESERVE_MB: "1", PLATEGATE_MAX_UPLOADS_MB: "10" }, () => kept);
    const place = await room.enter("a", 0);
    await place.wrote(15 * MB);
    kept = 20 * MB;
    await assert.rejects(place.wrote(2 * MB), problem("kept"));
    place.leave();
    await assert.rejects(room.enter("a", 0), problem("kept"));
  });

  it("is for two uploads of a user at once", async () => {
    const room = roomOf({ PLATEGATE_RESERVE_MB: "1" });
    const [first] = [await room.enter("a", 1), await room.enter("a", 1)];
    await assert.rejects(room.enter("a", 1), problem("too_many"));
    await room.enter("b", 1);
    first.leave();
    await room.enter("a", 1);
  });
});
