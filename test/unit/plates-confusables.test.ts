import assert from "node:assert/strict";
import fc from "fast-check";
import {
  acceptedReads,
  acceptedReadsOverlap,
  compileConfusables,
  confusableKey,
  DEFAULT_CONFUSABLES,
  differsOnlyByConfusables,
} from "../../core/plates/confusables";

const plates = fc.stringMatching(/^[A-Z0-9]{1,8}$/);
const wide = compileConfusables(["O/0", "D/0", "Q/0/O", "I/1", "L/1", "G/6"]);

describe("confusable pairs", () => {
  it("accepts listed pairs of the same length and nothing else", () => {
    assert.ok(differsOnlyByConfusables("B0S1Z", "8O5I2"));
    assert.ok(!differsOnlyByConfusables("AB12", "AB13"));
    assert.ok(!differsOnlyByConfusables("AB12", "AB1"));
    assert.ok(!differsOnlyByConfusables("G1", "61"), "G/6 is not a default pair");
    assert.ok(differsOnlyByConfusables("G1", "61", wide));
  });

  it("does not chain pairs: O/0 and D/0 do not make O/D", () => {
    const table = compileConfusables(["O/0", "D/0"]);
    assert.ok(!differsOnlyByConfusables("O", "D", table));
    assert.equal(confusableKey("O", table), confusableKey("D", table));
    assert.ok(acceptedReadsOverlap("AO1", "AD1", table), "a read A01 could be either");
  });

  it("refuses what is not a pair", () => {
    for (const bad of ["", "O", "O/", "O/O", "OO/0", "O-0", "o/*"]) {
      assert.throws(() => compileConfusables([bad]), RangeError, bad);
    }
  });

  it("takes lower case and repeated pairs", () => {
    assert.deepEqual(compileConfusables(["o/0", "0/O"]).pairs, ["O/0"]);
  });

  for (const [name, table] of Object.entries({ default: DEFAULT_CONFUSABLES, wide })) {
    it(`is symmetric, and whatever it accepts has the same key (${name} table)`, () => {
      fc.assert(
        fc.property(plates, fc.infiniteStream(fc.nat(9)), (plate, choice) => {
          const read = [...plate]
            .map((char) => {
              const options = [...(table.neighbours.get(char) ?? [char])];
              return options[(choice.next().value ?? 0) % options.length];
            })
            .join("");
          assert.ok(differsOnlyByConfusables(plate, read, table));
          assert.ok(differsOnlyByConfusables(read, plate, table));
          assert.equal(confusableKey(plate, table), confusableKey(read, table));
        }),
      );
    });

    it(`refuses every one-character change that is no pair (${name} table)`, () => {
      const change = fc.tuple(plates, fc.nat(7), fc.stringMatching(/^[A-Z0-9]$/));
      fc.assert(
        fc.property(change, ([plate, at, char]) => {
          const i = at % plate.length;
          const read = plate.slice(0, i) + char + plate.slice(i + 1);
          const listed = table.neighbours.get(plate[i] ?? "")?.has(char) ?? false;
          const same = char === plate[i];
          assert.equal(differsOnlyByConfusables(plate, read, table), listed || same);
          assert.ok(!differsOnlyByConfusables(plate, plate + char, table));
        }),
        { numRuns: 2000 },
      );
    });

    it(`says two plates overlap exactly when some read fits both (${name} table)`, () => {
      const short = fc.stringMatching(/^[O0DQI1LG6A]{1,3}$/);
      fc.assert(
        fc.property(short, short, (a, b) => {
          const ofA = new Set(acceptedReads(a, table).reads);
          const shared = acceptedReads(b, table).reads.some((read) => ofA.has(read));
          assert.equal(acceptedReadsOverlap(a, b, table), shared);
        }),
      );
    });
  }

  it("lists the accepted reads: all, each once, the plate first", () => {
    const { reads, total } = acceptedReads("B0X1");
    assert.equal(total, 8);
    assert.equal(reads[0], "B0X1");
    assert.deepEqual([...reads].sort(), [...new Set(reads)].sort());
    assert.equal(reads.length, 8);
    assert.ok(reads.every((read) => differsOnlyByConfusables("B0X1", read)));
  });

  it("bounds the list and still counts all", () => {
    const { reads, total } = acceptedReads("O".repeat(30), DEFAULT_CONFUSABLES, 10);
    assert.equal(total, 2 ** 30);
    assert.equal(reads.length, 10);
  });
});
