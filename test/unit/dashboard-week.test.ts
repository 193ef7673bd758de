import assert from "node:assert/strict";
import fc from "fast-check";
import { CELLS, fitsCells, weekOf, windowsOf, type Week } from "../../dashboard/src/app/week";

const weeks = fc.array(fc.array(fc.boolean(), { minLength: CELLS, maxLength: CELLS }), {
  minLength: 7,
  maxLength: 7,
}) as fc.Arbitrary<Week>;

describe("a painted week", () => {
  it("is the same week after it was saved as windows", () => {
    fc.assert(
      fc.property(weeks, (week) => {
        const windows = windowsOf(week);
        assert.ok(fitsCells(windows));
        assert.deepEqual(weekOf(windows), week);
      }),
    );
  });

  it("opens a night into the next day, from Sunday into Monday", () => {
    const week = weekOf([{ days: [7], from: "22:00", to: "02:00" }]);
    assert.deepEqual(windowsOf(week), [
      { days: [1], from: "00:00", to: "02:00" },
      { days: [7], from: "22:00", to: "24:00" },
    ]);
  });

  it("knows times that its cells cannot say", () => {
    assert.equal(fitsCells([{ days: [1], from: "07:10", to: "08:00" }]), false);
  });
});
