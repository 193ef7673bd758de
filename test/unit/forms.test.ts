import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

describe("editor forms", () => {
  it("validate by functions: the editor takes a bare regular expression for an error", () => {
    const names = readdirSync(join(process.cwd(), "nodes"), { recursive: true, encoding: "utf8" });
    const forms = names
      .filter((name) => name.endsWith(".html"))
      .map((name) => join(process.cwd(), "nodes", name));
    assert.ok(forms.length > 10);
    const wrong = forms.filter((form) => /validate:\s*\//.test(readFileSync(form, "utf8")));
    assert.deepEqual(wrong, []);
  });
});
