import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentCheck } from "../../adapters/access/credential-check";
import { Store } from "../../adapters/store/store";
import { blankVehicle } from "../../core/access/blank";
import { cardNumbers } from "../../core/access/card-numbers";
import { AccessSystem } from "../fixtures/access-system";
import { waitFor } from "../fixtures/application";

describe("card numbers of plates", () => {
  it("are the low bits of SHA-1, as another implementation has them, with parity", () => {
    const hex = execFileSync("openssl", ["dgst", "-sha1", "-r"], { input: "AB123CD" })
      .toString()
      .slice(0, 40);
    const { wiegand26, wiegand34, wiegand64, osdp } = cardNumbers("AB123CD");
    const low = parseInt(hex.slice(-6), 16);
    assert.deepEqual(
      [wiegand26.number, wiegand26.facility, wiegand26.card],
      [String(low), low >> 16, low & 0xffff],
    );
    assert.equal(wiegand34.number, String(parseInt(hex.slice(-8), 16)));
    assert.deepEqual(
      [wiegand34.facility, wiegand34.card],
      [parseInt(hex.slice(-8, -4), 16), parseInt(hex.slice(-4), 16)],
    );
    assert.equal(wiegand64.number, BigInt(`0x${hex.slice(-16)}`).toString());
    const ones = (bits: string) => bits.replaceAll("0", "").length;
    for (const plate of ["AB123CD", "1", "กข1234", "ZZ999"]) {
      const long = cardNumbers(plate).wiegand34.frame;
      const half = (bits: string): number => bits.replaceAll("0", "").length % 2;
      assert.deepEqual(
        [long.length, half(long.slice(0, 17)), half(long.slice(17))],
        [34, 0, 1],
        plate,
      );
      const { frame } = cardNumbers(plate).wiegand26;
      assert.equal(frame.length, 26);
      assert.deepEqual([ones(frame.slice(0, 13)) % 2, ones(frame.slice(13)) % 2], [0, 1]);
      assert.equal(cardNumbers(plate).wiegand64.frame.length, 64);
    }
    const bits = [...Buffer.from(osdp.data, "hex")].map((byte) =>
      byte.toString(2).padStart(8, "0"),
    );
    assert.equal(bits.join("").slice(0, 26), wiegand26.frame);
  });
});

describe("credentials compared with an access-control system", function () {
  this.timeout(60_000);
  let home: string;
  let store: Store;
  let system: AccessSystem;
  const logged: string[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-check-"));
    system = await AccessSystem.start();
    await open();
  });
  afterEach(async () => {
    await store.close();
    await system.http.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    const env = { ACCESS_CONTROL_API_URL: system.url, ACCESS_CONTROL_API_KEY: system.key };
    store = new Store({ home, env, log: (_level, message) => logged.push(message) });
    await store.open();
  }
  const until = <T>(ask: () => T | undefined, what: string) =>
    waitFor(ask, 20_000, () => `${what}: ${JSON.stringify([...system.held])} ${logged.join()}`);
  const save = async (plate: string, changes: object = {}) => {
    const now = Date.now();
    const vehicle = { ...blankVehicle(`v-${plate}`, plate), createdAt: now, updatedAt: now };
    const { access } = await store.open();
    await access.vehicles.save({ ...vehicle, owner: "Anna", ...changes });
  };
  const check = () => {
    const found = currentCheck();
    assert.ok(found);
    return found;
  };

  it("tells again what is missing or otherwise there, and leaves what is not ours", async () => {
    for (const plate of ["AA1", "BB2", "CC3"]) await save(plate);
    await until(() => (system.held.size === 3 ? true : undefined), "three");
    const held = system.held.get("CC3");
    assert.ok(held);
    system.held.delete("BB2");
    system.held.set("CC3", { ...held, name: "somebody" });
    system.held.set("ZZ9", { ...held, credential_id: "ZZ9" });
    const report = await check().run("admin");
    assert.deepEqual(
      [report.wanted, report.missing, report.changed, report.foreign, report.listed],
      [3, 1, 1, 1, true],
    );
    await until(() => system.held.get("BB2"), "what was lost there");
    // it makes no second of what it has: the change goes as a change
    await until(() => (system.held.get("CC3")?.name === "Anna" ? true : undefined), "the name");
    assert.ok(system.held.has("ZZ9"));
    const again = await check().run("admin");
    assert.deepEqual([again.missing, again.changed], [0, 0]);
    assert.deepEqual(await check().last(), again);
    const { audit } = await store.open();
    const { items } = await audit.list({ action: "access_control.compare" }, { skip: 0, limit: 5 });
    assert.deepEqual([items.at(-1)?.actor, items.at(-1)?.detail["missing"]], ["admin", 1]);
  });

  it("takes the access of a vehicle that went while nobody followed", async () => {
    await save("AA1");
    await until(() => system.held.get("AA1"), "the credential");
    await check().run("system");
    await save("BB2"); // no comparison has seen it
    await until(() => system.held.get("BB2"), "the second credential");
    await store.close();
    const alone = new Store({ home, env: {}, log: () => undefined });
    const { access } = await alone.open();
    for (const plate of ["AA1", "BB2"]) await access.vehicles.remove(`v-${plate}`);
    await alone.close();
    await open();
    assert.equal((await check().run("system")).withdrawn, 2);
    const level = (plate: string) => system.held.get(plate)?.access_level;
    const both = () => level("AA1") === "none" && level("BB2") === "none";
    await until(() => both() || undefined, "none");
  });

  it("renews the year of a vehicle without an end, and no end that a vehicle has", async () => {
    const inDays = (days: number) => Date.now() + days * 24 * 3_600_000;
    await save("AA1");
    await save("BB2", { validUntil: inDays(100) });
    await until(() => (system.held.size === 2 ? true : undefined), "two");
    assert.equal((await check().run("system")).changed, 0);
    const held = system.held.get("AA1");
    assert.ok(held);
    system.held.set("AA1", { ...held, valid_until: new Date(inDays(170)).toISOString() });
    assert.equal((await check().run("system")).changed, 1);
    const end = () => Date.parse(system.held.get("AA1")?.valid_until ?? "");
    await until(() => end() > inDays(360) || undefined, "a year");
    assert.equal((await check().run("system")).changed, 0);
  });

  it("tells a system without a list everything, and says when it cannot be asked", async () => {
    await save("AA1");
    await until(() => system.held.get("AA1"), "the credential");
    system.lists = false;
    const report = await check().run("admin");
    assert.deepEqual([report.listed, report.missing], [false, 1]);
    await system.http.stop();
    await assert.rejects(check().run("admin"), /cannot be reached/);
    assert.ok(!logged.join().includes(system.key));
  });
});
