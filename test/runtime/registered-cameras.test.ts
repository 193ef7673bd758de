import assert from "node:assert/strict";
import { join } from "node:path";
import { caller, type Call, type Json } from "../fixtures/api-client";
import {
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { makeFilm, RtspServer, type H264Film } from "../fixtures/rtsp-server";

const FOOTAGE = join(process.cwd(), "examples", "footage", "gate.mp4");

describe("cameras of the configuration API in running flows", function () {
  this.timeout(300_000);
  let app: RunningApplication;
  let call: Call;
  let film: H264Film;
  let gate: RtspServer;
  let other: RtspServer;
  const ports = { gate: 0, other: 0 };

  before(async () => {
    film = await makeFilm(["-i", FOOTAGE], 10);
    gate = new RtspServer({ film });
    other = new RtspServer({ film: await makeFilm() });
    [ports.gate, ports.other] = await Promise.all([gate.listen(), other.listen()]);
    app = await startApplication();
    call = caller(app);
  });
  after(async () => {
    await discard(app);
    await Promise.all([gate.close(), other.close()]);
  });

  const live = async (): Promise<string[]> => {
    const { body } = await call("GET", "/api/v1/live");
    return (body.items as Json[]).map(({ id }) => String(id)).sort();
  };
  const until = (what: string, ask: () => Promise<boolean>, limit = 60_000) =>
    waitFor(
      async () => (await ask()) || undefined,
      limit,
      () => `${what}\n${app.output().slice(-2000)}`,
    );

  it("reads a new camera at once, and only that", async () => {
    const made = await call("POST", "/config/cameras", {
      name: "Gate",
      rtsp_url: `rtsp://127.0.0.1:${ports.gate}/cam`,
      lane_id: "north",
      zone_id: "yard",
      fps: 10,
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await until("the camera to be live", async () => (await live()).includes("cam-001"));
    await call("POST", "/config/cameras", {
      name: "Other",
      rtsp_url: `rtsp://127.0.0.1:${ports.other}/cam`,
      fps: 2,
    });
    await until("both to be live", async () => (await live()).length === 2);
    assert.equal(gate.connections, 1);
  });

  it("makes events of what it reads, with the camera's lane and zone", async () => {
    const found = await waitFor(
      async () => {
        const { body } = await call("GET", "/events?camera_id=cam-001&plate_text=KX48PLG");
        return (body.items as Json[])[0];
      },
      150_000,
      () => `an event of cam-001\n${app.output().slice(-2000)}`,
    );
    assert.equal(found.zone_id, "yard");
    const { body } = await call("GET", "/api/v1/passages?lane_id=north");
    assert.ok((body.items as Json[]).length > 0);
  });

  it("connects anew what moved, and leaves the other alone", async () => {
    const before = { gate: gate.accepted, other: other.accepted };
    await call("PUT", "/config/cameras/cam-001", { name: "Renamed", metadata: { a: 1 } });
    await call("PUT", "/config/cameras/cam-002", { fps: 3 });
    await until("cam-002 to come back", async () => other.accepted > before.other);
    assert.equal(gate.accepted, before.gate, "a name is no reason to connect anew");
    const { body } = await call("GET", "/healthz/detailed");
    const components = body.components as Record<string, { details: Json }>;
    const { cameras } = components.cameras?.details as { cameras: Record<string, Json> };
    assert.deepEqual(Object.keys(cameras).sort(), ["cam-001", "cam-002"]);
    assert.deepEqual([cameras["cam-001"]?.state, cameras["cam-001"]?.codec], ["live", "h264"]);
    assert.ok(((body.metrics as Json).avg_processing_time_ms as number) > 0);
  });

  it("takes a new zone for the next vehicles, with its lane", async () => {
    const points = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
      { x: 0, y: 1 },
    ];
    const zone = await call("POST", "/config/zones", {
      name: "All of it",
      camera_id: "cam-001",
      geometry: { points },
      lane_id: "south",
    });
    assert.equal(zone.status, 201, JSON.stringify(zone.body));
    await waitFor(
      async () => {
        const { body } = await call("GET", `/events?zone_id=${String(zone.body.id)}`);
        return (body.items as Json[])[0];
      },
      150_000,
      () => "an event in the zone",
    );
    const south = await call("GET", "/api/v1/passages?lane_id=south");
    assert.ok((south.body.items as Json[]).length > 0);
  });

  it("closes a camera that is disabled or deleted", async () => {
    await call("PUT", "/config/cameras/cam-001", { enabled: false });
    await until("cam-001 to be closed", async () => gate.connections === 0);
    await until("only cam-002 to be live", async () => (await live()).join() === "cam-002");
    await call("PUT", "/config/cameras/cam-001", { enabled: true });
    await until("cam-001 to come back", async () => (await live()).includes("cam-001"));
    assert.equal((await call("DELETE", "/config/cameras/cam-001")).status, 204);
    assert.equal((await call("DELETE", "/config/cameras/cam-002")).status, 204);
    await until("all to be closed", async () => gate.connections + other.connections === 0);
    await until("no camera to be live", async () => (await live()).length === 0);
  });
});
