import assert from "node:assert/strict";
import fc from "fast-check";
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mask } from "../../adapters/cameras/errors";
import { secretBox } from "../../adapters/config/secret-box";
import { plateHashKey } from "../../adapters/store/hash-key";
import { loadSecrets } from "../../api/auth/secrets";
import { mergePatch } from "../../core/config/merge-patch";
import { isSecret, masked, MaskError, unmasked } from "../../core/config/secrets";

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

describe("the files with an installation's keys", () => {
  it("are readable by their owner alone, also after a loose restore", () => {
    const home = mkdtempSync(join(tmpdir(), "plategate-keys-"));
    const path = join(home, "secrets.json");
    const mode = (file: string) => statSync(file).mode & 0o777;
    try {
      const made = loadSecrets(home);
      assert.equal(mode(path), 0o600);
      chmodSync(path, 0o644);
      assert.deepEqual(loadSecrets(home), made);
      assert.equal(mode(path), 0o600);

      const hash = join(home, "plate-hash.key");
      const { key } = plateHashKey(home, { PLATEGATE_HASH_UNKNOWN: "1" });
      assert.equal(mode(hash), 0o600);
      chmodSync(hash, 0o644);
      assert.deepEqual(plateHashKey(home, {}).key, key);
      assert.equal(mode(hash), 0o600);
    } finally {
      rmSync(home, { recursive: true });
    }
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

  it("masks, keeps and seals passwords in an address's query and path", () => {
    const addresses = {
      query: [
        "http://10.0.0.5/snap?user=admin&pwd=hun/ter2&ch=1",
        "http://10.0.0.5/snap?user=admin&pwd=***&ch=1",
      ],
      path: [
        "rtsp://10.0.0.5/user=admin&password=x&channel=1",
        "rtsp://10.0.0.5/user=admin&password=***&channel=1",
      ],
      both: [
        "https://me:pw@host/hook?token=a&api_key=b&token=c",
        "https://me:***@host/hook?token=***&api_key=***&token=***",
      ],
      under: [
        "rtsp://10.0.0.5/user=admin_password=x.sdp",
        "rtsp://10.0.0.5/user=admin_password=***",
      ],
    };
    for (const [url = "", shown = ""] of Object.values(addresses)) {
      assert.equal(masked({ url }).url, shown);
      assert.equal(unmasked({ url: shown }, { url }).url, url);
      assert.ok(isSecret(url, ["url"]), url);
      assert.ok(!mask(`cannot open ${url}: refused`).includes("hun"));
      assert.equal(mask(`cannot open ${url} now`), `cannot open ${shown} now`);
    }
    const { url } = unmasked(
      { url: "http://10.0.0.9/snap?pwd=***&token=new" },
      { url: "http://10.0.0.5/snap?token=old&pwd=kept" },
    );
    assert.equal(url, "http://10.0.0.9/snap?pwd=kept&token=new");
    assert.throws(
      () => unmasked({ url: "http://h/?pwd=***" }, { url: "http://h/?token=a" }),
      (error) => error instanceof MaskError && error.field === "url",
    );
    const plain = { description: "set ?pwd=x there", url: "http://host/a?pin=3&bypass=1" };
    assert.deepEqual(masked(plain), plain);
  });

  it("masks headers that are keys, and paths that are", () => {
    const hook = {
      url: "https://hooks.slack.com/services/T0/B0/hunter2",
      headers: { "Ocp-Apim-Subscription-Key": "k", "X-Signature": "s", "X-Site": "north" },
      others: [
        "https://discord.com/api/webhooks/123/hunter2",
        "https://api.telegram.org/bot12:hunter2/sendMessage",
        "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
      ],
    };
    assert.deepEqual(masked(hook), {
      url: "https://hooks.slack.com/services/T0/B0/***",
      headers: { "Ocp-Apim-Subscription-Key": "***", "X-Signature": "***", "X-Site": "north" },
      others: [
        "https://discord.com/api/webhooks/123/***",
        "https://api.telegram.org/bot12:***/sendMessage",
        "https://x.webhook.office.com/webhookb2/***",
      ],
    });
    assert.deepEqual(unmasked(masked(hook), hook), hook);
    assert.throws(
      () => unmasked({ url: "https://hooks.slack.com/services/T0/B0/***" }, { url: "http://h/" }),
      MaskError,
    );
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
