import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCE = join(process.cwd(), "dashboard", "src");

/** Keys of a catalogue as paths, with the placeholders of each text. */
function entries(value: unknown, path = ""): Map<string, string[]> {
  if (typeof value === "string") return new Map([[path, (value.match(/\{\w+\}/g) ?? []).sort()]]);
  return new Map(
    Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => [
      ...entries(inner, path ? `${path}.${key}` : key),
    ]),
  );
}

describe("the dashboard's texts", () => {
  const catalogue = (language: string) =>
    entries(JSON.parse(readFileSync(join(SOURCE, "locales", `${language}.json`), "utf8")));
  const english = catalogue("en");

  it("are the same in every language, with the same placeholders", () => {
    for (const name of readdirSync(join(SOURCE, "locales"))) {
      const other = catalogue(name.replace(".json", ""));
      const sorted = (texts: Map<string, string[]>) =>
        [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(other), sorted(english), name);
    }
  });

  it("hold every text that the pages name, and none that nothing names", () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(vue|ts)$/.test(name),
    );
    const source = files.map((name) => readFileSync(join(SOURCE, name), "utf8")).join("\n");
    const named = [...source.matchAll(/\bt\(\s*["'`]([\w.]+)["'`]/g)].map(([, key]) => key ?? "");
    assert.deepEqual(
      named.filter((key) => !english.has(key)),
      [],
    );
    // Keys that are put together at run time: t(`group.${code}`), tCode("group", code), forms.
    const starts = [
      /`([\w.]+)\$\{/g,
      /(?:tCode|options)\(\s*["'`]([\w.]+)["'`]/g,
      /texts="([\w.]+)"/g,
    ]
      .flatMap((pattern) => [...source.matchAll(pattern)])
      .map(([, key]) => key ?? "");
    const used = (key: string) =>
      source.includes(`"${key}"`) ||
      source.includes(`'${key}'`) ||
      starts.some((start) => key.startsWith(start));
    assert.deepEqual(
      [...english.keys()].filter((key) => !used(key)),
      [],
    );
  });
});
