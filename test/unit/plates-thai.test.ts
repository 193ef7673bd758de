import assert from "node:assert/strict";
import fc from "fast-check";
import { isThai, splitThaiPlate, THAI_PROVINCES } from "../../core/plates/thai";

describe("Thai plates", () => {
  it("knows 77 provinces, each name and abbreviation once", () => {
    assert.equal(THAI_PROVINCES.length, 77);
    assert.equal(new Set(THAI_PROVINCES.map((province) => province.name)).size, 77);
    assert.equal(new Set(THAI_PROVINCES.map((province) => province.abbreviation)).size, 77);
    assert.ok(THAI_PROVINCES.every((province) => province.english !== ""));
  });

  it("splits text and province, on cars and motorcycles, for every province", () => {
    const series = fc.stringMatching(/^[1-9]?[กขคงจฉชฐณฒ]{2}$/);
    const number = fc.integer({ min: 1, max: 9999 }).map(String);
    fc.assert(
      fc.property(fc.constantFrom(...THAI_PROVINCES), series, number, (province, first, last) => {
        const text = first + last;
        assert.deepEqual(splitThaiPlate(`${first} ${last} ${province.name}`), { text, province });
        assert.deepEqual(splitThaiPlate(`${first}\n${province.name}\n${last}`), { text, province });
        assert.deepEqual(splitThaiPlate(`${text}${province.abbreviation}`), { text, province });
      }),
    );
  });

  it("takes a province with a letter wrong", () => {
    const split = splitThaiPlate("กก 1234 กรุงเทพมหานศร");
    assert.equal(split.province?.english, "Bangkok");
    assert.equal(split.text, "กก1234");
  });

  it("leaves what is no province alone", () => {
    assert.deepEqual(splitThaiPlate("กก1234"), { text: "กก1234", province: null });
    assert.deepEqual(splitThaiPlate("AB 1234"), { text: "AB1234", province: null });
    assert.equal(splitThaiPlate("กก1234ฮฮฮฮฮฮ").province, null);
    assert.equal(splitThaiPlate("70-1234 ชลบุรี").text, "701234");
  });

  it("tells Thai from Latin", () => {
    assert.ok(isThai("กก1"));
    assert.ok(!isThai("AB1"));
  });
});
