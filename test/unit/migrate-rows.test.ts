import assert from "node:assert/strict";
import { eventOfRow } from "../../core/migrate/event-rows";
import { targetOf, timeOf } from "../../core/migrate/fields";
import {
  copyCells,
  createdColumns,
  escapesEverywhere,
  insertedRows,
} from "../../core/migrate/sql-values";
import { vehicleCells } from "../../core/migrate/vehicle-cells";

describe("rows of other systems", () => {
  it("understands how dumps write values", () => {
    assert.deepEqual(copyCells("1\t\\N\ta\\tb\\\\c\t"), ["1", null, "a\tb\\c", ""]);
    assert.deepEqual(
      createdColumns(
        'CREATE TABLE "events" (id INTEGER PRIMARY KEY, "plate" TEXT, UNIQUE (plate));',
      ),
      { table: "events", columns: ["id", "plate"] },
    );
    assert.deepEqual(
      insertedRows("INSERT INTO public.v (a, \"b\") VALUES (1, 'it''s, (so)'), (NULL, true);"),
      {
        table: "v",
        columns: ["a", "b"],
        rows: [
          [1, "it's, (so)"],
          [null, true],
        ],
      },
    );
    assert.equal(insertedRows("CREATE INDEX x ON y (z);"), null);
  });

  it("takes a backslash for an escape only where the dump does", () => {
    const standard = String.raw`INSERT INTO v VALUES ('C:\', 'a', E'b\'c\n'), ('D:\', '''', E'\\');`;
    assert.deepEqual(insertedRows(standard)?.rows, [
      ["C:\\", "a", "b'c\n"],
      ["D:\\", "'", "\\"],
    ]);
    const mysql = String.raw`INSERT INTO v VALUES ('C:\\','it\'s',_binary '\0',b'1');`;
    assert.deepEqual(insertedRows(mysql, true)?.rows, [["C:\\", "it's", "0", 1]]);
    assert.deepEqual(
      ["-- MariaDB dump 10.19", "/*!40101 SET NAMES utf8 */;", "-- PostgreSQL database dump"].map(
        escapesEverywhere,
      ),
      [true, true, false],
    );
    assert.deepEqual(
      createdColumns("CREATE TABLE v (id INT, -- it's the id\n plate TEXT DEFAULT '\\');")?.columns,
      ["id", "plate"],
    );
  });

  it("lets no column be overlooked that bars a vehicle", () => {
    const of = (row: Record<string, unknown>) => {
      const { cells } = vehicleCells({ plate: "AB1", ...row });
      return [cells?.status, cells?.valid_until];
    };
    assert.equal(of({ is_active: "f" })[0], "suspended");
    assert.equal(of({ active: false, status: "" })[0], "suspended");
    assert.equal(of({ status: false })[0], "suspended");
    assert.equal(of({ status: "active", blocked: "t" })[0], "blocked");
    assert.equal(of({ status: "blocked", is_active: 0 })[0], "blocked");
    assert.equal(of({ status: "odd", is_active: 0 })[0], "odd");
    assert.equal(of({ active: "\u0001", blocked: "0", deleted_at: null })[0], undefined);
    assert.equal(of({ deleted_at: "2026-01-01 10:00:00" })[0], "suspended");
    assert.equal(of({ expires_at: "2026-05-01 10:00:00+02" })[1], "2026-05-01T08:00:00.000Z");
    assert.equal(of({ expiration_date: "2026-05-01" })[1], "2026-05-01");
    assert.deepEqual(vehicleCells({ id: 1, plate: "AB1", phone: "1", email: "a@b" }).ignored, [
      "id",
      "email",
    ]);
    assert.equal(vehicleCells({ colour: "red" }).cells, null);
  });

  it("understands times, per cents, ways and corrections", () => {
    assert.equal(
      timeOf({ at: "2026-05-01 10:00:00.5+02" }, "at"),
      Date.UTC(2026, 4, 1, 8, 0, 0, 500),
    );
    assert.equal(timeOf({ at: "2026-05-01T10:00:00" }, "at"), Date.UTC(2026, 4, 1, 10));
    assert.equal(timeOf({ at: 1_777_629_600 }, "at"), Date.UTC(2026, 4, 1, 10));
    assert.equal(timeOf({ at: "yesterday" }, "at"), null);
    const event = eventOfRow(
      {
        id: 7,
        plate_number: "ab 12-cd",
        timestamp: "2026-05-01T10:00:00Z",
        confidence: "91.5",
        event_type: "entry",
        barrier_action: "opened",
      },
      "guide",
    );
    assert.deepEqual(
      [event.id, event.plateText, event.confidence, event.laneId, event.decision],
      ["guide-7", "AB12CD", 0.915, "entry", "open"],
    );
    assert.equal(event.retentionClass, "allowed");
    const corrected = eventOfRow(
      { plate: "AB12CO", corrected_plate: "AB12CD", timestamp: 1_777_629_600 },
      "city",
    );
    assert.deepEqual([corrected.plateText, corrected.rawText], ["AB12CD", "AB12CO"]);
    assert.throws(() => eventOfRow({ plate: "--", timestamp: 1 }, "city"), /no plate/);
    assert.throws(() => eventOfRow({ plate: "AB1" }, "city"), /no time/);
    assert.equal(targetOf("public.bolos"), "watch");
    assert.equal(targetOf("alembic_version"), null);
  });
});
