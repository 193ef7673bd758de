import assert from "node:assert/strict";
import { join } from "node:path";
import { packageRoot } from "../../adapters/package/package";
import { caller, type Json } from "../fixtures/api-client";
import {
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { RelayServer } from "../fixtures/relay-server";
import { makeFilm, RtspServer } from "../fixtures/rtsp-server";

const PLATE = "KX48PLG";
/** The part of the demo's clip with that car, and the empty lane after it. */
const PART = ["-ss", "0", "-t", "14"];

describe("a gate of the environment's variables alone", function () {
  this.timeout(300_000);
  const relay = new RelayServer();
  let camera: RtspServer;
  let app: RunningApplication;

  before(async () => {
    const clip = join(packageRoot(), "examples", "footage", "gate.mp4");
    camera = new RtspServer({ film: await makeFilm([...PART, "-i", clip], 15), path: "/entry" });
    const env = {
      ENTRY_CAMERA_URL: `rtsp://127.0.0.1:${await camera.listen()}/entry`,
      BARRIER_TYPE: "http",
      BARRIER_HTTP_ENTRY_URL: await relay.start(),
    };
    app = await startApplication({ env });
  });
  after(async () => {
    await discard(app);
    await Promise.all([camera.close(), relay.stop()]);
  });

  const opens = (): number => relay.requests.filter(({ url }) => url === "/open").length;

  it("stays shut for the plate of its camera until that is on the list", async () => {
    const call = caller(app);
    const event = async (result: string): Promise<Json> =>
      waitFor(
        async () => {
          const { body } = await call("GET", `/api/v1/decisions?plate=${PLATE}&result=${result}`);
          return (body.items as Json[])[0];
        },
        120_000,
        () => `a decision "${result}":\n${app.output()}`,
      );
    const refused = await event("deny");
    assert.deepEqual([refused.reason, refused.lane_id], ["unknown_plate", "entry"]);
    assert.equal(opens(), 0);
    assert.equal((await call("POST", "/api/v1/vehicles", { plate: PLATE })).status, 201);
    const opened = await event("open");
    assert.deepEqual(
      [opened.reason, opened.lane_id, opened.camera_id],
      ["allowed", "entry", "entry_camera"],
    );
    await waitFor(
      () => opens() || undefined,
      20_000,
      () => "the relay's pulse",
    );
    assert.equal(opens(), 1, "once a passage");
    const { method, body } = relay.requests.find(({ url }) => url === "/open") ?? {};
    assert.deepEqual([method, body], ["POST", '{"action":"open"}']);
  });
});
