import assert from "node:assert/strict";
import { caller, type Call, type Json } from "../fixtures/api-client";
import {
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { platePicture, upload } from "../fixtures/plate-picture";
import { RefusedError, StreamListener } from "../fixtures/stream-listener";

describe("the guide's dialect", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;

  before(async () => {
    // as in the guide's .env, its hosts aside
    app = await startApplication({
      env: {
        ENTRY_CAMERA_URL: "rtsp://admin:password@127.0.0.1:9/stream1",
        EXIT_CAMERA_URL: "rtsp://admin:password@127.0.0.1:9/stream2",
      },
    });
    call = caller(app);
  });
  after(() => discard(app));

  const url = async (): Promise<string> => `${app.address}/ws?token=${await app.token()}`;
  const ofType = (listener: StreamListener, type: string): Json[] =>
    listener.messages.filter((message) => message.type === type);

  it("makes the cameras of the environment, each with its lane, passwords masked", async () => {
    const { body } = await call("GET", "/config/cameras");
    assert.deepEqual(
      (body.items as Json[]).map(({ id, lane_id, rtsp_url }) => [id, lane_id, rtsp_url]),
      [
        ["entry_camera", "entry", "rtsp://admin:***@127.0.0.1:9/stream1"],
        ["exit_camera", "exit", "rtsp://admin:***@127.0.0.1:9/stream2"],
      ],
    );
    assert.ok(!app.output().includes(":password@"));
  });

  it("reads a picture as the guide's client sends it", async () => {
    const answer = await app.get("/recognize", upload(await platePicture("KX48 PLG")));
    const body = (await answer.json()) as { success: boolean; count: number; results: Json[] };
    assert.deepEqual([body.success, body.count], [true, 1]);
    assert.equal(body.results[0]?.plate, "KX48PLG");
  });

  it("answers any text on /ws with a pong", async () => {
    const listener = await StreamListener.open(await url());
    listener.socket.send("hello");
    listener.socket.send('{"type":"ping"}');
    await listener.heard(2);
    for (const message of listener.messages) {
      assert.deepEqual(message, { type: "pong", message: "alive" });
    }
    await listener.close();
  });

  it("tells of each final event and of the figures, at most every five seconds", async () => {
    const listener = await StreamListener.open(await url());
    const started = Date.now();
    for (const n of [1, 2, 3]) {
      const event = { event_id: `g${n}`, plate_text: `AB${n}`, confidence: 0.91, camera_id: "c" };
      assert.equal((await call("POST", "/events/ingest", event)).status, 202);
    }
    await waitFor(
      () => ofType(listener, "new_event").length === 3 || undefined,
      20_000,
      () => "three events",
    );
    const [first] = ofType(listener, "new_event");
    const data = first?.data as Json;
    assert.equal(data.plate_number, "AB1");
    assert.equal(data.confidence, 91);
    assert.equal(data.barrier_action, null);
    const figures = await waitFor(
      () => ofType(listener, "stats_update").find(({ data }) => (data as Json).total_events === 3),
      20_000,
      () => `figures of all three: ${JSON.stringify(listener.messages)}`,
    );
    assert.equal(typeof (figures.data as Json).timestamp, "string");
    const most = Math.floor((Date.now() - started) / 5_000) + 1;
    assert.ok(ofType(listener, "stats_update").length <= most);
    await listener.close();
  });

  it("lets nobody listen without a credential", async () => {
    await assert.rejects(
      StreamListener.open(`${app.address}/ws`),
      (error: unknown) => error instanceof RefusedError && error.status === 401,
    );
  });
});
