import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REASON_CODES } from "../../core/messages";

const LOCALES = join(__dirname, "../../../nodes/allowlist-check/locales");

describe("reason codes", () => {
  for (const language of ["en-US", "th"]) {
    it(`have a text each in ${language}, and no text is left over`, () => {
      const file = join(LOCALES, language, "allowlist-check.json");
      const catalogue = JSON.parse(readFileSync(file, "utf8")) as {
        "allowlist-check": { reason: Record<string, string> };
      };
      const { reason } = catalogue["allowlist-check"];
      assert.deepEqual(Object.keys(reason).sort(), [...REASON_CODES].sort());
      assert.deepEqual(
        Object.entries(reason).filter(([, text]) => text.trim() === ""),
        [],
      );
      const texts = Object.values(reason);
      assert.equal(new Set(texts).size, texts.length);
    });
  }
});
