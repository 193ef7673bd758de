import assert from "node:assert/strict";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { rekorJson } from "../fixtures/camera-reports";
import { photo } from "../fixtures/notify-kit";

const SECRET = "a secret of this test";

/** A tab with the node, its live and late passages stored. */
function tab(store: string): object[] {
  const place = { z: "c0ffee0000000001", x: 100, y: 100 };
  return [
    { id: "c0ffee0000000001", type: "tab", label: "Pushed" },
    {
      ...{ id: "c0ffee0000000002", type: "camera-events", ...place },
      ...{ source: "rekor", path: "agent", laneId: "north", cameraId: "" },
      credentials: { secret: SECRET },
      wires: [["c0ffee0000000003"], ["c0ffee0000000003"]],
    },
    {
      ...{ id: "c0ffee0000000003", type: "event-store", ...place },
      ...{ store, site: "", operation: "store", zoneId: "", wires: [[]] },
    },
  ];
}

describe("plates that are pushed to the application", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication();
    const login = await fetch(`${app.address}/admin/auth/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        ...{ client_id: "node-red-admin", grant_type: "password", scope: "*" },
        ...{ username: "admin", password: ADMIN_PASSWORD },
      }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const answer = await fetch(`${app.address}/admin/flows`, { headers });
    const flows = (await answer.json()) as { id: string; type: string }[];
    const store = flows.find(({ type }) => type === "plategate-store")?.id ?? "";
    const deployed = await fetch(`${app.address}/admin/flows`, {
      method: "POST",
      headers,
      body: JSON.stringify([...flows, ...tab(store)]),
    });
    assert.equal(deployed.status, 204);
  });
  after(() => discard(app));

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${app.address}/camera-events/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
    });

  it("are events with their pictures, once, and only with the secret", async () => {
    const picture = (await photo()).toString("base64");
    const at = Date.now() - 1_000;
    const body = rekorJson({ plate: "AB123CD", at }, { vehicle_crop_jpeg: picture });
    // deployed flows begin a moment later
    await waitFor(
      async () => ((await post("agent", body)).status === 401 ? true : undefined),
      20_000,
      () => "the node to listen",
    );
    const secret = { "X-Webhook-Secret": SECRET };
    assert.equal((await post("agent", body, secret)).status, 200);
    assert.equal((await post(`agent/${encodeURIComponent(SECRET)}`, body)).status, 200);
    const found = await waitFor(
      async () => {
        const answer = await app.get("/events?plate_text=AB123CD");
        const { items } = (await answer.json()) as { items: Record<string, unknown>[] };
        return items.length > 0 ? items : undefined;
      },
      20_000,
      () => "the event",
    );
    assert.equal(found.length, 1);
    const [event] = found;
    assert.deepEqual(
      [event?.["camera_id"], event?.["timestamp"], Boolean(event?.["frame_url"])],
      ["1234", new Date(at).toISOString(), true],
    );
    assert.equal((event?.["vehicle_info"] as Record<string, unknown>)["make"], "vw");
    assert.ok(!app.output().includes(SECRET) && !app.output().includes(encodeURIComponent(SECRET)));
    assert.ok(!app.output().includes("AB123CD"));
  });
});
