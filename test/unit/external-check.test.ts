import assert from "node:assert/strict";
import { ExternalCheck } from "../../adapters/access/external-check";
import { HttpReceiver } from "../fixtures/receivers";

describe("the access-control system's word", () => {
  it("counts for a moment, and a failure not at all", async () => {
    const system = await HttpReceiver.start();
    let now = 0;
    let allowed = true;
    system.answer = () => ({ status: 200, body: { has_access: allowed } });
    const check = new ExternalCheck(system.url, "k", () => now);
    try {
      for (let i = 0; i < 3; i++) assert.equal((await check.ask("AB1")).allowed, true);
      assert.equal(system.requests.length, 1);
      allowed = false;
      assert.equal((await check.ask("CD2")).allowed, false, "each plate for itself");
      now += 2_999;
      assert.equal((await check.ask("AB1")).allowed, true);
      now += 1;
      assert.equal((await check.ask("AB1")).allowed, false);
      const { port } = system;
      await system.stop();
      now += 3_000;
      await assert.rejects(check.ask("AB1"), /cannot be reached/);
      const back = await HttpReceiver.start(port);
      back.answer = () => ({ status: 200, body: { has_access: true } });
      assert.equal((await check.ask("AB1")).allowed, true);
      await back.stop();
    } finally {
      await check.close();
    }
  });
});
