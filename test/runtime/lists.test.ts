import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

type Json = Record<string, unknown>;

describe("the lists of /api/v1", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge" } });
  });
  after(() => discard(app));

  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> {
    const response = await app.get(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as Json };
  }

  it("enrols a vehicle under its normalised plate, changes it and deletes it", async () => {
    const made = await call("POST", "/api/v1/vehicles", {
      plate: " m ab-1234 ",
      owner: "Mia",
      valid_from: "2026-01-01T00:00:00Z",
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.plate, "MAB1234");
    assert.equal(made.body.status, "active");
    assert.equal(made.body.valid_from, "2026-01-01T00:00:00.000Z");
    assert.ok(!("pin" in made.body));
    const path = `/api/v1/vehicles/${String(made.body.id)}`;
    const changed = await call("PATCH", path, { owner: null, status: "suspended" });
    assert.equal(changed.body.owner, null);
    assert.equal(changed.body.status, "suspended");
    assert.equal(changed.body.plate, "MAB1234");
    const found = await call("GET", "/api/v1/vehicles?text=mab-12");
    assert.equal(found.body.total, 1);
    assert.equal((await call("DELETE", path)).status, 204);
    assert.equal((await call("GET", path)).status, 404);
  });

  it("refuses a vehicle that the gate could take for another, and names it", async () => {
    const first = await call("POST", "/api/v1/vehicles", { plate: "BO08 XYZ" });
    assert.equal(first.status, 201);
    const second = await call("POST", "/api/v1/vehicles", { plate: "B008 XYZ" });
    assert.equal(second.status, 409);
    assert.equal(second.body.error_code, "DUPLICATE_RESOURCE");
    assert.equal((second.body.colliding_vehicle as Json).plate, "BO08XYZ");
    const distant = await call("POST", "/api/v1/vehicles", { plate: "BO09 XYZ" });
    assert.equal(distant.status, 201);
  });

  it("refuses a visitor's pass and a vehicle that could be taken for one another", async () => {
    const resident = await call("POST", "/api/v1/vehicles", { plate: "QO55 TT" });
    assert.equal(resident.status, 201);
    const alike = await call("POST", "/api/v1/visitor_passes", { plate: "Q055 TT" });
    assert.equal(alike.status, 409, JSON.stringify(alike.body));
    assert.equal((alike.body.colliding_vehicle as Json).plate, "QO55TT");
    const same = await call("POST", "/api/v1/visitor_passes", { plate: "QO55 TT" });
    assert.equal(same.status, 201, JSON.stringify(same.body));
    const guest = await call("POST", "/api/v1/visitor_passes", { plate: "GUE 5T1" });
    assert.equal(guest.status, 201, JSON.stringify(guest.body));
    const late = await call("POST", "/api/v1/vehicles", { plate: "GUE 571" });
    const vehicle = await call("POST", "/api/v1/vehicles", { plate: "GUE STI" });
    assert.deepEqual([late.status, vehicle.status], [201, 409], JSON.stringify(vehicle.body));
    const { colliding_pass } = vehicle.body as { colliding_pass: Json };
    assert.equal(colliding_pass.plate, "GUE5T1");
    assert.ok(!("code_hash" in colliding_pass));
    const path = `/api/v1/visitor_passes/${String(guest.body.id)}`;
    assert.equal((await call("PATCH", path, { status: "revoked" })).status, 200);
    assert.equal((await call("POST", "/api/v1/vehicles", { plate: "GUE STI" })).status, 201);
    assert.equal((await call("PATCH", path, { status: "active" })).status, 409);
  });

  it("says which field breaks a rule", async () => {
    const cases: [unknown, string][] = [
      [{}, "plate"],
      [{ plate: "---" }, "plate"],
      [{ plate: "AB12CD", status: "free" }, "status"],
      [{ plate: "AB12CD", valid_until: "tomorrow" }, "valid_until"],
      [{ plate: "AB12CD", groups: ["none"] }, "groups"],
      [{ plate: "AB12CD", owner: 7 }, "owner"],
      [{ plate: "AB12CD", owner: "a\0b" }, "owner"],
      [
        {
          plate: "AB12CD",
          valid_from: "2026-02-01T00:00:00Z",
          valid_until: "2026-01-01T00:00:00Z",
        },
        "valid_until",
      ],
    ];
    for (const [body, field] of cases) {
      const answer = await call("POST", "/api/v1/vehicles", body);
      assert.equal(answer.status, 422, JSON.stringify(body));
      const fields = (answer.body.errors as { field: string }[]).map((one) => one.field);
      assert.ok(fields.includes(field), `${JSON.stringify(body)}: ${fields.join(", ")}`);
    }
    assert.equal((await call("POST", "/api/v1/vehicles", [])).status, 422);
    assert.equal(
      (await call("POST", "/api/v1/vehicles", { plate: "AB12CD", colour: "red" })).status,
      422,
    );
  });

  it("keeps schedules, groups, visitor passes and watch entries", async () => {
    const schedule = await call("POST", "/api/v1/schedules", {
      name: "Office hours",
      windows: [{ days: [1, 2, 3, 4, 5], from: "07:00", to: "19:00" }],
    });
    assert.equal(schedule.status, 201, JSON.stringify(schedule.body));
    const group = await call("POST", "/api/v1/groups", {
      name: "Staff",
      schedule_id: schedule.body.id,
    });
    assert.equal(group.status, 201, JSON.stringify(group.body));
    const pass = await call("POST", "/api/v1/visitor_passes", {
      plate: "VI 51 TOR",
      uses_allowed: 1,
    });
    assert.equal(pass.status, 201, JSON.stringify(pass.body));
    assert.ok(!("code_hash" in pass.body));
    const wanted = await call("POST", "/api/v1/watch_entries", {
      pattern: "ST0?EN*",
      list: "deny",
    });
    assert.equal(wanted.status, 201, JSON.stringify(wanted.body));
    const never = await call("POST", "/api/v1/schedules", { name: "Never", windows: [] });
    assert.match(JSON.stringify(never.body), /never_opens/);
  });

  it("keeps a PIN as its hash, and tag numbers in one form, for the second factor", async () => {
    const made = await call("POST", "/api/v1/vehicles", {
      plate: "PIN 4417",
      pin: "448812",
      credentials: ["00-12 34", "beef"],
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.deepEqual([made.body.has_pin, made.body.credentials], [true, ["1234", "BEEF"]]);
    const path = `/api/v1/vehicles/${String(made.body.id)}`;
    const changed = await call("PATCH", path, { owner: "Ann" });
    assert.equal(changed.body.has_pin, true);
    assert.doesNotMatch(JSON.stringify([made.body, changed.body]), /448812|scrypt/);
    const taken = await call("PATCH", path, { pin: null, credentials: null, groups: null });
    assert.deepEqual([taken.body.has_pin, taken.body.credentials], [false, []]);
    for (const pin of ["123", "12a4", "1234567890123", 1234]) {
      assert.equal((await call("PATCH", path, { pin })).status, 422, String(pin));
    }
  });

  it("takes a date for the whole day at the site", async () => {
    const made = await call("POST", "/api/v1/vehicles", {
      plate: "DAY 4417",
      valid_from: "2026-12-01",
      valid_until: "2026-12-01",
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const [from, until] = [made.body.valid_from, made.body.valid_until].map(
      (at) => new Date(String(at)),
    );
    assert.ok(from && until);
    assert.equal(until.getTime() - from.getTime(), 24 * 3_600_000 - 1);
    assert.equal(from.getTime(), new Date(2026, 11, 1).getTime());
    const wrong = await call("POST", "/api/v1/vehicles", {
      plate: "DAY 1",
      valid_until: "2026-02-30",
    });
    assert.equal(wrong.status, 422);
    const early = await call("POST", "/api/v1/vehicles", {
      plate: "DAY 1",
      valid_from: "0000-01-01",
    });
    assert.equal(early.status, 422, JSON.stringify(early.body));
  });

  it("deletes a schedule only once nothing has it, and says what has", async () => {
    const { body } = await call("POST", "/api/v1/schedules", {
      name: "Nights",
      windows: [{ days: [6], from: "20:00", to: "06:00" }],
    });
    const path = `/api/v1/schedules/${String(body.id)}`;
    const holder = await call("POST", "/api/v1/vehicles", {
      plate: "SCH 4477",
      schedule_id: body.id,
    });
    const refused = await call("DELETE", path);
    assert.equal(refused.status, 409, JSON.stringify(refused.body));
    assert.equal(refused.body.vehicles, 1);
    assert.match(String(refused.body.detail), /Nights is in use \(vehicles: 1\)/);
    await call("PATCH", `/api/v1/vehicles/${String(holder.body.id)}`, { schedule_id: null });
    assert.equal((await call("DELETE", path)).status, 204);
  });

  it("has no two groups of one name, and says what is wrong in a sentence", async () => {
    assert.equal(
      (await call("POST", "/api/v1/groups", { name: "Tenants", lanes: null })).status,
      201,
    );
    const second = await call("POST", "/api/v1/groups", { name: " tenants" });
    assert.equal(second.status, 409, JSON.stringify(second.body));
    const { body } = await call("POST", "/api/v1/vehicles", { plate: "GRP 1", groups: ["none"] });
    assert.deepEqual(body.errors, [
      { field: "groups", code: "unknown_group", message: "There is no group none" },
    ]);
  });

  it("deletes a group only once no vehicle is in it", async () => {
    const group = await call("POST", "/api/v1/groups", { name: "Night shift" });
    const id = String(group.body.id);
    const member = await call("POST", "/api/v1/vehicles", { plate: "NGT 4477", groups: [id] });
    assert.equal(member.status, 201, JSON.stringify(member.body));
    const refused = await call("DELETE", `/api/v1/groups/${id}`);
    assert.equal(refused.status, 409);
    assert.equal(refused.body.vehicles, 1);
    await call("PATCH", `/api/v1/vehicles/${String(member.body.id)}`, { groups: [] });
    assert.equal((await call("DELETE", `/api/v1/groups/${id}`)).status, 204);
  });

  it("shows what an entry would accept and what would be decided, moving nothing", async () => {
    const accepted = await call("POST", "/api/v1/plates/accepted", { plate: "OB1" });
    assert.equal(accepted.status, 200);
    assert.ok((accepted.body.accepted as string[]).includes("0B1"));
    assert.ok((accepted.body.accepted as string[]).includes("OB1"));
    assert.ok(!(accepted.body.accepted as string[]).includes("XB1"));
    await call("POST", "/api/v1/vehicles", { plate: "TEST 77" });
    const open = await call("POST", "/api/v1/decisions/preview", { plate: "TEST77" });
    assert.equal(open.body.result, "open", JSON.stringify(open.body));
    const unknown = await call("POST", "/api/v1/decisions/preview", { plate: "TEST78" });
    assert.equal(unknown.body.result, "deny");
    assert.equal(unknown.body.reason, "unknown_plate");
    assert.ok(Array.isArray(unknown.body.steps));
  });

  it("is closed to who may not", async () => {
    for (const headers of [{}, { "X-API-Key": "edge" }] as Record<string, string>[]) {
      const response = await fetch(`${app.address}/api/v1/vehicles`, { headers });
      assert.equal(response.status, Object.keys(headers).length ? 403 : 401);
    }
  });
});
