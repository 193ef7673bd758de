import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secretBox } from "../../adapters/config/secret-box";
import { mergePatch } from "../../core/config/merge-patch";
import { masked, MaskError, unmasked } from "../../core/config/secrets";

describe("merge patch", () => {
  it("gives what RFC 7396's examples give", () => {
    const examples: [unknown, unknown, unknown][] = [
      [{ a: "b" }, { a: "c" }, { a: "c" }],
      [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
      [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
      [{ a: ["b"] }, { a: "c" }, { a: "c" }],
      [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
      [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
      [{ a: "foo" }, null, null],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: "b", c: null }, { a: "b" }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ];
    for (const [target, patch, wanted] of examples)
      assert.deepEqual(mergePatch(target, patch), wanted);
  });

  it("reaches no prototype", () => {
    mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
});

describe("secrets of what is configured", () => {
  const exporter = {
    name: "Backend",
    url: "https://user:pa:ss@host/path",
    headers: { "Content-Type": "application/json", Authorization: "Bearer t", "X-API-Key": "k" },
    auth: { type: "api_key", header: "X-Key", value: "abc", username: "joe" },
    config: { topic: "anpr/events", username: "mqtt_user", password: "pw" },
    metadata: { description: "token of the backend", tokens: 3 },
  };

  it("masks secret fields and passwords in addresses, and nothing else", () => {
    assert.deepEqual(masked(exporter), {
      ...exporter,
      url: "https://user:***@host/path",
      headers: { "Content-Type": "application/json", Authorization: "***", "X-API-Key": "***" },
      auth: { type: "api_key", header: "X-Key", value: "***", username: "joe" },
      config: { topic: "anpr/events", username: "mqtt_user", password: "***" },
    });
    assert.equal(masked({ rtsp_url: "rtsp://10.0.0.1/a" }).rtsp_url, "rtsp://10.0.0.1/a");
  });

  it("keeps what a mask stands for, also in an address that moved", () => {
    assert.deepEqual(unmasked(masked(exporter), exporter), exporter);
    const moved = unmasked({ url: "https://user:***@other/new" }, exporter);
    assert.equal(moved.url, "https://user:pa:ss@other/new");
  });

  it("refuses a mask that stands for nothing", () => {
    const bad = { auth: { type: "bearer", token: "***" } };
    assert.throws(
      () => unmasked(bad, { auth: null }),
      (error) => error instanceof MaskError && error.field === "auth.token",
    );
  });

  it("seals and opens anything; the key belongs to its owner alone", () => {
    const home = mkdtempSync(join(tmpdir(), "plategate-box-"));
    try {
      const box = secretBox(home, {});
      assert.equal(statSync(join(home, "config.key")).mode & 0o777, 0o600);
      fc.assert(
        fc.property(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), (auth) => {
          const sealed = box.sealAll({ auth, password: "x" }, "here");
          assert.notEqual(sealed.password, "x");
          assert.deepEqual(secretBox(home, {}).openAll(sealed, "here").value, {
            auth,
            password: "x",
          });
          assert.equal(box.openAll(sealed, "there").value.password, "");
        }),
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
