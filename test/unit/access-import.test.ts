import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTable, TableError, writeTable } from "../../adapters/lists/table-files";
import { EXPORT_FIELDS, exportRows } from "../../core/access/export-vehicles";
import type { ImportOptions, ImportPlan } from "../../core/access/import-vehicles";
import { planImport } from "../../core/access/import-vehicles";
import { type Cell, readDate } from "../../core/access/import-values";
import { checkPin } from "../../core/access/second-factor";
import { mapColumns, type VehicleField } from "../../core/access/vehicle-columns";
import type { AccessSnapshot } from "../../core/access/types";
import { group, lists, NOON, schedule, vehicle } from "../fixtures/access-sample";

const ZONE = "Europe/Vienna";
const empty = lists({
  groups: [group("g1", { name: "Residents" })],
  schedules: [schedule("s1", { name: "Office hours" })],
});

function plan(
  rows: Partial<Record<VehicleField, string>>[],
  theLists: AccessSnapshot = empty,
  more: Partial<ImportOptions> = {},
): ImportPlan {
  let count = 0;
  const lines = rows.map((cells, i) => ({ line: i + 2, cells }));
  const options = { existing: "update" as const, timeZone: ZONE, now: NOON };
  return planImport(lines, theLists, { ...options, newId: () => `n${++count}`, ...more });
}

describe("columns of a list", () => {
  it("knows headings in English and Thai, whatever their case and spacing", () => {
    const map = mapColumns(["Licence  Plate", "OWNER_NAME", "e-mail", "วันหมดอายุ", "Colour", ""]);
    assert.deepEqual(map.fields, ["plate", "owner", "contact", "valid_until", null, null]);
    assert.deepEqual(map.ignored, ["Colour"]);
    assert.deepEqual(mapColumns(["ทะเบียนรถ", "เจ้าของ", "กลุ่ม"]).fields, [
      "plate",
      "owner",
      "groups",
    ]);
    assert.deepEqual(mapColumns(["Kennzeichen"], { kennzeichen: "plate" }).fields, ["plate"]);
  });

  it("refuses a table without a plate, or with two of one thing", () => {
    assert.throws(() => mapColumns(["Name", "Phone"]), /none of the columns is the plate/);
    assert.throws(() => mapColumns(["plate", "Registration"]), /both plate/);
  });
});

describe("import of vehicles", () => {
  it("takes over all fields", () => {
    const { save, refused } = plan([
      {
        plate: "ab-12 cd",
        owner: " Alice ",
        status: "Suspended",
        groups: "residents",
        schedule: "office HOURS",
        valid_from: "1.3.2026",
        valid_until: "2026-10-25",
        lanes: "north; south",
        way: "In",
        credentials: "00-123, 45",
        tags: "vip|vip|red",
        pin: "2580",
      },
    ]);
    assert.deepEqual(refused, []);
    const [made] = save;
    assert.ok(made);
    assert.equal(made.plate, "AB12CD");
    assert.equal(made.owner, "Alice");
    assert.deepEqual(made.groups, ["g1"]);
    assert.equal(made.scheduleId, "s1");
    assert.equal(made.status, "suspended");
    assert.equal(made.way, "entry");
    assert.deepEqual(made.lanes, ["north", "south"]);
    assert.deepEqual(made.credentials, ["123", "45"]);
    assert.deepEqual(made.tags, ["vip", "red"]);
    assert.ok(made.pin && checkPin("2580", made.pin) && !made.pin.includes("2580"));
    assert.equal(new Date(made.validFrom ?? 0).toISOString(), "2026-02-28T23:00:00.000Z");
    assert.equal(new Date(made.validUntil ?? 0).toISOString(), "2026-10-25T22:59:59.999Z");
  });

  it("reports each refused line with its reason, and takes the others", () => {
    const { save, refused } = plan(
      [
        { plate: "OK 1" },
        { plate: " - " },
        { plate: "0K I" },
        { plate: "ok1" },
        { plate: "A8 11" },
        { plate: "S1", status: "???" },
        { plate: "S2", valid_until: "31.02.2026" },
        { plate: "S3", groups: "Residents; Martians" },
        { plate: "S4", schedule: "never" },
        { plate: "S5", way: "up" },
        { plate: "S6", pin: "12" },
        { plate: "S7", valid_from: "2026-02-02", valid_until: "2026-02-01" },
        { plate: "OK 3" },
      ],
      { ...empty, vehicles: [vehicle("AB11")] },
    );
    assert.deepEqual(
      save.map(({ plate }) => plate),
      ["OK1", "OK3"],
    );
    assert.deepEqual(
      refused.map(({ line, code }) => `${line} ${code}`),
      [
        "3 no_plate",
        "4 collision",
        "5 twice_in_file",
        "6 collision",
        "7 bad_status",
        "8 bad_date",
        "9 unknown_group",
        "10 unknown_schedule",
        "11 bad_way",
        "12 bad_pin",
        "13 ends_before_it_begins",
      ],
    );
    assert.equal(refused[3]?.detail, "AB11");
  });

  it("updates what the file has and keeps the rest", () => {
    const known = vehicle("AB11", { id: "k", note: "old", pin: "kept", contact: "c" });
    const theLists = { ...empty, vehicles: [known] };
    const row = { plate: "ab 11", owner: "Bob", contact: "", pin: "" };
    const { save, added, updated } = plan([row], theLists);
    assert.equal(added, 0);
    assert.equal(updated, 1);
    assert.deepEqual(save, [{ ...known, owner: "Bob", contact: null, updatedAt: NOON }]);
    assert.equal(plan([{ plate: "AB11" }], theLists).unchanged, 1);
    assert.equal(plan([row], theLists, { existing: "skip" }).unchanged, 1);
    assert.equal(plan([row], theLists, { existing: "refuse" }).refused[0]?.code, "exists");
  });

  it("reads dates as people write them", () => {
    const iso = (text: string | Date, edge: "start" | "end" = "start"): string =>
      new Date(readDate(text, edge, ZONE) ?? NaN).toISOString();
    assert.equal(iso("2026-07-01"), "2026-06-30T22:00:00.000Z");
    assert.equal(iso("1/7/2026", "end"), "2026-07-01T21:59:59.999Z");
    assert.equal(iso("01.07.2569"), "2026-06-30T22:00:00.000Z");
    assert.equal(iso("2026-07-01 08:30"), "2026-07-01T06:30:00.000Z");
    assert.equal(iso("2026-07-01T08:30:00Z"), "2026-07-01T08:30:00.000Z");
    assert.equal(iso(new Date("2026-07-01T00:00:00Z")), "2026-06-30T22:00:00.000Z");
    assert.equal(readDate(" ", "start", ZONE), null);
    for (const bad of ["soon", "2026-13-01", "7/2026", "2026-07-01 25:00", "2026-07-01Tx+01:00"]) {
      assert.throws(() => readDate(bad, "start", ZONE), /bad_date/, bad);
    }
  });
});

describe("table files", () => {
  let folder = "";
  before(async () => (folder = await mkdtemp(join(tmpdir(), "plategate-lists-"))));
  after(() => rm(folder, { recursive: true, force: true }));

  async function written(name: string, content: string | Buffer): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, content);
    return file;
  }

  it("reads CSV with its own separator, quotes, marks and encodings", async () => {
    const text = 'Plate;Owner\r\n"AB;1";"Line\nbreak"\r\n\r\nXY2;Müller\r\n';
    const files = [
      await written("utf8.csv", text),
      await written("bom.csv", `\ufeff${text}`),
      await written("utf16.csv", Buffer.from(`\ufeff${text}`, "utf16le")),
      await written("latin.csv", Buffer.from(text, "latin1")),
    ];
    for (const file of files) {
      const table = await readTable(file);
      assert.deepEqual(table.headings, ["Plate", "Owner"], file);
      assert.deepEqual(
        table.rows.map(({ cells }) => cells),
        [
          ["AB;1", "Line\nbreak"],
          ["XY2", "Müller"],
        ],
      );
      assert.equal(table.rows[1]?.line, 5);
    }
    const thai = [0xb7, 0xd0, 0xe0, 0xba, 0xd5, 0xc2, 0xb9]; // "ทะเบียน" in the Windows code page
    const old = await readTable(await written("thai.csv", Buffer.from([...thai, 10, 0xa1, 49])));
    assert.deepEqual(old.headings, ["ทะเบียน"]);
    assert.deepEqual(old.rows[0]?.cells, ["ก1"]);
  });

  it("says what is wrong with a file that is none", async () => {
    const zip = Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(50, 7)]);
    for (const [name, content] of [
      ["empty.csv", ""],
      ["picture.csv", Buffer.from([0xff, 0xd8, 0, 1, 2, 3])],
      ["broken.xlsx", zip],
    ] as const) {
      await assert.rejects(readTable(await written(name, content)), TableError, name);
    }
    await assert.rejects(writeTable(join(folder, "list.pdf"), [], []), /\.csv or \.xlsx/);
  });

  it("brings nobody back who was barred where a line says no status", () => {
    const barred = lists({ vehicles: [vehicle("AB11", { status: "blocked" })] });
    const { save } = plan(
      [
        { plate: "AB11", status: "", owner: "Ann" },
        { plate: "CD22", status: "" },
      ],
      barred,
    );
    assert.deepEqual(
      save.map(({ plate, status }) => [plate, status]),
      [
        ["AB11", "blocked"],
        ["CD22", "active"],
      ],
    );
  });

  it("takes no group or schedule by a name that several have; exports tell them by id", () => {
    const twins = lists({
      groups: [group("g1", { name: "Flat 1", permitSpaces: 1 }), group("g2", { name: "flat 1 " })],
      schedules: [schedule("s1", { name: "Night" }), schedule("s2", { name: "night" })],
      vehicles: [vehicle("AB11", { groups: ["g1"], scheduleId: "s1" })],
    });
    const { refused, save } = plan(
      [
        { plate: "CD1", groups: "flat 1" },
        { plate: "CD2", schedule: "NIGHT" },
        { plate: "CD3", groups: "g1" },
      ],
      twins,
    );
    assert.deepEqual(
      refused.map(({ plate, code }) => `${plate} ${code}`),
      ["CD1 unknown_group", "CD2 unknown_schedule"],
    );
    assert.deepEqual(save[0]?.groups, ["g1"]);
    const [row = []] = exportRows(twins, ZONE);
    const cells = Object.fromEntries(EXPORT_FIELDS.map((field, i) => [field, row[i] ?? ""]));
    assert.deepEqual([cells.groups, cells.schedule], ["g1", "s1"]);
    assert.equal(plan([cells], twins).unchanged, 1);
  });

  it("gives an export back as it was, in both formats, and lets no cell be a formula", async () => {
    const theLists = lists({
      vehicles: [
        vehicle("AB11", {
          owner: "=HYPERLINK(1)",
          contact: "+43 1 234",
          groups: ["g1"],
          scheduleId: "s1",
          validFrom: Date.parse("2026-02-28T23:00:00Z"),
          validUntil: Date.parse("2026-10-25T22:59:59.999Z"),
          credentials: ["0007"],
          note: 'a "note", with; marks',
        }),
        vehicle("1กก1234", { owner: "สมชาย", validUntil: NOON + 1, lanes: ["a", "b"] }),
      ],
      groups: empty.groups,
      schedules: empty.schedules,
    });
    const rows = exportRows(theLists, ZONE);
    for (const name of ["export.csv", "export.xlsx"]) {
      const file = join(folder, name);
      await writeTable(file, EXPORT_FIELDS, rows);
      const table = await readTable(file);
      const { fields } = mapColumns(table.headings);
      const lines = table.rows.map(({ line, cells }) => ({
        line,
        cells: Object.fromEntries(
          fields.flatMap((field, i): [string, Cell][] => (field ? [[field, cells[i] ?? ""]] : [])),
        ),
      }));
      const options = { existing: "update" as const, timeZone: ZONE, now: NOON };
      const back = planImport(lines, theLists, { ...options, newId: () => "never" });
      assert.deepEqual(back.refused, [], name);
      const changed = back.save.map((one) => ({ ...one, updatedAt: 0 }));
      // The number of a tag loses its leading zeros, as at the gate.
      const first = { ...theLists.vehicles[0], credentials: ["7"] };
      assert.deepEqual(changed, [first], name);
      assert.equal(back.unchanged, 1, name);
    }
  });
});
