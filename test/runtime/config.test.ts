import assert from "node:assert/strict";
import { caller, type Call, type Json } from "../fixtures/api-client";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

const CAMERA = {
  name: "Entrance Main",
  rtsp_url: "rtsp://admin:password@192.168.1.100:554/stream1",
  enabled: true,
  zone_id: "zone-entrance",
  fps: 10,
  resolution: { width: 1920, height: 1080 },
  detection_model: "yolov8-vehicle",
  ocr_models: ["paddle-ocr-lt", "tesseract-lt"],
  metadata: { location: "Main gate", manufacturer: "Hikvision" },
};
const SQUARE = [
  { x: 100, y: 200 },
  { x: 500, y: 200 },
  { x: 500, y: 600 },
  { x: 100, y: 600 },
];

describe("/config of reference 2", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge-key" } });
    call = caller(app);
  });
  after(() => discard(app));

  const fieldsOf = (body: Json) => (body.errors as { field: string }[]).map(({ field }) => field);

  it("runs the reference's examples in their order", async () => {
    const camera = await call("POST", "/config/cameras", { ...CAMERA, enabled: false });
    assert.equal(camera.status, 201, JSON.stringify(camera.body));
    const { created_at, updated_at, lane_id, transport, high_res_url, managed, ...shown } =
      camera.body;
    assert.deepEqual(shown, {
      ...CAMERA,
      id: "cam-001",
      enabled: false,
      rtsp_url: "rtsp://admin:***@192.168.1.100:554/stream1",
    });
    assert.deepEqual([lane_id, transport, high_res_url, managed], [null, "tcp", null, "api"]);
    assert.equal(created_at, updated_at);
    assert.deepEqual((await call("GET", "/config/cameras/cam-001")).body, camera.body);

    const changed = await call("PUT", "/config/cameras/cam-001", {
      name: "Entrance Main (Updated)",
      fps: 15,
      metadata: { location: "Main gate - Updated", manufacturer: null },
    });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.fps, 15);
    assert.deepEqual(changed.body.metadata, { location: "Main gate - Updated" });
    assert.deepEqual(changed.body.resolution, CAMERA.resolution);

    const zone = await call("POST", "/config/zones", {
      name: "Entrance Zone",
      camera_id: "cam-001",
      type: "enter",
      geometry: { type: "polygon", points: SQUARE },
      metadata: { description: "Main entrance area" },
    });
    assert.equal(zone.status, 201, JSON.stringify(zone.body));
    assert.equal(zone.body.id, "zone-001");
    assert.deepEqual(zone.body.geometry, { type: "polygon", points: SQUARE });
    const triangle = SQUARE.slice(0, 3);
    const shaped = await call("PUT", "/config/zones/zone-001", { geometry: { points: triangle } });
    assert.deepEqual(shaped.body.geometry, { type: "polygon", points: triangle });

    const model = await call("POST", "/config/models", {
      name: "YOLOv8 Vehicle Detector",
      type: "detector",
      version: "8.0.0",
      weights_path: "/models/yolov8-vehicle.pt",
      parameters: { confidence_threshold: 0.5, iou_threshold: 0.45 },
      metadata: { supported_devices: ["cpu", "cuda"] },
    });
    assert.equal(model.status, 201, JSON.stringify(model.body));
    const tuned = await call("PUT", "/config/models/model-001", {
      parameters: { confidence_threshold: 0.6 },
    });
    assert.deepEqual(tuned.body.parameters, { confidence_threshold: 0.6, iou_threshold: 0.45 });

    const sensor = await call("POST", "/config/sensors", {
      name: "TPMS Sensor - Camera 1",
      type: "tpms",
      camera_id: "cam-001",
      zone_id: null,
      config: { sensor_port: "COM3", threshold: { pressure_min: 1.8, temperature_max: 60 } },
    });
    assert.equal(sensor.status, 201, JSON.stringify(sensor.body));
    const limits = await call("PUT", "/config/sensors/sensor-001", {
      config: { threshold: { pressure_min: 1.9, pressure_max: 2.4 } },
    });
    assert.deepEqual(limits.body.config, {
      sensor_port: "COM3",
      threshold: { pressure_min: 1.9, pressure_max: 2.4, temperature_max: 60 },
    });

    const exporter = await call("POST", "/config/exporters", {
      name: "Backend REST Exporter",
      type: "rest",
      url: "http://localhost:8000/events/ingest",
      enabled: false,
      headers: { "Content-Type": "application/json", Authorization: "Bearer token" },
      auth: { type: "bearer", token: "your-api-key" },
      retry_config: {
        enabled: true,
        max_attempts: 5,
        backoff_strategy: "exponential",
        initial_delay_ms: 1000,
        max_delay_ms: 60000,
      },
    });
    assert.equal(exporter.status, 201, JSON.stringify(exporter.body));
    assert.deepEqual(exporter.body.auth, { type: "bearer", token: "***" });
    assert.deepEqual(exporter.body.headers, {
      "Content-Type": "application/json",
      Authorization: "***",
    });
    const fewer = await call("PUT", "/config/exporters/exporter-001", {
      retry_config: { max_attempts: 3 },
    });
    const retry = fewer.body.retry_config as Json;
    assert.deepEqual([retry.max_attempts, retry.initial_delay_ms], [3, 1000]);
  });

  it("filters and pages the lists", async () => {
    const lists: [string, string][] = [
      ["/config/cameras?enabled=false", "cam-001"],
      ["/config/zones?camera_id=cam-001", "zone-001"],
      ["/config/models?type=detector", "model-001"],
      ["/config/sensors?type=tpms&camera_id=cam-001", "sensor-001"],
      ["/config/exporters?enabled=false", "exporter-001"],
    ];
    for (const [path, id] of lists) {
      const page = await call("GET", `${path}&limit=1`);
      assert.equal(page.status, 200, path);
      assert.deepEqual([page.body.skip, page.body.limit], [0, 1], path);
      assert.deepEqual(
        (page.body.items as Json[]).map((one) => one.id),
        [id],
        path,
      );
    }
    assert.equal((await call("GET", "/config/cameras?enabled=true")).body.total, 0);
    assert.equal((await call("GET", "/config/sensors?type=rfid")).body.total, 0);
    const none = await call("GET", "/config/models?limit=0");
    assert.deepEqual(none.body.items, []);
    assert.ok((none.body.total as number) > 1, "the shipped models are there too");
    for (const bad of ["limit=1001", "limit=-1", "skip=-1", "limit=x", "enabled=perhaps"]) {
      assert.equal((await call("GET", `/config/cameras?${bad}`)).status, 400, bad);
    }
  });

  it("names the fields that break a rule, and changes nothing", async () => {
    const cases: [string, unknown, string][] = [
      ["/config/cameras", { ...CAMERA, rtsp_url: "not-a-url" }, "rtsp_url"],
      ["/config/cameras", { ...CAMERA, rtsp_url: "/etc/passwd" }, "rtsp_url"],
      ["/config/cameras", { ...CAMERA, rtsp_url: "rtsp://a:***@h/x" }, "rtsp_url"],
      ["/config/cameras", { name: "x" }, "rtsp_url"],
      ["/config/cameras", { ...CAMERA, fps: 1000 }, "fps"],
      ["/config/cameras", { ...CAMERA, resolution: { width: "wide" } }, "resolution.width"],
      ["/config/cameras", { ...CAMERA, name: "a\0b" }, "name"],
      ["/config/cameras", { ...CAMERA, id: "../../x" }, "id"],
      [
        "/config/zones",
        { name: "Z", camera_id: "none", geometry: { points: SQUARE } },
        "camera_id",
      ],
      [
        "/config/zones",
        { name: "Z", camera_id: "cam-001", geometry: { points: SQUARE.slice(0, 2) } },
        "geometry.points",
      ],
      [
        "/config/zones",
        {
          name: "Z",
          camera_id: "cam-001",
          geometry: { points: [1, 2, 3].map((x) => ({ x, y: x })) },
        },
        "geometry.points",
      ],
      ["/config/models", { name: "M", type: "magic", version: "1" }, "type"],
      ["/config/sensors", { name: "S", type: "rfid", zone_id: "none" }, "zone_id"],
      ["/config/exporters", { name: "E", type: "rest", url: "ftp://host" }, "url"],
      ["/config/exporters", { name: "E", type: "file", url: "../../etc/x" }, "url"],
      [
        "/config/exporters",
        { name: "E", type: "rest", url: "http://h", auth: { type: "bearer" } },
        "auth.token",
      ],
      [
        "/config/exporters",
        { name: "E", type: "rest", url: "http://h", auth: { type: "bearer", token: "***" } },
        "auth.token",
      ],
      [
        "/config/exporters",
        { name: "E", type: "rest", url: "http://h", headers: { A: "b\r\nc: d" } },
        "headers.A",
      ],
    ];
    for (const [path, body, field] of cases) {
      const before = (await call("GET", path)).body.total;
      const answer = await call("POST", path, body);
      assert.equal(answer.status, 400, JSON.stringify([body, answer.body]));
      assert.equal(answer.body.detail, "Validation error");
      assert.ok(fieldsOf(answer.body).includes(field), JSON.stringify([field, answer.body]));
      assert.equal((await call("GET", path)).body.total, before);
    }
    const bad = await call("PUT", "/config/cameras/cam-001", { fps: 0, name: "other" });
    assert.deepEqual([bad.status, fieldsOf(bad.body)], [400, ["fps"]]);
    assert.equal(bad.body.detail, "Validation error");
    assert.equal((await call("GET", "/config/cameras/cam-001")).body.fps, 15);
    const required = await call("PUT", "/config/cameras/cam-001", { name: null });
    assert.deepEqual([required.status, fieldsOf(required.body)], [400, ["name"]]);
    assert.equal(required.body.detail, "Validation error");
    assert.equal((await call("PUT", "/config/cameras/cam-001", [])).status, 400);
    assert.equal((await call("PUT", "/config/cameras/none", { fps: 1 })).status, 404);
    const unknown = await call("DELETE", "/config/cameras/none");
    assert.deepEqual([unknown.status, unknown.body.detail], [404, "Camera not found"]);
    const twice = await call("POST", "/config/cameras", { ...CAMERA, id: "cam-001" });
    assert.deepEqual([twice.status, twice.body.error_code], [409, "DUPLICATE_RESOURCE"]);
  });

  it("shows no secret and keeps it where its mask comes back", async () => {
    const exporter = (await call("GET", "/config/exporters/exporter-001")).body;
    const back = await call("PUT", "/config/exporters/exporter-001", {
      ...exporter,
      name: "Renamed",
    });
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.equal(back.body.name, "Renamed");
    const moved = await call("PUT", "/config/cameras/cam-001", {
      rtsp_url: "rtsp://admin:***@192.168.1.101:554/stream2",
    });
    assert.equal(moved.status, 200, JSON.stringify(moved.body));
    assert.equal(moved.body.rtsp_url, "rtsp://admin:***@192.168.1.101:554/stream2");
    for (const path of ["/config/cameras", "/config/exporters"]) {
      const listed = JSON.stringify((await call("GET", path)).body);
      assert.doesNotMatch(listed, /password|your-api-key|Bearer token/);
    }
    assert.doesNotMatch(app.output(), /your-api-key|admin:password/);
  });

  it("asks for the right first", async () => {
    const nobody = caller(app, {});
    const edge = caller(app, { "X-API-Key": "edge-key" });
    for (const kind of ["cameras", "zones", "models", "sensors", "exporters"]) {
      for (const [method, path] of [
        ["GET", ""],
        ["POST", ""],
        ["GET", "/none"],
        ["PUT", "/none"],
        ["DELETE", "/none"],
      ] as const) {
        const body = method === "POST" || method === "PUT" ? {} : undefined;
        assert.equal((await nobody(method, `/config/${kind}${path}`, body)).status, 401);
        assert.equal((await edge(method, `/config/${kind}${path}`, body)).status, 403);
      }
    }
    for (const path of ["/config/cameras/cam-001/test", "/config/exporters/exporter-001/test"]) {
      assert.equal((await nobody("POST", path)).status, 401);
      assert.equal((await edge("POST", path)).status, 403);
    }
  });

  it("takes what belongs to a camera away with it", async () => {
    const made = await call("POST", "/config/cameras", { ...CAMERA, enabled: false });
    const id = String(made.body.id);
    const zone = await call("POST", "/config/zones", {
      name: "Z",
      camera_id: id,
      geometry: { points: SQUARE },
    });
    const sensor = await call("POST", "/config/sensors", {
      name: "S",
      type: "rfid",
      camera_id: id,
      zone_id: zone.body.id,
    });
    assert.equal((await call("DELETE", `/config/cameras/${id}`)).status, 204);
    assert.equal((await call("GET", `/config/zones/${String(zone.body.id)}`)).status, 404);
    const freed = await call("GET", `/config/sensors/${String(sensor.body.id)}`);
    assert.deepEqual([freed.body.camera_id, freed.body.zone_id], [null, null]);
  });

  it("measures every part for who may see it", async () => {
    assert.equal((await caller(app, {})("GET", "/healthz/detailed")).status, 401);
    const { status, body } = await call("GET", "/healthz/detailed");
    assert.equal(status, 200, JSON.stringify(body));
    const components = body.components as Record<string, Json>;
    for (const name of ["cache", "s3_storage", "cameras"]) {
      assert.deepEqual(components[name], { status: "not_configured" }, name);
    }
    const details = (name: string) => components[name]?.details as Json;
    for (const name of ["database", "event_queue", "models", "disk", "memory", "event_loop"]) {
      assert.ok(["healthy", "degraded"].includes(String(components[name]?.status)), name);
      assert.equal(typeof components[name]?.response_time_ms, "number", name);
      assert.equal(details(name).last_check, body.timestamp, name);
    }
    assert.ok((details("database").connections_max as number) >= 1);
    assert.ok((details("disk").total_mb as number) > 0);
    assert.ok((details("memory").rss_mb as number) > 10);
    assert.ok(Array.isArray(details("inference").models));
    assert.ok((details("exporters").configured as number) >= 1);
    assert.equal(details("event_stream").listeners, 0);
    const metrics = body.metrics as Json;
    assert.deepEqual(metrics, {
      ...{ events_total: 0, events_per_minute: 0, avg_processing_time_ms: null },
    });
    const { body: open } = await caller(app, {})("GET", "/healthz");
    assert.ok(!("disk" in (open.components as Json)), "not for everybody");
  });

  it("lists a camera that only events name, until somebody registers it", async () => {
    const sent = await call("POST", "/events/ingest", { plate_text: "AB123", camera_id: "yard-7" });
    assert.equal(sent.status, 202);
    const managed = async () => {
      const { body } = await call("GET", "/config/cameras?limit=1000");
      const items = body.items as Json[];
      return items.filter(({ id }) => id === "yard-7").map((camera) => camera.managed);
    };
    assert.deepEqual(await managed(), ["unregistered"]);
    assert.equal((await call("GET", "/config/cameras/yard-7")).status, 404);
    assert.equal((await call("PUT", "/config/cameras/yard-7", { fps: 5 })).status, 404);
    const made = await call("POST", "/config/cameras", { ...CAMERA, id: "yard-7", enabled: false });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.deepEqual(await managed(), ["api"]);
  });
});
