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
import { HttpReceiver } from "../fixtures/receivers";
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
  let webhook: HttpReceiver;
  let telegram: HttpReceiver;

  before(async () => {
    const clip = join(packageRoot(), "examples", "footage", "gate.mp4");
    camera = new RtspServer({ film: await makeFilm([...PART, "-i", clip], 15), path: "/entry" });
    webhook = await HttpReceiver.start();
    telegram = await HttpReceiver.start();
    const env = {
      WEBHOOK_URL: `${webhook.url}/api/alpr-events`,
      TELEGRAM_API_URL: telegram.url,
      TELEGRAM_BOT_TOKEN: "your-bot-token",
      TELEGRAM_CHAT_IDS: "123456789",
      ENTRY_CAMERA_URL: `rtsp://127.0.0.1:${await camera.listen()}/entry`,
      BARRIER_TYPE: "http",
      BARRIER_HTTP_ENTRY_URL: await relay.start(),
    };
    app = await startApplication({ env });
  });
  after(async () => {
    await discard(app);
    await Promise.all([camera.close(), relay.stop(), webhook.stop(), telegram.stop()]);
  });

  const opens = (): number => relay.requests.filter(({ url }) => url === "/open").length;

  /** The webhook and the alert tell of the vehicle that may not pass what was decided. */
  async function toldOf(id: string): Promise<void> {
    const bodies = () => webhook.requests.map(({ body }) => JSON.parse(body.toString()) as Json);
    const posted = await waitFor(
      () => bodies().find(({ event_id }) => event_id === id),
      60_000,
      () => `the webhook's call:\n${app.output()}`,
    );
    assert.deepEqual([posted.decision, posted.reason], ["deny", "unknown_plate"]);
    await waitFor(
      () => telegram.requests.some(({ body }) => body.toString().includes(PLATE)) || undefined,
      60_000,
      () => `the alert:\n${app.output()}`,
    );
    assert.equal(bodies().filter(({ event_id }) => event_id === id).length, 1, "once");
  }

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
    await toldOf(String(refused.id));
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
