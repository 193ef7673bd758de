import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const NODES = join(process.cwd(), "nodes");
const LANGUAGES = ["en-US", "th"] as const;

/** Keys of a catalogue as paths, with the placeholders of each text. */
function entries(value: unknown, path = ""): Map<string, string[]> {
  if (typeof value === "string") {
    return new Map([[path, (value.match(/__\w+__/g) ?? []).sort()]]);
  }
  return new Map(
    Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => [
      ...entries(inner, path ? `${path}.${key}` : key),
    ]),
  );
}

describe("the nodes' texts", () => {
  const types = readdirSync(NODES).filter((name) => existsSync(join(NODES, name, `${name}.html`)));

  it("are there for every node of package.json", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
      "node-red": { nodes: Record<string, string> };
    };
    assert.deepEqual(types.sort(), Object.keys(manifest["node-red"].nodes).sort());
  });

  for (const type of types) {
    it(`${type}: the same in every language, with Node-RED's placeholders`, () => {
      const file = (language: string, ending: string) =>
        readFileSync(join(NODES, type, "locales", language, `${type}.${ending}`), "utf8");
      const [english, ...others] = LANGUAGES.map((language) => {
        const text = file(language, "json");
        assert.ok(!text.includes("{{"), `${language}: placeholders are written __name__`);
        return entries(JSON.parse(text));
      });
      for (const other of others) assert.deepEqual(other, english);
      for (const language of LANGUAGES)
        assert.match(file(language, "html"), new RegExp(`data-help-name="${type}"`));
    });

    it(`${type}: every text its form names exists`, () => {
      const html = readFileSync(join(NODES, type, `${type}.html`), "utf8");
      const keys = entries(
        JSON.parse(readFileSync(join(NODES, type, "locales", "en-US", `${type}.json`), "utf8")),
      );
      const named = [...html.matchAll(/data-i18n="(?:\[\w+\])?([\w.-]+)"/g)]
        .map(([, key]) => key ?? "")
        // rows that resources/barrier-form.js labels
        .concat([...html.matchAll(/data-row="(\w+)"/g)].map(([, row]) => `${type}.label.${row}`));
      assert.deepEqual(
        named.filter((key) => key.startsWith(type) && !keys.has(key)),
        [],
      );
    });
  }
});
