import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteChannel } from "../../adapters/database/dialects/sqlite-channel";

describe("a connection of the embedded database", function () {
  this.timeout(60_000);

  it("answers what came before its end and refuses what comes after", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plategate-channel-"));
    try {
      const channel = new SqliteChannel({ file: join(folder, "a.db"), readOnly: false });
      await channel.ready();
      const run = (sql: string) => channel.send("run", [{ sql, params: [] }]);
      const before = run("create table a (b integer)");
      const closing = channel.close();
      const after = Array.from({ length: 20 }, () => run("insert into a values (1)"));
      for (const one of after) await assert.rejects(one, { code: "closed" });
      await before;
      await closing;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
