import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PROGRAM } from "../fixtures/application";
import { colourJpeg } from "../fixtures/camera-kit";
import { MjpegServer } from "../fixtures/mjpeg-server";

interface Outcome {
  status: number;
  out: string;
}

/** Runs `plategate camera test` with arguments. */
async function cameraTest(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const run = promisify(execFile)(process.execPath, [PROGRAM, "camera", "test", ...args], {
    env: { ...process.env, ...env },
  });
  return run.then(
    ({ stdout }) => ({ status: 0, out: stdout }),
    (error: { code: number; stdout: string }) => ({ status: error.code, out: error.stdout }),
  );
}

describe("plategate camera test", function () {
  this.timeout(90_000);

  it("says what a film holds", async () => {
    const { status, out } = await cameraTest(["demo:gate"]);
    assert.equal(status, 0);
    assert.match(out, /h264, 1280 x 720, 12 frames a second/);
  });

  it("logs in with a password that is on no command line; fails with a code", async () => {
    const login = { scheme: "digest", user: "admin", password: "s3cret!!" } as const;
    const server = new MjpegServer({ pictures: [await colourJpeg()], login });
    const address = `${await server.listen()}/stream`;
    const args = [address, "--user", "admin", "--json"];
    const right = await cameraTest(args, { PLATEGATE_CAMERA_PASSWORD: "s3cret!!" });
    assert.deepEqual(JSON.parse(right.out), {
      ...{ address, ok: true, codec: "mjpeg", width: 64, height: 48, fps: null },
    });
    const wrong = await cameraTest(args, { PLATEGATE_CAMERA_PASSWORD: "wrong-one" });
    assert.equal(wrong.status, 1);
    assert.equal((JSON.parse(wrong.out) as { code: string }).code, "auth_failed");
    await server.close();
    const gone = await cameraTest([address.replace("//", "//u:hidden-word@")]);
    assert.equal(gone.status, 1);
    assert.match(gone.out, /\[unreachable\]/);
    assert.doesNotMatch(gone.out, /hidden-word/);
  });
});
