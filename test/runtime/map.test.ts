import assert from "node:assert/strict";
import sharp from "sharp";
import { caller } from "../fixtures/api-client";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  type RunningApplication,
} from "../fixtures/application";
import { addUser } from "../fixtures/dashboard";

interface Plan {
  id: string;
  width: number;
  height: number;
  picture_url: string | null;
  cameras: Record<string, { x: number; y: number; bearing: number | null }>;
}

describe("the map's API", function () {
  this.timeout(120_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication();
    const start = Date.UTC(2026, 2, 2, 8);
    const seen: [string, string, number][] = [
      ["AB123", "north", 0],
      ["AB123", "south", 5],
      ["CD456", "north", 1],
      ["CD456", "south", 9],
      ["AB123", "north", 60],
    ];
    for (const [i, [plate_text, camera_id, minute]] of seen.entries()) {
      const timestamp = new Date(start + minute * 60_000).toISOString();
      await send("POST", "/events/ingest", { event_id: `m${i}`, plate_text, camera_id, timestamp });
    }
    for (const role of ["clerk", "analyst", "manager"] as const) await addUser(app, role);
  });
  after(() => discard(app));

  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { "Content-Type": "application/json" };
    return app.get(path, {
      method,
      ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
    });
  }
  /** Calls as a person of a role; gives the status. */
  async function as(
    role: string,
  ): Promise<(method: string, path: string, body?: unknown) => Promise<number>> {
    const login = { username: role, password: ADMIN_PASSWORD };
    const { body: token } = await caller(app, {})("POST", "/auth/token", login);
    const call = caller(app, { Authorization: `Bearer ${String(token["access_token"])}` });
    return async (...asked) => (await call(...asked)).status;
  }
  const json = async <T>(answer: Response): Promise<T> => (await answer.json()) as T;

  it("is for those who may analyse; placing is for managers, the tile server for administrators", async () => {
    const track = "/api/v1/map/track?plate=AB123";
    const [clerk, analyst, manager] = [await as("clerk"), await as("analyst"), await as("manager")];
    for (const path of ["/api/v1/map", track, "/api/v1/map/flows"]) {
      assert.equal(await clerk("GET", path), 403, path);
      assert.equal(await analyst("GET", path), 200, path);
    }
    const place = { latitude: 48.2, longitude: 16.37, bearing: 90 };
    assert.equal(await analyst("PUT", "/api/v1/map/cameras/north", place), 403);
    assert.equal(await analyst("POST", "/api/v1/map/plans", { name: "x" }), 403);
    assert.equal(await manager("PUT", "/api/v1/map/cameras/north", place), 200);
    assert.equal(await manager("PUT", "/api/v1/map/tiles", { tiles: null }), 403);
    assert.equal(await manager("PUT", "/api/v1/map/cameras/nowhere", place), 404);
    const half = { latitude: 48.2, longitude: null, bearing: null };
    assert.equal(await manager("PUT", "/api/v1/map/cameras/north", half), 422);
  });

  it("follows a plate, and notes who looked and why", async () => {
    const asked = "/api/v1/map/track?plate=ab-123&start_date=2026-03-01&purpose=theft%2012%2F26";
    const track = await json<{
      plate: string;
      sightings: { camera_id: string }[];
      legs: { seconds: number }[];
    }>(await send("GET", asked));
    assert.equal(track.plate, "AB123");
    assert.deepEqual(
      track.sightings.map(({ camera_id }) => camera_id),
      ["north", "south", "north"],
    );
    assert.deepEqual(
      track.legs.map(({ seconds }) => seconds),
      [300, 3300],
    );
    const log = await json<{ items: { subject: string; purpose: string; actor: string }[] }>(
      await send("GET", "/api/v1/audit?action=event.track"),
    );
    const entry = log.items.find(({ purpose }) => purpose === "theft 12/26");
    assert.equal(entry?.subject, "plate:AB123");
    assert.equal(entry.actor, "admin");
    assert.equal((await send("GET", "/api/v1/map/track?plate=---")).status, 422);
    assert.equal((await send("GET", "/api/v1/map/track")).status, 422);
  });

  it("counts ways between cameras, and between places once they are joined", async () => {
    const asked = "/api/v1/map/flows?start_date=2026-03-02&end_date=2026-03-02&max_minutes=30";
    type Flows = {
      flows: {
        from: string;
        to: string;
        count: number;
        p50_seconds: number;
        p90_seconds: number;
      }[];
    };
    const { flows } = await json<Flows>(await send("GET", asked));
    assert.deepEqual(flows, [
      { from: "camera:north", to: "camera:south", count: 2, p50_seconds: 300, p90_seconds: 480 },
    ]);
    const made = await json<{ id: string }>(
      await send("POST", "/api/locations", {
        name: "Gate",
        latitude: 1,
        longitude: 2,
        camera_ids: ["south"],
      }),
    );
    const joined = await json<Flows>(await send("GET", asked));
    assert.equal(joined.flows[0]?.to, `location:${made.id}`);
    type MapAnswer = { cameras: { id: string; latitude: number; location_id: string }[] };
    const map = await json<MapAnswer>(await send("GET", "/api/v1/map"));
    const south = map.cameras.find(({ id }) => id === "south");
    assert.deepEqual([south?.latitude, south?.location_id], [1, made.id]);
    assert.equal((await send("GET", "/api/v1/map/flows?start_date=2020-01-01")).status, 422);
  });

  it("keeps plans with a picture, and cameras on them", async () => {
    const plan = await json<Plan>(await send("POST", "/api/v1/map/plans", { name: "Yard" }));
    assert.equal(plan.picture_url, null);
    const path = `/api/v1/map/plans/${plan.id}`;
    const svg = new FormData();
    svg.set("file", new Blob(["<svg xmlns='http://www.w3.org/2000/svg'/>"]), "plan.svg");
    const refused = await app.get(`${path}/picture`, { method: "PUT", body: svg });
    assert.equal(refused.status, 400);
    const form = new FormData();
    const drawing = sharp({
      create: { width: 800, height: 400, channels: 4, background: "#0000" },
    });
    form.set("file", new Blob([new Uint8Array(await drawing.png().toBuffer())]), "plan.png");
    const pictured = await json<Plan>(
      await app.get(`${path}/picture`, { method: "PUT", body: form }),
    );
    assert.deepEqual([pictured.width, pictured.height], [800, 400]);
    const picture = await app.get(pictured.picture_url ?? "");
    assert.equal(picture.headers.get("content-type"), "image/jpeg");
    const { data } = await sharp(Buffer.from(await picture.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.ok((data[0] ?? 0) > 250, "what was transparent is white, like paper");

    const at = { x: 0.25, y: 0.5, bearing: 45 };
    const placed = await json<Plan>(
      await send("PATCH", path, { cameras: { north: at, south: { x: 1, y: 1 } } }),
    );
    assert.deepEqual(placed.cameras["north"], at);
    const off = await json<Plan>(
      await send("PATCH", path, { cameras: { south: null }, name: "Yard 2" }),
    );
    assert.deepEqual(off.cameras, { north: at });
    assert.equal(off.width, 800);
    assert.equal((await send("PATCH", path, { cameras: { north: { x: 2, y: 0 } } })).status, 422);
    assert.equal((await send("PATCH", path, { picture: "../../secret" })).status, 422);
    assert.equal((await send("DELETE", path)).status, 204);
    assert.equal((await app.get(pictured.picture_url ?? "")).status, 404);
  });

  it("opens the dashboard's pages for the tile server's host alone, once one is set", async () => {
    const policy = async (): Promise<string> => {
      const headers = { Cookie: await app.cookie(), Accept: "text/html" };
      const page = await fetch(`${app.address}/dashboard/map`, { headers });
      return /img-src [^;]*/.exec(page.headers.get("content-security-policy") ?? "")?.[0] ?? "";
    };
    assert.ok(!(await policy()).includes("http"), await policy());
    const tiles = { url: "http://tiles.example:8080/{z}/{x}/{y}.png", attribution: "© us" };
    assert.equal((await send("PUT", "/api/v1/map/tiles", { tiles })).status, 200);
    assert.ok((await policy()).endsWith(" http://tiles.example:8080"), await policy());
    const bad = { url: "https://*/{z}/{x}/{y}.png", attribution: "" };
    assert.equal((await send("PUT", "/api/v1/map/tiles", { tiles: bad })).status, 422);
    assert.equal((await send("PUT", "/api/v1/map/tiles", { tiles: null })).status, 200);
    assert.ok(!(await policy()).includes("http"), await policy());
  });
});
