import assert from "node:assert/strict";
import { ADMIN_PASSWORD, discard, startApplication, waitFor } from "../fixtures/application";

describe("the log of a running application", function () {
  this.timeout(180_000);

  it("is JSON with request ids, and holds no secret of logins, keys and cameras", async () => {
    const app = await startApplication({
      env: { PLATEGATE_API_KEY: "edge-key-of-this-test", LOG_LEVEL: "trace" },
    });
    try {
      const secrets = [ADMIN_PASSWORD, "edge-key-of-this-test", "camera-pass-77", "wrong-pass-88"];
      const json = { "Content-Type": "application/json" };
      const post = (path: string, body: object, headers: Record<string, string> = {}) =>
        fetch(`${app.address}${path}`, {
          method: "POST",
          headers: { ...json, ...headers },
          body: JSON.stringify(body),
        });
      await post("/auth/token", { username: "admin", password: "wrong-pass-88" });
      const login = (await (
        await post("/auth/token", { username: "admin", password: ADMIN_PASSWORD })
      ).json()) as Record<string, string>;
      const bearer = { Authorization: `Bearer ${login.access_token ?? ""}` };
      secrets.push(login.access_token ?? "", login.refresh_token ?? "");
      secrets.push((await app.cookie()).split("=")[1] ?? "");
      const key = (await (
        await post("/api/v1/api_keys", { name: "k", scopes: ["read"] }, bearer)
      ).json()) as Record<string, string>;
      secrets.push(key.key ?? "");
      await fetch(`${app.address}/events?plate_text=SECRETPLATE`, {
        headers: { "X-API-Key": key.key ?? "" },
      });
      await fetch(`${app.address}/events/stream?token=${login.access_token ?? ""}`);
      const rtsp = "rtsp://admin:camera-pass-77@127.0.0.1:9/stream";
      const camera = await post("/config/cameras", { name: "c", rtsp_url: rtsp }, bearer);
      const { id } = (await camera.json()) as { id?: string };
      await post(`/config/cameras/${id ?? "none"}/test`, {}, bearer);
      const asked = await app.get("/api/v1/nothing/here");
      const requestId = asked.headers.get("x-request-id") ?? "";
      const line = await waitFor(
        () =>
          app
            .output()
            .split("\n")
            .find((one) => one.includes(requestId)),
        10_000,
        () => "the request's line",
      );
      const entry = JSON.parse(line) as Record<string, unknown>;
      assert.equal(entry.event, "request");
      assert.equal(entry.status, 404);
      assert.match(app.output(), /"caller":"user:admin"/);
      assert.match(app.output(), /"caller":"key:k"/);
      assert.match(app.output(), /"event":"Started flows"/, "Node-RED's own lines come along");
      await app.stop();
      for (const secret of secrets) {
        assert.ok(secret.length > 8, "a secret was not made");
        assert.ok(!app.output().includes(secret), `the log shows ${secret}`);
      }
      assert.ok(!app.output().includes("SECRETPLATE"), "the log shows a plate that was asked for");
    } finally {
      await discard(app);
    }
  });
});
