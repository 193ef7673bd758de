import assert from "node:assert/strict";
import { configChanges } from "../../adapters/config/bus";
import { SecretBox } from "../../adapters/config/secret-box";
import { databaseResources } from "../../adapters/database/repositories/resources";
import type { DialectName } from "../../adapters/database/types";
import type { ResourceChange, ResourceRepositories } from "../../core/config/ports";
import type { CameraFields } from "../../core/config/types";
import { StoreError } from "../../core/events/errors";
import { testDatabase, type TestDatabase } from "../fixtures/databases";

const camera = (changes: Partial<CameraFields> = {}): CameraFields => ({
  name: "Entrance",
  rtsp_url: "rtsp://admin:s3cret@10.0.0.7/stream1",
  high_res_url: null,
  transport: "tcp",
  enabled: true,
  zone_id: null,
  lane_id: null,
  fps: 10,
  resolution: null,
  detection_model: null,
  ocr_models: [],
  latitude: null,
  longitude: null,
  bearing: null,
  location: null,
  metadata: {},
  ...changes,
});

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`configured things: ${dialect}`, function () {
    this.timeout(120_000);
    let made: TestDatabase;
    let resources: ResourceRepositories;

    before(async function () {
      const result = await testDatabase(dialect);
      if (typeof result === "string") {
        this.test?.parent?.tests.forEach((test) => (test.title += ` (${result})`));
        this.skip();
      }
      made = result;
      resources = databaseResources(made.database, new SecretBox(Buffer.alloc(32, 1)));
    });
    after(async () => made?.drop());
    beforeEach(async () => {
      await made.database.db.deleteFrom("cameras").execute();
    });

    it("gives numbers that are never given again", async () => {
      const first = await resources.cameras.create(null, camera(), 1);
      const second = await resources.cameras.create(null, camera(), 2);
      assert.deepEqual([first.id, second.id], ["cam-001", "cam-002"]);
      await resources.cameras.delete("cam-002");
      assert.equal((await resources.cameras.create(null, camera(), 3)).id, "cam-003");
      assert.equal((await resources.cameras.create("cam-007", camera(), 3)).id, "cam-007");
      assert.equal((await resources.cameras.create(null, camera(), 3)).id, "cam-008");
    });

    it("gives different numbers to those who ask at once", async () => {
      const made = await Promise.all(
        Array.from({ length: 8 }, () => resources.cameras.create(null, camera(), 1)),
      );
      assert.equal(new Set(made.map(({ id }) => id)).size, 8);
    });

    it("refuses an id that is taken", async () => {
      await resources.cameras.create("gate", camera(), 1);
      await assert.rejects(
        resources.cameras.create("gate", camera({ name: "Other" }), 2),
        (error) => error instanceof StoreError && error.code === "conflict",
      );
      assert.equal((await resources.cameras.get("gate"))?.fields.name, "Entrance");
    });

    it("filters and pages, oldest first", async () => {
      await resources.cameras.create("a", camera({ enabled: false }), 3);
      await resources.cameras.create("b", camera(), 1);
      await resources.cameras.create("c", camera(), 2);
      const page = await resources.cameras.list({ enabled: true }, { skip: 1, limit: 5 });
      assert.deepEqual([page.total, page.items.map(({ id }) => id)], [2, ["c"]]);
      assert.deepEqual(await resources.cameras.list({}, { skip: 0, limit: 0 }), {
        items: [],
        total: 3,
      });
      assert.deepEqual(
        (await resources.cameras.all()).map(({ id }) => id),
        ["b", "c", "a"],
      );
    });

    it("loses no change of two that come at once", async () => {
      await resources.cameras.create("a", camera({ metadata: {} }), 1);
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          resources.cameras.update(
            "a",
            ({ fields }) => ({ ...fields, metadata: { ...fields.metadata, [`k${i}`]: i } }),
            2,
          ),
        ),
      );
      const stored = await resources.cameras.get("a");
      assert.equal(Object.keys(stored?.fields.metadata ?? {}).length, 6);
      assert.equal(await resources.cameras.update("none", ({ fields }) => fields, 3), null);
    });

    it("keeps secrets sealed, bound to their place and to the key", async () => {
      const metadata = { token: "abc-def", note: "sealed:1:looks-like-one" };
      await resources.cameras.create("a", camera({ metadata }), 1);
      const [row] = await made.database.db.selectFrom("cameras").selectAll().execute();
      assert.doesNotMatch(row?.data_json ?? "", /s3cret|abc-def/);
      const read = await resources.cameras.get("a");
      assert.equal(read?.fields.rtsp_url, "rtsp://admin:s3cret@10.0.0.7/stream1");
      assert.deepEqual(read?.fields.metadata, metadata);

      const other = databaseResources(made.database, new SecretBox(Buffer.alloc(32, 2)));
      const unreadable = await other.cameras.get("a");
      assert.equal(unreadable?.locked, true);
      assert.equal(unreadable?.fields.rtsp_url, "");

      await made.database.db.updateTable("cameras").set({ id: "moved" }).execute();
      assert.equal((await resources.cameras.get("moved"))?.locked, true);
    });

    it("tells of changes once they are there", async () => {
      const heard: ResourceChange[] = [];
      const listen = (change: ResourceChange) => heard.push(change);
      configChanges.on("change", listen);
      await resources.zones.create(
        "z",
        {
          name: "Z",
          camera_id: "a",
          lane_id: null,
          type: "enter",
          geometry: { type: "polygon", points: [] },
          metadata: {},
        },
        1,
      );
      await resources.zones.update("z", ({ fields }) => fields, 2);
      await resources.zones.delete("z");
      await resources.zones.delete("z");
      configChanges.off("change", listen);
      assert.deepEqual(
        heard.map(({ kind, id, change }) => `${kind}/${id} ${change}`),
        ["zones/z created", "zones/z updated", "zones/z deleted"],
      );
    });
  });
}
