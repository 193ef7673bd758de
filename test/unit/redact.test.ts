import assert from "node:assert/strict";
import fc from "fast-check";
import { createLog } from "../../adapters/log/log";
import { knownSecrets, redact, redactText } from "../../core/log/redact";

describe("what logs do not show", () => {
  const cases: [string, string][] = [
    ["rtsp://admin:hunter2@10.0.0.5:554/s1 failed", "hunter2"],
    ["postgresql://plategate:S3cr3t!@db/plates", "S3cr3t!"],
    ["GET /events/stream?camera_id=c&token=abcdef123456", "abcdef123456"],
    ["open rtsp://10.0.0.5/user=admin_password=hunter2_channel=1.sdp", "hunter2"],
    ["GET http://10.0.0.5/snap?user=admin&passwd=hunter2", "hunter2"],
    ["GET http://10.0.0.5/snap?user=admin&pw=hunter2", "hunter2"],
    ["Authorization: Bearer abc.def-ghi", "abc.def-ghi"],
    ["got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl back", "eyJzdWIiOiIxIn0"],
    ["key pg_0123456789abcdefghijklmnop refused", "0123456789abcdefghijklmnop"],
    ["cookie: plategate_session=Zm9vYmFyYmF6", "Zm9vYmFyYmF6"],
    ['{"x-api-key":"edge-1234"}', "edge-1234"],
  ];
  for (const [text, secret] of cases) {
    it(`masks ${text.slice(0, 30)}…`, () => assert.ok(!redactText(text).includes(secret)));
  }

  it("leaves what is no secret as it is", () => {
    for (const text of [
      "camera gate-1: connected, 1920x1080",
      "http://192.168.1.5:8080/relay?pin=3",
      "12:30 passage KX48PLG opened",
    ]) {
      assert.equal(redactText(text), text);
    }
  });

  it("masks fields by their name, at any depth, and the environment's secrets anywhere", () => {
    const shown = redact({ a: [{ password: "x1" }], token: "y2", name: "n", tokens: 3 });
    assert.deepEqual(shown, { a: [{ password: "***" }], token: "***", name: "n", tokens: 3 });
    const secrets = knownSecrets({ SMTP_PASSWORD: "mail-secret", PORT: "1880", API_KEY: "short" });
    assert.deepEqual(secrets, ["mail-secret"]);
    const key = {
      PLATEGATE_CONFIG_KEY: "seals all",
      HASH_KEY: "hashes plates",
      PUBLIC_KEY: "free to see",
    };
    assert.deepEqual(knownSecrets(key), ["seals all", "hashes plates"]);
    assert.equal(redactText("sent with mail-secret", secrets), "sent with ***");
  });

  it("never shows an address's password, whatever it is", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9!$%^*()_+=.,~-]{4,20}$/);
    fc.assert(
      fc.property(part, part, (user, password) => {
        fc.pre(!user.includes(password));
        const shown = redactText(`open rtsp://${user}:${password}@cam.local/live now`);
        assert.ok(!shown.replace(user, "").includes(password), shown);
      }),
    );
  });

  it("are JSON objects a line, or short lines for people", () => {
    const lines: string[] = [];
    const target = { write: (line: string) => lines.push(line) };
    createLog({ LOG_FORMAT: "json" }, target).write("warn", "a rtsp://u:pw123@h", { token: "t" });
    const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.equal(line.level, "warn");
    assert.equal(line.event, "a rtsp://u:***@h");
    assert.equal(line.token, "***");
    assert.ok(!Number.isNaN(Date.parse(String(line.timestamp))));
    const text = createLog({ LOG_FORMAT: "text", LOG_LEVEL: "warn" }, target);
    text.write("info", "not shown");
    text.write("error", "shown", { request_id: "req-1" });
    assert.match(lines[1] ?? "", /^\d\d:\d\d:\d\d error shown request_id=req-1\n$/);
    assert.equal(lines.length, 2);
  });
});
