import assert from "node:assert/strict";
import { DatabaseAccess } from "../../adapters/database/repositories/access";
import { DatabaseAudit } from "../../adapters/database/repositories/audit";
import type { DialectName } from "../../adapters/database/types";
import { withLaneRules } from "../../core/access/lane-rules";
import {
  DEFAULT_ACCESS_SETTINGS,
  type Group,
  type Presence,
  type Schedule,
  type Vehicle,
  type VisitorPass,
  type WatchEntry,
} from "../../core/access/types";
import { StoreError } from "../../core/events/errors";
import { testDatabase, type TestDatabase } from "../fixtures/databases";

function aVehicle(id: string, plate: string, changes: Partial<Vehicle> = {}): Vehicle {
  return {
    id,
    plate,
    region: null,
    owner: "Ann O'Neil",
    contact: null,
    note: null,
    tags: ["blue 50%"],
    status: "active",
    groups: [],
    validFrom: null,
    validUntil: null,
    scheduleId: null,
    lanes: ["lane-1"],
    way: null,
    credentials: ["4711"],
    pin: null,
    createdAt: 1,
    updatedAt: 2,
    ...changes,
  };
}

const aGroup: Group = {
  id: "g1",
  name: "Staff",
  scheduleId: "s1",
  lanes: [],
  occupancyLimit: 3,
  permitSpaces: null,
  note: null,
};

const aSchedule: Schedule = {
  id: "s1",
  name: "Days",
  timeZone: "Asia/Bangkok",
  windows: [{ days: [1, 2], from: "07:00", to: "18:00" }],
  onHolidays: "windows",
  holidayWindows: [{ from: "10:00", to: "12:00" }],
  holidays: ["12-25"],
};

const aPass: VisitorPass = {
  id: "p1",
  codeHash: null,
  plate: "VIS1",
  visitor: "Bo",
  host: null,
  note: null,
  status: "active",
  validFrom: 5,
  validUntil: 6,
  usesAllowed: 2,
  used: 0,
  scheduleId: null,
  lanes: [],
  createdBy: "admin",
  createdAt: 1,
};

const aWatch: WatchEntry = {
  id: "w1",
  list: "deny",
  pattern: "BAD*",
  match: "confusable",
  description: "ทดสอบ",
  priority: "high",
  webhookUrl: null,
  emails: ["a@b.c"],
  expiresAt: null,
  active: true,
  createdBy: null,
  createdAt: 1,
};

const aPresence: Presence = {
  subject: "vehicle:v1",
  plate: "AB1",
  groups: ["g1"],
  inside: true,
  at: 10,
  way: "entry",
  laneId: "lane-1",
  passageId: "x",
};

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`access lists: ${dialect}`, function () {
    this.timeout(120_000);
    let made: TestDatabase;
    let access: DatabaseAccess;

    before(async function () {
      const result = await testDatabase(dialect);
      if (typeof result === "string") return this.skip();
      made = result;
      access = new DatabaseAccess(made.database);
    });
    after(async () => made?.drop());

    it("changes settings as one step, of many at once and not where the change is refused", async () => {
      const lanes = ["a", "b", "c", "d", "e", "f"];
      const before = await access.listVersion();
      await Promise.all(
        lanes.map((lane) =>
          access.changeSettings((now) => withLaneRules(now, lane, { secondFactor: ["pin"] })),
        ),
      );
      const { laneRules } = await access.settings();
      assert.deepEqual(laneRules.map(({ laneId }) => laneId).sort(), lanes);
      assert.notEqual(await access.listVersion(), before);
      const refuse = (): never => {
        throw new Error("refused");
      };
      await assert.rejects(access.changeSettings(refuse), /refused/);
      assert.deepEqual((await access.settings()).laneRules, laneRules);
      await access.changeSettings(() => DEFAULT_ACCESS_SETTINGS);
    });

    it("gives back every entry as it was saved, in one snapshot", async () => {
      const vehicle = aVehicle("v1", "AB1", { groups: ["g1", "free"] });
      await access.vehicles.save(vehicle);
      await access.groups.save(aGroup);
      await access.schedules.save(aSchedule);
      await access.passes.save(aPass);
      await access.watch.save(aWatch);
      await access.changeSettings((now) => ({ ...now, occupancyLimit: 9 }));
      const snapshot = await access.snapshot();
      assert.deepEqual(snapshot, {
        version: await access.listVersion(),
        vehicles: [vehicle],
        groups: [aGroup],
        schedules: [aSchedule],
        passes: [aPass],
        watch: [aWatch],
        settings: { ...DEFAULT_ACCESS_SETTINGS, occupancyLimit: 9 },
      });
      assert.deepEqual(await access.vehicles.findByPlate("AB1"), vehicle);
      assert.deepEqual(await access.passes.get("p1"), aPass);
      assert.equal(await access.watch.get("nope"), null);
    });

    it("raises the version with each change and tells listeners", async () => {
      const versions = new Set([await access.listVersion()]);
      let told = 0;
      const stop = access.onChange(() => told++);
      await access.groups.save({ ...aGroup, name: "Other" });
      versions.add(await access.listVersion());
      await access.vehicles.save(aVehicle("v1", "AB2"));
      versions.add(await access.listVersion());
      assert.equal(await access.watch.remove("w1"), true);
      assert.equal(await access.watch.remove("w1"), false);
      versions.add(await access.listVersion());
      assert.equal(versions.size, 4);
      assert.equal(told, 4);
      stop();
      await access.groups.save(aGroup);
      assert.equal(told, 4);
    });

    it("lifts no membership with the group, so that its vehicles are refused", async () => {
      await access.groups.save({ ...aGroup, id: "g2" });
      await access.vehicles.save(aVehicle("v9", "AB9", { groups: ["g2"] }));
      assert.equal(await access.groups.remove("g2"), true);
      assert.deepEqual((await access.vehicles.get("v9"))?.groups, ["g2"]);
      await access.vehicles.remove("v9");
    });

    it("keeps the uses of a pass that came while somebody changed it", async () => {
      const guest = { ...aPass, id: "p7", plate: "VIS7" };
      await access.passes.save(guest);
      await access.apply([{ type: "use_pass", passId: "p7", passageId: "x7" }]);
      await access.passes.save({ ...guest, note: "by lorry" });
      const kept = await access.passes.get("p7");
      assert.deepEqual([kept?.used, kept?.note], [1, "by lorry"]);
      await access.passes.remove("p7");
    });

    it("saves many vehicles or none", async () => {
      const many = Array.from({ length: 1200 }, (_, i) =>
        aVehicle(`m${i}`, `M${i}X`, { groups: ["g1"], owner: `Owner ${i}` }),
      );
      await access.vehicles.saveAll(many);
      await access.vehicles.saveAll(many);
      const page = await access.vehicles.list({ group: "g1", skip: 1190, limit: 50 });
      assert.equal(page.total, 1200);
      assert.equal(page.items.length, 10);
      assert.deepEqual(page.items[0]?.groups, ["g1"]);
      const clash = [aVehicle("n1", "NEW1"), aVehicle("n2", "M7X")];
      await assert.rejects(
        access.vehicles.saveAll(clash),
        (error: unknown) => error instanceof StoreError && error.code === "conflict",
      );
      assert.equal(await access.vehicles.get("n1"), null);
      assert.equal((await access.snapshot()).vehicles.length, 1201);
    });

    it("finds vehicles by plate, owner and tag", async () => {
      const found = async (text: string) =>
        (await access.vehicles.list({ text, skip: 0, limit: 5 })).total;
      assert.equal(await found("m-77 x"), 1);
      assert.equal(await found("OWNER 119"), 11);
      assert.equal(await found("o'neil"), 1);
      assert.equal(await found("50%"), 1201);
      assert.equal(await found("%%"), 0);
      assert.equal((await access.vehicles.list({ status: "blocked", skip: 0, limit: 0 })).total, 0);
    });

    it("counts a pass once a passage, and keeps who is inside", async () => {
      const presence = {
        type: "presence" as const,
        siteId: "s",
        presence: aPresence,
        before: null,
      };
      const use = { type: "use_pass" as const, passId: "p1", passageId: "x" };
      await access.apply([presence, use]);
      await Promise.all([access.apply([use]), access.apply([use])]);
      await access.apply([{ ...use, passageId: "y" }]);
      const state = await access.state("s");
      assert.deepEqual(state.presences, new Map([["vehicle:v1", aPresence]]));
      assert.deepEqual(state.passUses, new Map([["p1", 2]]));
      assert.equal((await access.passes.get("p1"))?.used, 2);
      assert.equal(await access.resetOccupancy("s", "other"), 0);
      assert.equal(await access.resetOccupancy("s", null), 1);
      const after = (await access.state("s")).presences.get("vehicle:v1");
      assert.deepEqual([after?.inside, after?.at], [false, null]);
      assert.equal((await access.state("elsewhere")).presences.size, 0);
    });

    it("takes back what an open changed, unless something newer stands there", async () => {
      const before = { ...aPresence, subject: "vehicle:v9", inside: false, passageId: "old" };
      const presence = { ...before, inside: true, passageId: "new" };
      const went = { type: "presence" as const, siteId: "u", presence, before };
      const first = {
        ...went,
        presence: { ...presence, subject: "vehicle:v8" },
        before: null,
      };
      const use = { type: "use_pass" as const, passId: "p1", passageId: "new" };
      const used = (await access.passes.get("p1"))?.used ?? 0;
      await access.apply([{ ...went, presence: before }, went, first, use]);
      assert.equal((await access.passes.get("p1"))?.used, used + 1);
      await access.undo([went, first, use]);
      await access.undo([went, first, use]);
      const { presences } = await access.state("u");
      assert.deepEqual(presences, new Map([["vehicle:v9", before]]));
      assert.equal((await access.passes.get("p1"))?.used, used);
      const later = { ...presence, passageId: "later" };
      await access.apply([{ ...went, presence: later }]);
      await access.undo([went]);
      assert.deepEqual((await access.state("u")).presences.get("vehicle:v9"), later);
    });

    it("keeps the site's mode and who set it", async () => {
      assert.equal((await access.state("s")).mode, "normal");
      await access.setMode("s", "lock_down", { actor: "admin", reason: "drill" });
      assert.equal((await access.state("s")).mode, "lock_down");
      assert.equal((await access.state("t")).mode, "normal");
      const log = await new DatabaseAudit(made.database).list(
        { action: "access.mode" },
        { skip: 0, limit: 9 },
      );
      assert.deepEqual(
        log.items.map(({ actor, purpose, detail }) => [actor, purpose, detail["mode"]]),
        [["admin", "drill", "lock_down"]],
      );
    });

    it("gives a snapshot of one moment while the lists change", async () => {
      const plates = ["AA", "BB"];
      const saving = (async () => {
        for (let i = 0; i < 20; i++) {
          const group = { ...aGroup, name: `n${i}` };
          await made.database.batch([]);
          await access.groups.save(group);
          await access.vehicles.save(aVehicle("v1", plates[i % 2] ?? "", { owner: `n${i}` }));
        }
      })();
      for (let i = 0; i < 3; i++) {
        const snapshot = await access.snapshot().catch((error: unknown) => {
          assert.ok(error instanceof StoreError && error.code === "busy");
          return null;
        });
        if (snapshot) assert.equal(snapshot.groups.length, 1);
      }
      await saving;
      const { version } = await access.snapshot();
      assert.equal(version, await access.listVersion());
    });
  });
}
