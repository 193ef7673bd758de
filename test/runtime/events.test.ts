import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import sharp from "sharp";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

const EDGE_KEY = "edge-key-of-the-events-test";

interface EventAnswer {
  id: string;
  timestamp: string;
  plate_text: string;
  frame_url: string | null;
  crop_url: string | null;
  [field: string]: unknown;
}
interface Failure {
  detail: string;
  error_code: string;
  errors?: { field: string; message: string }[];
}

const REFERENCE_EVENT = {
  event_id: "evt-20231215-001-cam1",
  timestamp: "2023-12-15T14:30:45.123Z",
  camera_id: "cam-001",
  zone_id: "zone-entrance",
  plate_text: "ABC123",
  confidence: 0.95,
  raw_candidates: [
    { text: "ABC123", confidence: 0.95, model: "paddle-ocr" },
    { text: "ABC123", confidence: 0.92, model: "tesseract" },
  ],
  vehicle_info: { color: "white", type: "sedan", confidence: 0.87 },
  tpms_status: { sensors: 4, temperature: 42, pressure: 2.1, status: "ok" },
  metadata: { edge_worker_id: "edge-001", processing_time_ms: 245, frame_number: 1523 },
};

function jpeg(shade: number): Promise<Buffer> {
  const background = { r: shade, g: shade, b: shade };
  return sharp({ create: { width: 320, height: 200, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

describe("events of the engine API", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: EDGE_KEY } });
  });
  after(() => discard(app));

  const post = (body: unknown, headers: Record<string, string> = { "X-API-Key": EDGE_KEY }) =>
    fetch(`${app.address}/events/ingest`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const send = (event: unknown, files: Record<string, Buffer>) => {
    const form = new FormData();
    if (event !== undefined)
      form.set("event", typeof event === "string" ? event : JSON.stringify(event));
    for (const [name, data] of Object.entries(files))
      form.set(name, new Blob([new Uint8Array(data)], { type: "image/jpeg" }), `${name}.jpg`);
    return fetch(`${app.address}/events/ingest`, {
      method: "POST",
      headers: { "X-API-Key": EDGE_KEY },
      body: form,
    });
  };
  const answer = async <T>(path: string): Promise<T> => (await app.get(path)).json() as Promise<T>;

  it("takes the reference's event, once, and gives it back as it was", async () => {
    const first = await post(REFERENCE_EVENT);
    assert.equal(first.status, 202);
    assert.deepEqual(await first.json(), {
      id: "evt-20231215-001-cam1",
      status: "accepted",
      timestamp: "2023-12-15T14:30:45.123Z",
      message: "Event queued for processing",
    });
    const second = await post({ ...REFERENCE_EVENT, plate_text: "OTHER1" });
    assert.equal(second.status, 409);
    const conflict = (await second.json()) as Failure;
    assert.equal(conflict.detail, "Event with ID evt-20231215-001-cam1 already exists");
    assert.equal(conflict.error_code, "DUPLICATE_RESOURCE");

    const { created_at: createdAt, ...event } = await answer<EventAnswer>(
      "/events/evt-20231215-001-cam1",
    );
    assert.ok(Math.abs(Date.parse(String(createdAt)) - Date.now()) < 60_000);
    assert.deepEqual(event, {
      id: "evt-20231215-001-cam1",
      ...REFERENCE_EVENT,
      frame_url: null,
      crop_url: null,
    });
  });

  it("takes an event with a plate alone, and stores it under a new id now", async () => {
    const response = await post({ plate_text: "kx48 plg" });
    assert.equal(response.status, 202);
    const { id } = (await response.json()) as { id: string };
    assert.match(id, /^[0-9a-f-]{36}$/);
    const event = await answer<EventAnswer>(`/events/${id}`);
    assert.equal(event.plate_text, "KX48PLG");
    assert.ok(Math.abs(Date.parse(event.timestamp) - Date.now()) < 60_000);
    assert.deepEqual(
      [event.camera_id, event.confidence, event.raw_candidates, event.metadata],
      [null, null, [], {}],
    );
  });

  it("answers one of twenty that come at once with 202 and the others with 409", async () => {
    const picture = await jpeg(90);
    const states = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        i % 2
          ? (await post({ event_id: "at-once", plate_text: "AT0NCE" })).status
          : (await send({ event_id: "at-once", plate_text: "AT0NCE" }, { frame: picture })).status,
      ),
    );
    assert.deepEqual(states.sort(), [202, ...Array<number>(19).fill(409)]);
  });

  it("says which field is wrong, with 400", async () => {
    const cases: [unknown, string][] = [
      [{ event_id: "x" }, "plate_text"],
      [{ plate_text: "--" }, "plate_text"],
      [{ plate_text: 5 }, "plate_text"],
      [{ plate_text: "A".repeat(200) }, "plate_text"],
      [{ plate_text: "AB1", confidence: 1.5 }, "confidence"],
      [{ plate_text: "AB1", confidence: "0.5" }, "confidence"],
      [{ plate_text: "AB1", timestamp: "yesterday" }, "timestamp"],
      [{ plate_text: "AB1", timestamp: "1923-12-15T14:30:45Z" }, "timestamp"],
      [{ plate_text: "AB1", event_id: "" }, "event_id"],
      [{ plate_text: "AB1", event_id: "a\0b" }, "event_id"],
      [{ plate_text: "AB1", camera_id: { $ne: null } }, "camera_id"],
      [{ plate_text: "AB1", raw_candidates: [{ confidence: 1 }] }, "raw_candidates.0.text"],
      [{ plate_text: "AB1", metadata: [] }, "metadata"],
      [{ plate_text: "AB1", vehicle_info: "red" }, "vehicle_info"],
    ];
    for (const [body, field] of cases) {
      const response = await post(body);
      const failure = (await response.json()) as Failure;
      assert.equal(response.status, 400, JSON.stringify(body));
      assert.equal(failure.detail, "Invalid event data");
      assert.deepEqual(
        failure.errors?.map((one) => one.field),
        [field],
      );
    }
    const missing = (await (await post({})).json()) as Failure;
    assert.deepEqual(missing.errors, [{ field: "plate_text", message: "plate_text is required" }]);
    const deep = `{"plate_text":"AB1","metadata":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`;
    assert.equal((await post(deep)).status, 400);
    assert.equal((await post('{"plate_text":')).status, 400);
    assert.equal((await post('"text"')).status, 400);
    const surrogate = await post('{"plate_text":"AB1","camera_id":"\\ud800"}');
    assert.equal(surrogate.status, 400);
  });

  it("asks for the right to ingest, and to read", async () => {
    assert.equal((await post(REFERENCE_EVENT, {})).status, 401);
    assert.equal((await post({}, { "X-API-Key": "wrong" })).status, 401);
    const bearer = { Authorization: `Bearer ${await app.token()}` };
    assert.equal((await post({ plate_text: "ADMIN1" }, bearer)).status, 202);
    for (const path of ["/events", "/events/stats", "/events/x", "/events/x/frame.jpg"]) {
      assert.equal((await fetch(`${app.address}${path}`)).status, 401, path);
      const headers = { "X-API-Key": EDGE_KEY };
      assert.equal((await fetch(`${app.address}${path}`, { headers })).status, 403, path);
    }
    const missing = await app.get("/events/no-such");
    assert.equal(missing.status, 404);
    assert.equal(((await missing.json()) as Failure).detail, "Event not found");
  });

  it("keeps frame and crop, and serves them by signed addresses", async () => {
    const [frame, crop] = await Promise.all([jpeg(60), jpeg(200)]);
    const event = { event_id: "with/pictures ü", plate_text: "PIC123" };
    assert.equal((await send(event, { frame, crop })).status, 202);
    const stored = await answer<EventAnswer>(`/events/${encodeURIComponent(event.event_id)}`);
    assert.ok(stored.frame_url?.startsWith(`${app.address}/events/with%2Fpictures`));
    const bytes = async (url: string, headers: Record<string, string> = {}) => {
      const response = await fetch(url, { headers });
      return { response, body: Buffer.from(await response.arrayBuffer()) };
    };
    const whole = await bytes(stored.frame_url ?? "");
    assert.equal(whole.response.status, 200);
    assert.equal(whole.response.headers.get("content-type"), "image/jpeg");
    assert.ok(whole.body.equals(frame));
    assert.ok((await bytes(stored.crop_url ?? "")).body.equals(crop));

    const etag = whole.response.headers.get("etag") ?? "";
    const known = await bytes(stored.frame_url ?? "", { "If-None-Match": `"x", ${etag}` });
    assert.deepEqual([known.response.status, known.body.length], [304, 0]);
    const part = await bytes(stored.frame_url ?? "", { Range: "bytes=10-19" });
    assert.equal(part.response.status, 206);
    assert.equal(part.response.headers.get("content-range"), `bytes 10-19/${frame.length}`);
    assert.ok(part.body.equals(frame.subarray(10, 20)));
    const tail = await bytes(stored.frame_url ?? "", { Range: "bytes=-5" });
    assert.ok(tail.body.equals(frame.subarray(-5)));
    const beyond = await bytes(stored.frame_url ?? "", { Range: "bytes=999999-" });
    assert.equal(beyond.response.status, 416);
    const stale = await bytes(stored.frame_url ?? "", { Range: "bytes=0-4", "If-Range": '"old"' });
    assert.equal(stale.response.status, 200);
    const head = await fetch(stored.frame_url ?? "", { method: "HEAD" });
    assert.deepEqual(
      [head.status, head.headers.get("content-length")],
      [200, String(frame.length)],
    );
  });

  it("opens no other picture and no other route with a signature", async () => {
    const picture = await jpeg(10);
    for (const id of ["signed-a", "signed-b"])
      await send({ event_id: id, plate_text: "SIGN1" }, { frame: picture, crop: picture });
    const { frame_url: url } = await answer<EventAnswer>("/events/signed-a");
    const signed = new URL(url ?? "");
    const state = async (change: (url: URL) => void, init?: RequestInit) => {
      const changed = new URL(signed);
      change(changed);
      return (await fetch(changed, init)).status;
    };
    assert.equal(await state(() => undefined), 200);
    const later = String(Number(signed.searchParams.get("expires")) + 60);
    const changes: ((url: URL) => void)[] = [
      (one) => (one.pathname = "/events/signed-b/frame.jpg"),
      (one) => (one.pathname = "/events/signed-a/crop.jpg"),
      (one) => (one.pathname = "/events/signed-a"),
      (one) => (one.pathname = "/events"),
      (one) => (one.pathname = "/api/v1/passages"),
      (one) => one.searchParams.set("expires", later),
      (one) => one.searchParams.set("expires", "1"),
      (one) => one.searchParams.set("signature", "AAAA"),
      (one) => one.searchParams.delete("signature"),
      (one) => one.searchParams.append("signature", "x"),
    ];
    for (const [i, change] of changes.entries()) assert.equal(await state(change), 401, `${i}`);
    assert.equal((await app.get("/events/signed-b/frame.jpg")).status, 200);
    const passages = await answer<{ items: EventAnswer[] }>("/api/v1/passages?limit=1");
    const passage = passages.items[0];
    assert.equal((await fetch(passage?.frame_url ?? "")).status, 200);
  });

  it("makes addresses of the host that was asked, and believes no stranger's headers", async () => {
    const headers = { Host: "gate.example:8443", "X-Forwarded-Host": "evil.example" };
    const body = await new Promise<string>((resolve, reject) => {
      void app.token().then((token) => {
        const all = { ...headers, Authorization: `Bearer ${token}` };
        httpRequest(`${app.address}/events/signed-a`, { headers: all }, (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => (text += chunk.toString()));
          response.on("end", () => resolve(text));
        })
          .on("error", reject)
          .end();
      }, reject);
    });
    const { frame_url: url } = JSON.parse(body) as EventAnswer;
    assert.equal(new URL(url ?? "").origin, "http://gate.example:8443");
  });

  it("refuses a picture that is none, and stores nothing", async () => {
    const good = await jpeg(5);
    const cases: [Record<string, Buffer>, string][] = [
      [{ frame: Buffer.from("no picture") }, "frame"],
      [{ frame: good, crop: good.subarray(0, good.length / 2) }, "crop"],
      [{ frame: Buffer.alloc(0) }, "frame"],
    ];
    for (const [files, field] of cases) {
      const response = await send({ event_id: "broken-picture", plate_text: "BR0KEN" }, files);
      const failure = (await response.json()) as Failure;
      assert.equal(response.status, 400);
      assert.deepEqual(
        failure.errors?.map((one) => one.field),
        [field],
      );
    }
    assert.equal((await app.get("/events/broken-picture")).status, 404);
    const large = await send({ plate_text: "LARGE1" }, { frame: Buffer.alloc(21 << 20, 1) });
    assert.equal(large.status, 413);
    assert.equal((await send(undefined, { frame: good })).status, 400);
    assert.equal((await send("{", { frame: good })).status, 400);
    const png = await sharp(good).png().toBuffer();
    assert.equal((await send({ event_id: "png", plate_text: "PNG1" }, { frame: png })).status, 202);
    const { frame_url: url } = await answer<EventAnswer>("/events/png");
    const kept = Buffer.from(await (await fetch(url ?? "")).arrayBuffer());
    assert.equal((await sharp(kept).metadata()).format, "jpeg");
  });
});
