import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { platePicture, upload } from "../fixtures/plate-picture";
import { RefusedError, StreamListener } from "../fixtures/stream-listener";

describe("dialects open to callers without a credential", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({
      env: { PLATEGATE_PUBLIC_DIALECTS: "galaxy,guide", CORS_ORIGINS: "https://front.example" },
    });
  });
  after(() => discard(app));

  it("read pictures for everybody, and store only for who may", async () => {
    const picture = await platePicture("KX48 PLG");
    const total = async () =>
      ((await (await fetch(`${app.address}/detections`)).json()) as { total: number }).total;
    const send = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(`${app.address}${path}`, { ...upload(picture), headers })).status;
    const key = async (...scopes: string[]) => {
      const made = await app.get("/api/v1/api_keys", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: scopes.join(), scopes }),
      });
      return { "X-API-Key": ((await made.json()) as { key: string }).key };
    };
    assert.equal(await send("/recognize"), 200);
    assert.equal(await send("/detect_image"), 401);
    assert.equal(await send("/detect_image", await key("read")), 403);
    assert.equal(await total(), 0);
    assert.equal(await send("/detect_image", await key("read", "ingest")), 200);
    assert.equal(await total(), 1);
  });

  it("send the guide's stream to programs and listed pages, to no other page", async () => {
    const open = (headers: Record<string, string>) =>
      StreamListener.open(`${app.address}/ws`, headers);
    for (const Origin of ["https://evil.example", "null"]) {
      await assert.rejects(
        open({ Origin }),
        (error: unknown) => error instanceof RefusedError && error.status === 403,
        Origin,
      );
    }
    for (const headers of [{}, { Origin: app.address }, { Origin: "https://front.example" }]) {
      await (await open(headers)).close();
    }
  });
});
