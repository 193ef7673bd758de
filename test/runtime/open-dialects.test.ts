import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
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
