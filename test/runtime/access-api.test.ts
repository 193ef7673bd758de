import assert from "node:assert/strict";
import {
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";

type Json = Record<string, unknown>;

describe("deciding and visitors over /api/v1", function () {
  this.timeout(240_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_DEMO: "1", PLATEGATE_API_KEY: "edge" } });
  });
  after(() => discard(app));

  const withBody = (method: string, body: unknown): RequestInit => ({
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> {
    const response = await app.get(path, body === undefined ? { method } : withBody(method, body));
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as Json };
  }

  const setMode = (mode: string) =>
    call("PUT", "/api/v1/site_modes/site", { mode, reason: "a drill" });
  const preview = async (question: Json): Promise<string> => {
    const { body } = await call("POST", "/api/v1/decisions/preview", question);
    return `${String(body.result)} ${String(body.reason)}`;
  };
  const barrierState = async (): Promise<unknown> => {
    const { body } = await call("GET", "/api/v1/barriers");
    return (body.items as Json[])[0]?.state;
  };

  it("locks a site down, opens it for an emergency, and goes back", async () => {
    const sites = await call("GET", "/api/v1/site_modes");
    const [site] = sites.body.items as Json[];
    assert.deepEqual([site?.site_id, site?.mode], ["site", "normal"]);
    assert.equal((site?.barriers as string[]).length, 1);
    assert.deepEqual(sites.body.barriers_of_no_site, []);
    const mine = { plate: "KX48 PLG", lane_id: "entry" };
    assert.equal(await preview(mine), "open allowed");
    assert.equal((await setMode("lock_down")).status, 200);
    assert.equal(await preview(mine), "deny lock_down");
    assert.equal((await setMode("emergency_open")).status, 200);
    assert.equal(await preview({ plate: "XX 99", lane_id: "entry" }), "open emergency_open");
    await waitFor(
      async () => (await barrierState()) === "held" || undefined,
      30_000,
      () => "the barrier to be held open",
    );
    assert.equal((await setMode("normal")).status, 200);
    await waitFor(
      async () => (await barrierState()) === "closed" || undefined,
      60_000,
      () => "the barrier to be let go",
    );
  });

  it("sets no mode for a mistyped site, without a reason, or without the right", async () => {
    const body = { mode: "lock_down", reason: "a drill" };
    assert.equal((await call("PUT", "/api/v1/site_modes/stie", body)).status, 404);
    assert.equal((await call("PUT", "/api/v1/site_modes/site", { mode: "lock_down" })).status, 422);
    const path = `${app.address}/api/v1/site_modes/site`;
    const headers = { "Content-Type": "application/json" };
    const json = JSON.stringify(body);
    assert.equal((await fetch(path, { method: "PUT", headers, body: json })).status, 401);
    const edge = { ...headers, "X-API-Key": "edge" };
    assert.equal((await fetch(path, { method: "PUT", headers: edge, body: json })).status, 403);
    const { body: sites } = await call("GET", "/api/v1/site_modes");
    assert.equal((sites.items as Json[])[0]?.mode, "normal");
  });

  it("previews reads by the rules of the lane's gate", async () => {
    const read = { text: "KX48PLG", confidence: 0.8 };
    const lane = { lane_id: "entry" };
    assert.equal(await preview({ ...lane, reads: [read, read] }), "open allowed");
    assert.equal(await preview({ ...lane, reads: [read] }), "review low_confidence");
    const sure = { ...read, confidence: 0.97 };
    assert.equal(await preview({ ...lane, reads: [sure] }), "open allowed");
    // Typed into the gate's node, so that the store alone does not know it.
    assert.equal(await preview({ lane_id: "elsewhere", reads: [sure] }), "deny unknown_plate");
    const both = { plate: "KX48PLG", reads: [read] };
    assert.equal((await call("POST", "/api/v1/decisions/preview", both)).status, 422);
  });

  it("lists decisions, and shows what one was made of", async () => {
    const found = await waitFor(
      async () => {
        const { body } = await call(
          "GET",
          "/api/v1/decisions?result=open&reason=allowed&plate=kx48",
        );
        return (body.items as Json[])[0];
      },
      120_000,
      () => `a decision:\n${app.output()}`,
    );
    assert.equal(found.reason, "allowed");
    assert.equal(found.lane_id, "entry");
    const { body } = await call("GET", `/api/v1/decisions/${String(found.id)}`);
    assert.ok((body.steps as Json[]).some(({ check }) => check === "list"));
    assert.ok((body.reads as Json[]).length > 0);
    assert.equal((await call("GET", "/api/v1/decisions/none")).status, 404);
    assert.equal((await call("GET", "/api/v1/decisions?result=perhaps")).status, 422);
  });

  it("counts who is inside, and resets that", async () => {
    const { body } = await call("GET", "/api/v1/occupancy");
    assert.equal(body.site_id, "site");
    assert.equal(body.inside, 0, "the demo's lane has no way, so nobody is counted");
    const reset = await call("POST", "/api/v1/occupancy/reset", { reason: "morning" });
    assert.deepEqual(reset.body, { site_id: "site", were_inside: 0 });
    const group = { reason: "morning", group_id: "none" };
    assert.equal((await call("POST", "/api/v1/occupancy/reset", group)).status, 404);
    assert.equal((await call("POST", "/api/v1/occupancy/reset", {})).status, 422);
  });

  it("changes the settings of deciding, not to what cannot be", async () => {
    const path = "/api/v1/settings/access";
    const changed = await call("PATCH", path, { occupancy_limit: 20, holidays: ["12-25"] });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    assert.equal(changed.body.occupancy_limit, 20);
    assert.equal(changed.body.anti_passback, "off");
    assert.deepEqual((await call("GET", path)).body, changed.body);
    const bad = await call("PATCH", path, { holidays: ["31-12"] });
    assert.equal(bad.status, 422);
    assert.equal((await call("PATCH", path, { confusables: ["O0"] })).status, 422);
    assert.deepEqual((await call("GET", path)).body, changed.body);
    await call("PATCH", path, { occupancy_limit: null, holidays: [] });
  });

  it("sets the rules of one lane and leaves those of the others", async () => {
    const path = "/api/v1/settings/access";
    const lanes = ["one", "two", "side/three"];
    const set = (lane: string, body: unknown) =>
      call("PUT", `${path}/lanes/${encodeURIComponent(lane)}`, body);
    const answers = await Promise.all(lanes.map((lane) => set(lane, { second_factor: ["pin"] })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    const rules = async () => {
      const { body } = await call("GET", path);
      const items = body.lane_rules as { lane_id: string }[];
      return items.toSorted((a, b) => a.lane_id.localeCompare(b.lane_id));
    };
    const pin = { second_factor: ["pin"] };
    const three = { lane_id: "side/three", ...pin };
    assert.deepEqual(await rules(), [
      { lane_id: "one", ...pin },
      three,
      { lane_id: "two", ...pin },
    ]);
    assert.equal((await set("one", { min_reads: 4, second_factor: null })).status, 200);
    assert.equal((await call("DELETE", `${path}/lanes/two`)).status, 204);
    assert.deepEqual(await rules(), [{ lane_id: "one", min_reads: 4 }, three]);
    assert.equal((await set("one", { min_reads: 0 })).status, 422);
    assert.equal((await set("one", {})).status, 200);
    assert.deepEqual(await rules(), [three]);
    await call("DELETE", `${path}/lanes/${encodeURIComponent("side/three")}`);
  });

  it("says which listed plates new look-alikes could not tell apart", async () => {
    const path = "/api/v1/settings/access";
    const made: string[] = [];
    for (const plate of ["QV10", "QU10", "QW10"]) {
      const { status, body } = await call("POST", "/api/v1/vehicles", { plate });
      assert.equal(status, 201);
      made.push(String(body.id));
    }
    const none = await call("PATCH", path, { confusables: ["O/0"] });
    assert.deepEqual(none.body.collisions, { items: [], total: 0 });
    const some = await call("PATCH", path, { confusables: ["O/0", "U/V"] });
    assert.equal(some.status, 200);
    const { items, total } = some.body.collisions as { items: Json[]; total: number };
    assert.equal(total, 1);
    assert.deepEqual(Object.values(items[0] ?? {}).sort(), ["QU10", "QV10"]);
    assert.equal(await preview({ plate: "QU10", lane_id: "entry" }), "open allowed");
    assert.equal((await call("PATCH", path, { confusables: null })).status, 200);
    for (const id of made) await call("DELETE", `/api/v1/vehicles/${id}`);
  });

  it("gives a visitor a link once, on which the plate is entered", async () => {
    const made = await call("POST", "/api/v1/visitor_passes", { visitor: "Bo", uses_allowed: 1 });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id, code, link } = made.body as Record<string, string>;
    assert.equal(link, `${app.address}/visit/${code}`);
    const read = await call("GET", `/api/v1/visitor_passes/${id}`);
    assert.ok(!("code" in read.body) && !("link" in read.body) && !("code_hash" in read.body));

    const page = await fetch(String(link));
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type") ?? "", /text\/html/);
    assert.equal(page.headers.get("referrer-policy"), "no-referrer");
    assert.ok(!(await page.text()).includes("Bo"), "the page knows nothing of the pass");

    const enter = (url: string, plate: string) => fetch(url, withBody("POST", { plate }));
    assert.equal((await enter(String(link), "--")).status, 422);
    const entered = await enter(String(link), "vi 51-tor");
    assert.equal(entered.status, 200);
    assert.equal((await call("GET", `/api/v1/visitor_passes/${id}`)).body.plate, "VI51TOR");
    assert.equal(await preview({ plate: "VI51TOR", lane_id: "entry" }), "open visitor_pass");
    assert.equal((await enter(String(link).toLowerCase(), "VI52TOR")).status, 200, "typed by hand");

    const renewed = await call("POST", `/api/v1/visitor_passes/${id}/link`);
    assert.equal(renewed.status, 200);
    assert.equal((await enter(String(link), "VI53TOR")).status, 404, "the old link ended");
    const next = String(renewed.body.link);
    assert.equal((await enter(next, "VI53TOR")).status, 200);
    assert.equal((await call("POST", "/api/v1/visitor_passes/none/link")).status, 404);

    const codes = Array.from({ length: 10 }, (_, i) => `${app.address}/visit/AAAAA-AAAA${i}`);
    const answers = await Promise.all(codes.map((url) => enter(url, "AB1")));
    const last = answers.find(({ status }) => status === 429);
    assert.ok(last, "codes are not tried without end");
    assert.ok(Number(last.headers.get("retry-after")) > 0);
    assert.equal((await enter(next, "VI54TOR")).status, 429);
  });
});
