import assert from "node:assert/strict";
import type { Socket } from "socket.io-client";
import { runningCameras } from "../../adapters/cameras/running";
import type { CameraSource } from "../../adapters/cameras/types";
import { eventOfPassage } from "../../core/events/event";
import type { Passage } from "../../core/messages";
import { aDecision } from "../fixtures/events";
import { ask, lprKit, next, TINY_JPEG, type LprKit } from "../fixtures/lpr-kit";

describe("the LPR server", function () {
  this.timeout(180_000);
  let kit: LprKit;

  beforeEach(async () => {
    kit = await lprKit();
  });
  afterEach(() => kit.close());

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${kit.url}${path}`, { headers });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  };

  /** The flow: decides, and stores the decision with the passage. */
  const openingGate = (passage: Passage): void => {
    const decision = aDecision(passage.id, { laneId: passage.laneId, plate: passage.text });
    const place = { siteId: null, zoneId: null };
    const event = eventOfPassage(passage, decision, null, place);
    void kit.store.writer.write({ kind: "event", event, images: passage.images });
  };

  for (const transports of [["polling"], ["websocket"]]) {
    it(`takes a camera's reads and shows them live over ${transports.join()}`, async () => {
      const camera = kit.connect({ transports });
      const dashboard = kit.connect({ transports });
      assert.equal((await next(camera, "status")).status, "connected");
      await ask(dashboard, "join_dashboard", undefined, "status");
      const online = next(dashboard, "camera_status");
      const registered = await ask(camera, "camera_register", { camera_id: "CAM001" }, "status");
      assert.equal(registered.status, "registered");
      assert.equal(registered.camera_id, "CAM001");
      assert.equal((await online).status, "online");

      const shown = next(dashboard, "new_detection");
      const answer = await ask(
        camera,
        "lpr_data",
        {
          camera_id: "CAM001",
          plate_number: "กข 1234",
          confidence: 85.5,
          location: "ประตูหน้า",
          image_data: TINY_JPEG,
        },
        "lpr_response",
      );
      assert.equal(answer.status, "success");
      assert.equal(answer.plate_number, "กข1234");
      assert.equal(answer.warning, undefined);
      assert.ok(!Number.isNaN(Date.parse(String(answer.timestamp))));
      const detection = await shown;
      assert.equal(detection.record_id, answer.record_id);
      assert.equal(detection.location, "ประตูหน้า");
      assert.equal(detection.confidence, 85.5);
      // as an <img> on another machine asks: by the signature alone
      const elsewhere = { "X-Forwarded-For": "203.0.113.9" };
      const picture = await fetch(String(detection.image_url), { headers: elsewhere });
      const unsigned = String(detection.image_url).split("?")[0] ?? "";
      assert.equal((await fetch(unsigned, { headers: elsewhere })).status, 401);
      assert.equal(picture.headers.get("content-type"), "image/jpeg");
      assert.equal(Buffer.from(await picture.arrayBuffer()).toString("base64"), TINY_JPEG);

      const offline = next(dashboard, "camera_status");
      camera.disconnect();
      assert.equal((await offline).status, "offline");
      assert.equal((await ask(dashboard, "ping", undefined, "pong")).timestamp !== "", true);
    });
  }

  it("answers the manual's REST requests", async () => {
    const camera = kit.connect();
    const say = (data: object) => ask(camera, "lpr_data", data, "lpr_response");
    await say({ camera_id: "CAM001", plate_number: "กข1234", confidence: 85.5 });
    await say({ camera_id: "CAM002", plate_number: "AB 123", confidence: 100 });
    assert.equal((await get("/")).body.status, "running");
    assert.deepEqual((await get("/websocket")).body.broadcasts, ["new_detection", "camera_status"]);
    const { body: figures } = await get("/api/statistics");
    assert.equal(figures.total_records, 2);
    assert.equal(figures.records_today, 2);
    assert.equal(figures.online_cameras, 2);
    const records = async (query: string) =>
      ((await get(`/api/records?${query}`)).body.records as { plate_number: string }[]).map(
        ({ plate_number }) => plate_number,
      );
    assert.deepEqual(await records("limit=10"), ["AB123", "กข1234"]);
    assert.deepEqual(await records("limit=1"), ["AB123"]);
    assert.deepEqual(await records("limit=0"), []);
    assert.deepEqual(await records("limit=&skip="), ["AB123", "กข1234"]);
    assert.deepEqual(await records("camera_id=CAM001"), ["กข1234"]);
    assert.deepEqual(await records(`plate_number=${encodeURIComponent("ข12")}`), ["กข1234"]);
    assert.deepEqual(await records("camera_id=&plate_number="), ["AB123", "กข1234"]);
    const { body: cameras } = await get("/api/cameras");
    assert.equal((cameras.cameras as unknown[]).length, 2);
    assert.equal((await get("/api/records?limit=-1")).status, 422);
    assert.equal((await get("/nothing")).body.error_code, "RESOURCE_NOT_FOUND");
    const wrong = await fetch(`${kit.url}/api/records`, { method: "POST" });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get("allow"), "GET, HEAD");
  });

  it("keeps records and cameras over a restart; a client comes back by itself", async () => {
    const camera = kit.connect();
    await ask(camera, "camera_register", { camera_id: "CAM001", location: "ประตู" }, "status");
    await ask(camera, "lpr_data", { plate_number: "กข1234", confidence: 85.5 }, "lpr_response");
    const back = next(camera, "status");
    await kit.restart();
    await back;
    const { body } = await get("/api/cameras");
    const [known] = body.cameras as Record<string, unknown>[];
    assert.equal(known?.camera_id, "CAM001");
    assert.equal(known?.location, "ประตู");
    assert.equal(known?.status, "offline", "it has not said anything since");
    assert.equal((await get("/api/statistics")).body.total_records, 1);
  });

  it("has the flow decide for cameras with a lane, and for no others", async () => {
    await kit.restart({ lanes: new Map([["CAM001", "entry"]]) });
    kit.gate = openingGate;
    const camera = kit.connect();
    const dashboard = kit.connect();
    await ask(dashboard, "join_dashboard", undefined, "status");
    const shown = next(dashboard, "new_detection");
    const read = { plate_number: "ABC123", confidence: 91 };
    const decided = await ask(camera, "lpr_data", { ...read, camera_id: "CAM001" }, "lpr_response");
    assert.equal(decided.decision, "open");
    assert.equal((await shown).decision, "open", "it is shown with its decision");
    const other = await ask(camera, "lpr_data", { ...read, camera_id: "CAM009" }, "lpr_response");
    assert.equal(other.decision, undefined);
    assert.deepEqual(
      kit.handed.map(({ laneId, cameraId, confidence }) => [cameraId, laneId, confidence]),
      [["CAM001", "entry", 0.91]],
    );
    kit.gate = null;
    const unwired = await ask(camera, "lpr_data", { ...read, camera_id: "CAM001" }, "lpr_response");
    assert.equal(unwired.decision, undefined);
    kit.gate = () => undefined; // a flow that says nothing
    const quiet = await ask(camera, "lpr_data", { ...read, camera_id: "CAM001" }, "lpr_response");
    assert.equal(quiet.status, "success");
    assert.equal(quiet.decision, undefined);
  });

  it("lets nobody speak for a camera whose stream is read here", async () => {
    await kit.restart({ lanes: new Map([["CAM001", "entry"]]) });
    kit.gate = openingGate;
    const source = { state: "running", stats: () => ({}) } as unknown as CameraSource;
    const leave = runningCameras.add("CAM001", "rtsp://camera", source);
    try {
      const read = { plate_number: "ABC123", confidence: 91, camera_id: "CAM001" };
      const answer = await ask(kit.connect(), "lpr_data", read, "lpr_response");
      assert.equal(answer.status, "success");
      assert.equal(answer.decision, undefined);
      assert.deepEqual(kit.handed, []);
      assert.match(kit.problems.join(), /CAM001 is read from its own stream here/);
    } finally {
      leave();
    }
  });

  it("answers malformed messages with an error and goes on", async () => {
    const camera = kit.connect();
    await next(camera, "status");
    const wrong: [string, unknown][] = [
      ["camera_register", undefined],
      ["camera_register", null],
      ["camera_register", "CAM001"],
      ["camera_register", { camera_id: "" }],
      ["camera_register", { camera_id: "x".repeat(200) }],
      ["lpr_data", []],
      ["lpr_data", { plate_number: "AB123", confidence: 85.5 }], // no camera anywhere
      ["lpr_data", { camera_id: "C", plate_number: "---" }],
      ["lpr_data", { camera_id: "C", plate_number: 5 }],
      ["lpr_data", { camera_id: "C", plate_number: "AB1", confidence: 101 }],
      ["lpr_data", { camera_id: "C", plate_number: "AB1", confidence: "high" }],
      ["lpr_data", { camera_id: "C\0", plate_number: "AB1" }],
    ];
    for (const [event, data] of wrong) {
      const error = await ask(camera, event, data, "error");
      assert.equal(error.code, "VALIDATION_ERROR", `${event} ${JSON.stringify(data)}`);
      assert.equal(typeof error.message, "string");
    }
    const kept = await ask(
      camera,
      "lpr_data",
      { camera_id: "C", plate_number: "AB1", image_data: "base64_encoded_image", extra: { a: 1 } },
      "lpr_response",
    );
    assert.match(String(kept.warning), /not a picture/);
    const stored = await (await kit.store.open()).events.get(String(kept.record_id));
    assert.equal(stored?.frame, null);
    assert.deepEqual(stored?.metadata.camera_fields, { extra: { a: 1 } });
    assert.deepEqual(kit.problems, []);
  });

  it("drops a client whose message is too large, and serves the others", async () => {
    for (const transports of [["polling"], ["websocket"]]) {
      const large = kit.connect({ transports, reconnection: false });
      const other = kit.connect({ transports });
      await Promise.all([next(large, "status"), next(other, "status")]);
      const gone = new Promise((resolve) => large.once("disconnect", resolve));
      const image_data = "A".repeat(9 * 1024 * 1024);
      large.emit("lpr_data", { camera_id: "C", plate_number: "AB1", image_data });
      await gone;
      await ask(other, "ping", undefined, "pong");
    }
    assert.equal((await get("/api/statistics")).body.total_records, 0);
  });

  it("takes 500 cameras at once and a storm of reconnections", async () => {
    const cameras = Array.from({ length: 500 }, (_, i) => {
      const id = `CAM${i}`;
      const socket = kit.connect({ transports: i % 5 === 0 ? ["polling"] : ["websocket"] });
      socket.on("connect", () => socket.emit("camera_register", { camera_id: id }));
      return { id, socket };
    });
    const send = ({ id, socket }: { id: string; socket: Socket }, n: number) =>
      ask(
        socket,
        "lpr_data",
        { camera_id: id, plate_number: `กข${n}`, confidence: 90 },
        "lpr_response",
      );
    await Promise.all(cameras.map(({ socket }) => next(socket, "status")));
    await Promise.all(cameras.map((camera, i) => send(camera, i)));
    const { body } = await get("/api/cameras");
    assert.deepEqual([body.total, body.online], [500, 500]);

    const back = cameras.map(({ socket }) => next(socket, "status"));
    await kit.restart(); // all are thrown out at the same moment
    await Promise.all(back);
    await Promise.all(cameras.map((camera, i) => send(camera, 1000 + i)));
    const { body: after } = await get("/api/statistics");
    assert.equal(after.total_records, 1000);
    assert.equal(after.online_cameras, 500);
    assert.deepEqual(kit.problems, []);
  });

  it("answers in Thai to who asks in Thai", async () => {
    const camera = kit.connect({ extraHeaders: { "Accept-Language": "th-TH,th;q=0.9" } });
    assert.match(String((await next(camera, "status")).message), /เชื่อมต่อ/);
    const error = await ask(camera, "lpr_data", { camera_id: "C", plate_number: "-" }, "error");
    assert.match(String(error.message), /ไม่มีตัวอักษร/);
  });

  it("notes in the audit log who looked at records and pictures", async () => {
    const camera = kit.connect();
    const read = { camera_id: "CAM001", plate_number: "AB 1234", image_data: TINY_JPEG };
    const { record_id: id } = await ask(camera, "lpr_data", read, "lpr_response");
    const key = await kit.key(["read"]);
    const headers = { "X-API-Key": key, "X-Purpose": "case 18" };
    assert.equal((await get("/api/records?plate_number=ab-1234", headers)).status, 200);
    const picture = await fetch(`${kit.url}/api/records/${String(id)}/frame.jpg`, { headers });
    await picture.arrayBuffer();
    await kit.store.lookUps.flush();
    const { audit } = await kit.store.open();
    const lines = await audit.list({ actor: "key:read" }, { skip: 0, limit: 10 });
    assert.deepEqual(
      lines.items.map(({ action, subject, purpose }) => [action, subject, purpose]).sort(),
      [
        ["event.picture", `event:${String(id)}`, "case 18"],
        ["event.query", "plate:AB1234", "case 18"],
      ],
    );
  });
});
