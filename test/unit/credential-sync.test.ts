import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acquireStore, type StoreLease } from "../../adapters/store/store";
import { blankVehicle } from "../../core/access/blank";
import { credentialOf, type Credential } from "../../core/access/credential";
import type { Vehicle } from "../../core/access/types";
import { waitFor } from "../fixtures/application";

interface Told extends Credential {
  path: string;
  authorization: string;
}

describe("another access-control system", function () {
  this.timeout(60_000);
  let home: string;
  let server: Server;
  let url: string;
  let refuse = false;
  const told: Told[] = [];
  let lease: StoreLease | null = null;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-credentials-"));
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (!refuse) {
          const credential = JSON.parse(Buffer.concat(chunks).toString()) as Credential;
          const { authorization = "" } = request.headers;
          told.push({ ...credential, path: request.url ?? "", authorization });
        }
        response.writeHead(refuse ? 503 : 201).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  });
  after(async () => {
    await lease?.release();
    server.close();
    await rm(home, { recursive: true, force: true });
  });

  async function open() {
    const env = { ACCESS_CONTROL_API_URL: url, ACCESS_CONTROL_API_KEY: "k3y" };
    lease = await acquireStore({ home, url: "", log: () => undefined, env });
    return (await lease.store.open()).access;
  }
  const heard = (count: number) =>
    waitFor(
      () => (told.length >= count ? told : undefined),
      30_000,
      () => `${count} credentials: ${JSON.stringify(told)}`,
    );
  const vehicle = (plate: string, more: Partial<Vehicle> = {}): Vehicle => {
    const now = Date.now();
    return { ...blankVehicle(plate, plate), owner: "Kim", createdAt: now, updatedAt: now, ...more };
  };

  it("is told of each vehicle and of each change, as reference 1 writes it", async () => {
    const access = await open();
    await access.vehicles.save(vehicle("KX48PLG", { groups: ["staff"], validFrom: 0 }));
    const [first] = await heard(1);
    assert.equal(first?.path, "/api/credentials");
    assert.equal(first?.authorization, "Bearer k3y");
    assert.deepEqual(
      [first?.credential_id, first?.name, first?.access_level, first?.valid_from],
      ["KX48PLG", "Kim", "staff", "1970-01-01T00:00:00.000Z"],
    );
    await access.vehicles.save(vehicle("KX48PLG", { status: "blocked" }));
    assert.equal((await heard(2))[1]?.access_level, "none");
    await access.vehicles.remove("KX48PLG");
    const gone = (await heard(3))[2];
    assert.equal(gone?.credential_id, "KX48PLG");
    assert.equal(gone?.access_level, "none");
    assert.ok(Date.parse(gone?.valid_until ?? "") <= Date.now());
  });

  it("hears what it missed while it was away, once, and nothing again after a restart", async () => {
    const access = (await lease?.store.open())?.access;
    refuse = true;
    await access?.vehicles.saveAll([vehicle("AB12CDE"), vehicle("CD34EFG")]);
    await waitFor(
      async () => {
        const outbox = await lease?.store.outbox.repository();
        const [report] = (await outbox?.reports()) ?? [];
        return report && report.failures > 0 ? true : undefined;
      },
      30_000,
      () => "a delivery that failed",
    );
    refuse = false;
    lease?.store.outbox.retryNow("access-control");
    const plates = (await heard(5)).slice(3).map(({ credential_id }) => credential_id);
    assert.deepEqual(plates.sort(), ["AB12CDE", "CD34EFG"]);
    await lease?.release();
    const again = await open();
    await again.vehicles.save(vehicle("EF56GHI"));
    await heard(6);
    assert.deepEqual(
      told.slice(5).map(({ credential_id }) => credential_id),
      ["EF56GHI"],
    );
  });

  it("hears of changes that a wrong clock or a long import dates back", async () => {
    const access = (await lease?.store.open())?.access;
    const HOUR = 3_600_000;
    const level = (plate: string, one: string) => {
      const last = () => told.findLast(({ credential_id: id }) => id === plate);
      return waitFor(
        () => last()?.access_level === one || undefined,
        30_000,
        () => `${plate} ${one}: ${JSON.stringify(told)}`,
      );
    };
    await access?.vehicles.save(vehicle("GH78IJK", { updatedAt: Date.now() + HOUR }));
    await level("GH78IJK", "standard");
    await access?.vehicles.save(vehicle("GH78IJK", { status: "blocked" }));
    await level("GH78IJK", "none");
    await access?.vehicles.save(vehicle("IJ90KLM", { updatedAt: Date.now() - HOUR }));
    await level("IJ90KLM", "standard");
    // also one that was changed while nobody followed
    await access?.vehicles.save(vehicle("KL12MNO", { updatedAt: Date.now() + HOUR }));
    await level("KL12MNO", "standard");
    await lease?.release();
    const alone = await acquireStore({ home, url: "", log: () => undefined, env: {} });
    const { vehicles } = (await alone.store.open()).access;
    await vehicles.save(vehicle("KL12MNO", { status: "blocked" }));
    await alone.release();
    await open();
    await level("KL12MNO", "none");
  });

  it("gives a vehicle without an end a year", () => {
    const now = Date.UTC(2026, 0, 1);
    const { valid_until } = credentialOf(blankVehicle("a", "AB1"), now);
    assert.equal(valid_until, "2027-01-01T00:00:00.000Z");
  });
});
