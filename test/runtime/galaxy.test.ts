import assert from "node:assert/strict";
import sharp from "sharp";
import { caller, type Call, type Json } from "../fixtures/api-client";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { platePicture, upload } from "../fixtures/plate-picture";

describe("the galaxy dialect", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;
  let detection: Json & { detection_id: string; plates: Json[]; vehicles: Json[] };

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_PUBLIC_DIALECTS: "galaxy" } });
    call = caller(app);
    const answer = await app.get("/detect_image", upload(await platePicture("KX48 PLG")));
    assert.equal(answer.status, 200);
    detection = (await answer.json()) as typeof detection;
  });
  after(() => discard(app));

  it("finds plates and vehicles of a picture, stores them and links their pictures", async () => {
    assert.equal(detection.plates[0]?.plate, "KX48PLG");
    assert.equal(detection.vehicles[0]?.color, "red");
    assert.equal(detection.vehicles[0]?.type, "unknown");
    const [plate, vehicle] = [detection.plates[0]?.crop_url, detection.vehicles[0]?.crop_url];
    assert.match(String(vehicle), /\/outputs\/vehicles\//);
    assert.deepEqual(detection.crops, [plate, vehicle]);
    for (const url of [detection.image_url, ...(detection.crops as string[])]) {
      const picture = await fetch(String(url)); // signed: no credential
      assert.equal(picture.status, 200);
      assert.equal((await sharp(await picture.arrayBuffer()).metadata()).format, "jpeg");
    }
    const { body: latest } = await call("GET", "/latest_detection");
    assert.equal(latest.id, detection.detection_id);
    assert.equal(latest.source, "upload");
    assert.equal(latest.decision, null, "an upload is not decided about");
    const cut = await fetch(String(latest.vehicle_url));
    assert.equal(cut.headers.get("content-type"), "image/jpeg");
    await sharp(await cut.arrayBuffer()).metadata();
  });

  it("says where plates are, by detection and by picture", async () => {
    const id = `detection_id=${detection.detection_id}`;
    const image = `image=${encodeURIComponent(String(detection.image_url))}`;
    for (const query of [id, image]) {
      const { status, body } = await call("GET", `/plate_regions?${query}`);
      assert.equal(status, 200);
      assert.deepEqual([body.image_width, body.image_height], [800, 450]);
      const [region] = body.regions as { plate: string; box: Record<string, number> }[];
      assert.equal(region?.plate, "KX48PLG");
      assert.ok((region?.box.width ?? 0) > 250);
    }
    assert.equal((await call("GET", "/plate_regions")).status, 422);
    assert.equal((await call("GET", "/plate_regions?detection_id=none")).status, 404);
  });

  it("answers queries by plate, time, type and colour", async () => {
    const total = async (path: string) => (await call("GET", path)).body.total;
    assert.equal(await total("/detections"), 1);
    assert.equal(await total("/plate_queries?plate=x48"), 1);
    assert.equal(await total("/plate_queries?plate=ZZZ"), 0);
    assert.equal(await total("/plate_queries?plate=KX48&end_date=2020-01-01"), 0);
    assert.equal(await total("/vehicle_queries?color=red"), 1);
    assert.equal(await total("/vehicle_queries?color=red%25"), 0);
    assert.equal(await total("/vehicle_queries?type=car"), 0);
    assert.equal((await call("GET", "/detections?limit=-1")).status, 422);
    const { body } = await call("GET", "/statistics");
    assert.equal(body.total_detections, 1);
    assert.equal(body.unique_plates, 1);
  });

  it("stores nothing where nothing is found or the picture is none", async () => {
    const empty = await sharp({
      create: { width: 320, height: 200, channels: 3, background: "#888" },
    })
      .png()
      .toBuffer();
    const answer = await app.get("/detect_image", upload(empty));
    const nothing = { detection_id: null, plates: [], vehicles: [], image_url: null, crops: [] };
    assert.deepEqual(await answer.json(), nothing);
    assert.equal((await app.get("/detect_image", upload(Buffer.from("none")))).status, 400);
    assert.equal((await app.get("/detect_image", upload(empty, "wrong"))).status, 400);
    assert.equal((await call("GET", "/detections?limit=0")).body.total, 1);
  });

  it("tells which list a plate is on", async () => {
    const status = async (plate: string) =>
      (await call("GET", `/plate_status?plate=${encodeURIComponent(plate)}`)).body;
    assert.equal((await status("KX48 PLG")).status, "unknown");
    assert.notEqual((await status("KX48 PLG")).last_seen, null);
    await call("POST", "/api/v1/vehicles", { plate: "KX48 PLG", owner: "Kim" });
    const allowed = await status("kx48plg");
    assert.equal(allowed.status, "allowed");
    assert.equal((allowed.vehicle as Json).owner, "Kim");
    const open = await fetch(`${app.address}/plate_status?plate=KX48PLG`);
    assert.equal(((await open.json()) as { vehicle: Json }).vehicle.owner, undefined);
    await call("POST", "/api/v1/watch_entries", { list: "watch", pattern: "KX48*" });
    assert.equal((await status("KX48PLG")).status, "watch");
    await call("POST", "/api/v1/watch_entries", { list: "deny", pattern: "KX48PLG" });
    assert.equal((await status("KX48PLG")).status, "denied");
    assert.equal((await call("GET", "/plate_status?plate=--")).status, 422);
  });

  it("keeps locations", async () => {
    const made = await call("POST", "/api/locations", { name: "Gate", latitude: 13.7 });
    assert.equal(made.status, 201);
    const path = `/api/locations/${String(made.body.id)}`;
    assert.equal((await call("PATCH", path, { description: "north" })).body.description, "north");
    const put = await call("PUT", path, { latitude: null, camera_ids: ["cam-001"] });
    assert.equal(put.body.latitude, null);
    assert.equal(put.body.description, "north");
    assert.equal((await call("GET", "/api/locations")).body.total, 1);
    assert.equal((await call("POST", "/api/locations", { latitude: 91 })).status, 422);
    assert.equal((await call("DELETE", path)).status, 204);
    assert.equal((await call("GET", path)).status, 404);
  });

  it("open to old clients, lets them read and nothing else", async () => {
    const get = (path: string, init?: RequestInit) => fetch(`${app.address}${path}`, init);
    assert.equal((await get("/detections")).status, 200);
    assert.equal((await get("/static/galaxy.html")).status, 200);
    assert.equal((await get("/static/..%2fview.js")).status, 404);
    const create = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Mine" }),
    };
    assert.equal((await get("/api/locations", create)).status, 401);
    assert.equal((await get("/events")).status, 401);
    assert.equal((await get("/recognize", upload(Buffer.from("x")))).status, 401);
  });
});
