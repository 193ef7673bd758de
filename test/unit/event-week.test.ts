import assert from "node:assert/strict";
import fc from "fast-check";
import { wallClock, weekdayOf } from "../../core/access/wall-clock";
import { hoursOfWeek } from "../../core/events/statistics";

const QUARTER = 900_000;

describe("events by hour of the week", () => {
  it("are on the row and in the hour that the site's clocks show", () => {
    const quarter = fc.integer({ min: 0, max: (Date.UTC(2040, 0, 1) / QUARTER) | 0 });
    const zones = ["UTC", "Asia/Bangkok", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"];
    fc.assert(
      fc.property(quarter, fc.constantFrom(...zones), (at, zone) => {
        const start = at * QUARTER;
        const week = hoursOfWeek([{ start, count: 3 }], zone);
        const { date, minutes } = wallClock(start, zone);
        assert.equal(
          week.flat().reduce((a, b) => a + b, 0),
          3,
        );
        assert.equal(week[weekdayOf(date) - 1]?.[Math.floor(minutes / 60)], 3);
      }),
    );
  });

  it("add up, and come before 1970 too", () => {
    const monday = Date.UTC(1969, 11, 29);
    const week = hoursOfWeek(
      [0, 1, 4].map((n) => ({ start: monday + n * QUARTER, count: 1 })),
      "UTC",
    );
    assert.deepEqual(week[0]?.slice(0, 3), [2, 1, 0]);
  });
});
