import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Node, NodeAPI } from "node-red";
import type { BarrierStatus } from "../../core/barrier/ports";
import { BarrierShown } from "../../nodes/shared/barrier-shown";
import { NodeStatus } from "../../nodes/shared/kit";

const KINDS = ["gpio", "http", "modbus", "simulated"];

/** The texts of a barrier's node as Node-RED fills them in. */
function texts(kind: string, language: string): (path: string, params?: object) => string {
  const type = `barrier-${kind}`;
  const file = join(process.cwd(), "nodes", type, "locales", language, `${type}.json`);
  const all = JSON.parse(readFileSync(file, "utf8")) as Record<string, { status: object }>;
  return (path, params = {}) => {
    const key = path.split(".").at(-1) ?? "";
    let text = String(new Map(Object.entries(all[type]?.status ?? {})).get(key) ?? path);
    for (const [name, value] of Object.entries(params)) {
      text = text.replace(`__${name}__`, String(value));
    }
    return text;
  };
}

function shownBy(kind: string, language: string) {
  const statuses: string[] = [];
  const warnings: string[] = [];
  const translate = texts(kind, language);
  const node = {
    type: `barrier-${kind}`,
    // Node-RED translates a status that is a key of the catalogue
    status: ({ text }: { text: string }) => statuses.push(translate(text)),
    warn: (text: string) => warnings.push(text),
  } as unknown as Node;
  const shown = new BarrierShown(node, new NodeStatus({ _: translate } as NodeAPI, node));
  const show = (state: BarrierStatus["state"], trouble: string | null): void =>
    shown.show({ state, trouble } as BarrierStatus);
  return { show, statuses, warnings };
}

describe("what a barrier's node shows", () => {
  for (const kind of KINDS) {
    it(`barrier-${kind} names the reason of a fault, in both languages`, () => {
      for (const [language, before] of [
        ["en-US", "device fails: "],
        ["th", "อุปกรณ์ขัดข้อง: "],
      ] as const) {
        const { show, statuses } = shownBy(kind, language);
        show("fault", "line 99 is not there");
        show("fault", `${"x".repeat(70)}`);
        show("fault", "did_not_open");
        assert.equal(statuses[0], `${before}line 99 is not there`);
        assert.equal(statuses[1], `${before}${"x".repeat(59)}…`);
        assert.doesNotMatch(statuses[2] ?? "_", /_/, "a text, no code");
      }
    });
  }

  it("warns of each reason once, and again after the device has worked", () => {
    const { show, warnings } = shownBy("http", "en-US");
    for (const reason of ["a", "a", "b", "a"]) show("fault", reason);
    assert.deepEqual(warnings, ["a", "b"]);
    show("closed", "it stays open: nobody closes it");
    show("fault", "a");
    assert.deepEqual(warnings, ["a", "b", "a"]);
    for (let n = 0; n < 50; n += 1) show("fault", `reason ${n}`);
    assert.equal(warnings.length, 7, "a device that never says the same twice");
  });
});
