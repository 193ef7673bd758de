import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caller, type Call, type Json } from "../fixtures/api-client";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { carFilm } from "../fixtures/films";
import { platePicture, upload } from "../fixtures/plate-picture";

/** The endpoint lists of references 3 and 5, line by line as they are written there. */
const CITY = `
- \`POST /api/auth/login\` - Login and receive JWT
- \`POST /api/users\` - Create user
- \`GET /api/users\` - List users
- \`POST /api/cameras\` - Create camera (admin)
- \`GET /api/cameras\` - List cameras
- \`GET /api/cameras/{id}\` - Get camera
- \`PATCH /api/cameras/{id}\` - Update camera (admin)
- \`POST /api/uploads\` - Upload video for processing
- \`GET /api/jobs/{job_id}\` - Get job status
- \`GET /api/events\` - Search events (by plate, camera, time)
- \`GET /api/events/{id}\` - Get event details
- \`POST /api/events/{id}/confirm\` - Confirm detection
- \`POST /api/events/{id}/correction\` - Submit correction
- \`GET /api/feedback/pending\` - List unreviewed events
- \`POST /api/feedback/export\` - Request labeled data export
- \`POST /api/bolos\` - Create BOLO alert
- \`GET /api/bolos\` - List BOLOs
- \`POST /api/licenses/activate\` - Activate license key
- \`POST /api/licenses/usage\` - Report usage metrics
- \`GET /api/admin/health\` - System health check
`;
const GALAXY = `
| POST   | \`/detect_image\`     | Upload an image for vehicle/plate detection |
| GET    | \`/latest_detection\` | Fetch the most recent detection result      |
| GET    | \`/detections\`       | List all detection events                   |
| GET    | \`/plate_regions\`    | Get plate regions in a specific image       |
| GET    | \`/plate_queries\`    | Query plate detection history               |
| GET    | \`/vehicle_queries\`  | Query vehicle detection history             |
| GET    | \`/statistics\`       | Retrieve analytics and stats                |
| GET    | \`/plate_status\`     | Check status of a specific plate            |
| GET    | \`/api/locations\`    | Manage/query location data                  |
| GET    | \`/outputs/{path}\`   | Download detection result artifacts         |
| GET    | \`/static/{path}\`    | Download static files                       |
`;

/** What a line says: method and path. */
function linesOf(list: string): { method: string; path: string }[] {
  const found = list.matchAll(/^(?:- `|\| )(GET|POST|PATCH)[ |`]+(\/[^`]*)`/gm);
  return [...found].map(([, method = "", path = ""]) => ({ method, path }));
}

describe("the references' clients, unchanged", function () {
  this.timeout(240_000);
  let app: RunningApplication;
  let call: Call;
  let folder: string;
  const ids: Record<string, string> = {};

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "plategate-films-"));
    app = await startApplication({
      // of reference 3's .env; PLATEGATE_HASH_UNKNOWN is ours
      env: {
        MODE: "selfhost",
        JWT_SECRET: "a secret of more than 32 characters",
        REDIS_URL: "redis://127.0.0.1:1/0",
        PLATEGATE_HASH_UNKNOWN: "1",
      },
    });
    call = caller(app);
  });
  after(async () => {
    await discard(app);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What each line is sent, and what its answer must have. */
  const SENT: Record<string, { body?: () => unknown; form?: () => RequestInit; has: string[] }> = {
    "POST /api/auth/login": {
      body: () => ({ username: "admin", password: ADMIN_PASSWORD }),
      has: ["access_token", "token_type"],
    },
    "POST /api/users": {
      body: () => ({
        username: "desk",
        email: "desk@example.com",
        full_name: "Desk",
        password: ADMIN_PASSWORD,
        role: "clerk",
      }),
      has: ["id", "username", "email", "role"],
    },
    "GET /api/users": { has: ["items", "total"] },
    // of this camera only videos are uploaded: it has no rtsp_url
    "POST /api/cameras": {
      body: () => ({ name: "Bridge", latitude: 48.2, longitude: 16.4, bearing: 90 }),
      has: ["id", "name", "latitude", "longitude", "bearing", "rtsp_url"],
    },
    "GET /api/cameras": { has: ["items", "total"] },
    "GET /api/cameras/{id}": { has: ["id", "name"] },
    "PATCH /api/cameras/{id}": { body: () => ({ location: "Bridge, north" }), has: ["location"] },
    "POST /api/uploads": {
      form: () => {
        const body = new FormData();
        body.set("camera_id", ids["camera"] ?? "");
        body.set("file", new Blob([readFileSync(join(folder, "car.mp4"))]), "car.mp4");
        return { method: "POST", body };
      },
      has: ["job_id", "status", "progress"],
    },
    "GET /api/jobs/{job_id}": { has: ["status", "progress", "counts", "errors"] },
    "GET /api/events": { has: ["items", "total", "skip", "limit"] },
    "GET /api/events/{id}": { has: ["id", "plate", "confidence", "camera_id", "timestamp"] },
    "POST /api/events/{id}/confirm": { has: ["id", "status"] },
    "POST /api/events/{id}/correction": {
      body: () => ({ corrected_plate: "KX48PLG", notes: "dirt" }),
      has: ["plate", "raw_plate", "status"],
    },
    "GET /api/feedback/pending": { has: ["items", "total"] },
    "POST /api/feedback/export": { has: ["job_id"] },
    "POST /api/bolos": {
      body: () => ({ plate_pattern: "KX48*", description: "stolen", priority: "high" }),
      has: ["id", "plate_pattern", "priority"],
    },
    "GET /api/bolos": { has: ["items"] },
    "POST /api/licenses/usage": { body: () => ({ metrics: { exports: 1 } }), has: ["licensed"] },
    "GET /api/admin/health": { has: ["status"] },
    "GET /latest_detection": { has: ["id", "plate", "image_url"] },
    "GET /detections": { has: ["items"] },
    "GET /plate_queries": { has: ["items"] },
    "GET /vehicle_queries": { has: ["items"] },
    "GET /statistics": { has: [] },
    "GET /api/locations": { has: ["items"] },
  };

  async function runLine(method: string, path: string): Promise<void> {
    const line = `${method} ${path}`;
    const sent = SENT[line];
    if (!sent) return; // lines that need more than this have tests of their own below
    const filled = path
      .replace("{job_id}", ids["job"] ?? "")
      .replace("{id}", ids[path.includes("cameras") ? "camera" : "event"] ?? "");
    let body: Json;
    if (sent.form) {
      const answer = await app.get(filled, sent.form());
      body = (await answer.json()) as Json;
      assert.ok(answer.ok, `${line}: ${answer.status} ${JSON.stringify(body)}`);
    } else {
      const answer = await call(method, filled, sent.body?.());
      body = answer.body;
      assert.ok(answer.status < 300, `${line}: ${answer.status} ${JSON.stringify(body)}`);
    }
    for (const name of sent.has) assert.ok(name in body, `${line} answers without ${name}`);
    if (line === "POST /api/cameras") ids["camera"] = String(body.id);
    if (line === "POST /api/uploads") ids["job"] = String(body.job_id);
  }

  it("answers every line of reference 3 with what it is for", async () => {
    await carFilm(folder);
    // the watch list first: what it looks for stays readable among hidden plates
    await runLine("POST", "/api/bolos");
    for (const { method, path } of linesOf(CITY)) {
      if (path.startsWith("/api/events") && !ids["event"]) {
        await waitFor(
          async () => {
            const { body } = await call("GET", "/api/events?plate=KX48PLG");
            const [event] = body.items as { id: string }[];
            if (event) ids["event"] = event.id;
            return event;
          },
          120_000,
          () => `the video's event:\n${app.output()}`,
        );
      }
      if (path !== "/api/bolos" || method === "GET") await runLine(method, path);
    }
    assert.equal(linesOf(CITY).length, 20);
    const refused = await call("POST", "/api/licenses/activate", { license_key: "PG1.x.y" });
    assert.equal(refused.status, 400, "a key that is none");
  });

  it("raises the alert for a plate that is looked for, and hides the others", async () => {
    const { body } = await call("GET", "/api/v1/alerts?kind=watch_hit");
    const hits = body.items as { plate: string; event_id: string }[];
    assert.deepEqual(
      hits.map(({ plate, event_id }) => [plate, event_id]),
      [["KX48PLG", ids["event"]]],
    );
    const other = { plate_text: "ZZ99ABC", confidence: 0.9 };
    assert.equal((await call("POST", "/events/ingest", other)).status, 202);
    const all = await waitFor(
      async () => {
        const { items, total } = (await call("GET", "/api/events")).body as {
          items: { plate: string }[];
          total: number;
        };
        return total === 2 ? items : undefined;
      },
      30_000,
      () => "the second event",
    );
    assert.match(all[0]?.plate ?? "", /^~[0-9a-f]{32}$/);
  });

  it("answers every line of reference 5", async () => {
    const given = await app.get("/detect_image", upload(await platePicture("KX48 PLG")));
    const detection = (await given.json()) as Json & { image_url: string };
    assert.equal(given.status, 200, JSON.stringify(detection));
    for (const name of ["detection_id", "plates", "vehicles", "image_url", "crops"]) {
      assert.ok(name in detection, name);
    }
    assert.equal(linesOf(GALAXY).length, 11);
    for (const { method, path } of linesOf(GALAXY)) await runLine(method, path);
    const id = String(detection.detection_id);
    assert.equal((await call("GET", `/plate_regions?detection_id=${id}`)).status, 200);
    const status = await call("GET", "/plate_status?plate=KX48PLG");
    assert.equal(status.body.status, "watch");
    assert.equal((await fetch(detection.image_url)).status, 200);
    assert.equal((await fetch(`${app.address}/static/galaxy.html`)).status, 200);
    const { body } = await call("GET", "/session_queries?plate=KX48PLG");
    const stays = body.items as { plate: string; detections: number; cameras: string[] }[];
    assert.equal(stays[0]?.plate, "KX48PLG");
    assert.equal(
      stays.reduce((sum, { detections }) => sum + detections, 0),
      2,
    );
  });

  it("reads a picture as reference 1's endpoint does", async () => {
    const answer = await app.get("/recognize", upload(await platePicture("KX48 PLG")));
    const { success, results, count } = (await answer.json()) as {
      success: boolean;
      count: number;
      results: Json[];
    };
    assert.deepEqual([success, count, results.length], [true, 1, 1]);
    const [result] = results;
    assert.deepEqual(Object.keys(result ?? {}).sort(), [
      "confidence",
      "coordinates",
      "plate",
      "processing_time_ms",
      "region",
    ]);
    assert.equal(result?.plate, "KX48PLG");
    assert.ok(Number(result?.confidence) > 50, "per cent");
    assert.equal((result?.coordinates as Json[]).length, 4);
    const empty = await app.get("/recognize", upload(Buffer.from("no picture")));
    assert.equal(empty.status, 400);
  });
});
