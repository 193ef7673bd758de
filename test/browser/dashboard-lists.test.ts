import assert from "node:assert/strict";
import type { Browser, BrowserContext } from "playwright-core";
import { openDatabase } from "../../adapters/database/open";
import { DatabaseAccess } from "../../adapters/database/repositories/access";
import { DatabaseOccupancy } from "../../adapters/database/repositories/occupancy";
import { blankGroup } from "../../core/access/blank";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";
import {
  addUser,
  expectAccessible,
  expectNoSideScroll,
  openPage,
  shoot,
  windowOf,
} from "../fixtures/dashboard";

/** A group with two places, and vehicles of it that came in. */
async function enter(app: RunningApplication, plates: string[]): Promise<void> {
  const database = await openDatabase({ home: app.home, log: () => undefined });
  try {
    const group = { ...blankGroup("staff"), name: "Staff", occupancyLimit: 2 };
    await new DatabaseAccess(database).groups.save(group);
    const changes = plates.map((plate) => ({
      type: "presence" as const,
      siteId: "site",
      presence: {
        subject: `vehicle:${plate}`,
        plate,
        groups: ["staff"],
        inside: true,
        at: Date.now(),
        way: "entry" as const,
        laneId: "north",
        passageId: null,
      },
      before: null,
    }));
    await new DatabaseOccupancy(database).apply(changes);
  } finally {
    await database.close();
  }
}

describe("the dashboard: records and lists", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let manager: BrowserContext;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    app = await startApplication();
    for (const [event_id, plate_text] of [
      ["e1", "KX48PLG"],
      ["e2", "BGT7305"],
      ["e3", "กข1234"],
    ]) {
      const stored = await app.get("/events/ingest", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ event_id, plate_text, camera_id: "north", confidence: 0.9 }),
      });
      assert.equal(stored.status, 202, await stored.text());
    }
    for (const role of ["user", "analyst", "manager"] as const) await addUser(app, role);
    browser = await launchBrowser(path);
    manager = await windowOf(browser, app, "manager");
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  it("finds passages by a pattern, keeps the search in the address, and shows one", async () => {
    const page = await openPage(manager, app, "records");
    await page.getByText("1–3 of 3").waitFor();
    await page.getByLabel("Plate", { exact: false }).first().fill("kx4?*");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("1–1 of 1").waitFor();
    assert.match(page.url(), /plate=kx4%3F/);
    await page.getByRole("button", { name: /Why\?/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("There is no picture of this passage.").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.reload();
    await page.getByText("1–1 of 1").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("1–3 of 3").waitFor();
    await page.getByRole("combobox", { name: "List", exact: true }).selectOption("vehicles");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("No passage matches").waitFor();
    assert.match(page.url(), /list=vehicles/);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("1–3 of 3").waitFor();
    await expectAccessible(page);
    await shoot(page, "records");
  });

  it("gives the file of a search to an analyst and not to a user", async () => {
    const analyst = await windowOf(browser, app, "analyst");
    const page = await openPage(analyst, app, "records");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "XLSX" }).click();
    assert.equal((await download).suggestedFilename(), "passages.xlsx");
    const csv = await analyst.request.get(`${app.address}/api/v1/passages.csv?plate=BGT`);
    const text = await csv.text();
    assert.match(text, /BGT7305/);
    assert.doesNotMatch(text, /KX48PLG/);
    await analyst.close();

    const user = await windowOf(browser, app, "user");
    const watched = await openPage(user, app, "records");
    await watched.getByText("1–3 of 3").waitFor();
    assert.equal(await watched.getByRole("link", { name: "CSV" }).count(), 0);
    const refused = await user.request.get(`${app.address}/api/v1/passages.csv`);
    assert.equal(refused.status(), 403);
    await user.close();
  });

  it("adds a vehicle, shows the misreads it would accept, and refuses one that collides", async () => {
    const page = await openPage(manager, app, "vehicles");
    await page.getByText("No vehicle is registered yet").waitFor();
    await page.getByRole("button", { name: "Add a vehicle" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Plate").fill("kx48 plo");
    await dialog.locator(".pg-plate", { hasText: "KX48PL0" }).waitFor();
    await dialog.getByLabel("Owner").fill("Somchai");
    await expectAccessible(page);
    await shoot(page, "vehicle");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("td .pg-plate", { hasText: "KX48PLO" }).waitFor();

    await page.getByRole("button", { name: "Add a vehicle" }).click();
    await dialog.getByLabel("Plate").fill("KX48PL0");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog
      .getByRole("alert")
      .getByText(/could not tell them apart/)
      .waitFor();
    await page.keyboard.press("Escape");
  });

  it("takes a PIN that is never shown again, changes it only where it is told, and takes it away", async () => {
    const page = await openPage(manager, app, "vehicles");
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Add a vehicle" }).click();
    await dialog.getByLabel("Plate").fill("PIN 4417");
    await dialog.getByLabel("Tag or card numbers").fill("0012-34, beef");
    await dialog.getByLabel("New PIN").fill("448812");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const row = page.locator("tr", { hasText: "PIN4417" });
    const saved = async (): Promise<{ has_pin: boolean; credentials: string[] }> => {
      const found = await app.get("/api/v1/vehicles?text=PIN4417");
      const { items } = (await found.json()) as {
        items: { has_pin: boolean; credentials: string[] }[];
      };
      assert.ok(items[0]);
      return items[0];
    };
    const change = async (how: () => Promise<void>): Promise<void> => {
      await row.getByRole("button").first().click();
      assert.equal(await dialog.getByLabel("New PIN").inputValue(), "");
      await how();
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.waitFor({ state: "detached" });
    };
    await row.waitFor();
    assert.deepEqual((await saved()).credentials, ["1234", "BEEF"]);
    await change(async () => {
      await expectAccessible(page);
      await shoot(page, "vehicle-pin");
      await dialog.getByLabel("Owner").fill("Ann");
    });
    assert.equal((await saved()).has_pin, true);
    await change(() => dialog.getByLabel("Take the PIN away").check());
    assert.equal((await saved()).has_pin, false);
  });

  it("says what is odd about an entry that was saved all the same", async () => {
    const page = await openPage(manager, app, "vehicles");
    await page.getByRole("button", { name: "Add a vehicle" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Plate").fill("OLD123");
    await dialog.locator("[name=valid_until]").fill("2020-01-01T10:00");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const note = page.getByRole("status").getByText("Its end is in the past");
    await note.waitFor();
    await expectAccessible(page);
    await shoot(page, "vehicle-warned");
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await note.waitFor({ state: "detached" });
  });

  it("shows who is inside, and counts them as outside with a reason", async () => {
    await enter(app, ["KX48PLO", "AB12CDE"]);
    const watched = await windowOf(browser, app, "user");
    const seen = await openPage(watched, app, "home");
    await seen.getByRole("button", { name: /Vehicles inside/ }).click();
    await seen.getByRole("dialog").locator(".pg-plate", { hasText: "AB12CDE" }).waitFor();
    assert.equal(await seen.getByRole("button", { name: "Reset the count" }).count(), 0);
    await watched.close();

    const page = await openPage(manager, app, "home");
    await page.getByRole("button", { name: /Vehicles inside/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("strong", { hasText: "Staff" }).waitFor();
    await dialog.getByText("2 of 2").waitFor();
    await expectAccessible(page);
    await shoot(page, "occupancy");
    const night = await windowOf(browser, app, "manager", {
      language: "th",
      phone: true,
      dark: true,
    });
    const small = await openPage(night, app, "home");
    await small.getByRole("button", { name: /รถอยู่ด้านใน/ }).click();
    await small.getByText("2 จาก 2").waitFor();
    await expectAccessible(small);
    await shoot(small, "occupancy-phone");
    await night.close();
    await dialog.getByRole("button", { name: "Reset the count" }).first().click();
    await dialog.getByText(/All 2 vehicles/).waitFor();
    await dialog.getByLabel("Reason").fill("counted by hand");
    await dialog.getByRole("button", { name: "Count as outside" }).click();
    await dialog.getByText("No vehicle is counted inside.").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".pg-figure", { hasText: "Vehicles inside" }).getByText("0").waitFor();
  });

  it("imports a list after showing what it would change", async () => {
    const page = await openPage(manager, app, "vehicles");
    await page.getByRole("button", { name: "Import" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("input[type=file]").setInputFiles({
      name: "cars.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("plate,owner,status\nAB12CDE,Ann,active\nCD34EFG,Bob,nonsense\n"),
    });
    await dialog.getByRole("button", { name: "Check the file" }).click();
    await dialog.getByText("1 added, 0 updated, 0 unchanged, 1 refused").waitFor();
    await dialog.getByText("unknown status").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Import 1 vehicles" }).click();
    await dialog.getByText("Imported.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.locator("td .pg-plate", { hasText: "AB12CDE" }).waitFor();
    await shoot(page, "vehicles");
  });

  it("paints a week with the keyboard and with the mouse", async () => {
    const page = await openPage(manager, app, "schedules");
    await page.getByRole("button", { name: "Add a schedule" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Mornings");
    await dialog.getByRole("gridcell", { name: "Monday 07:00" }).focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowRight");
    await dialog.getByText("Mon 07:00–08:00").waitFor();
    const from = await dialog.getByRole("gridcell", { name: "Tuesday 09:00" }).boundingBox();
    const to = await dialog.getByRole("gridcell", { name: "Tuesday 10:30" }).boundingBox();
    assert.ok(from && to);
    await page.mouse.move(from.x + 5, from.y + 5);
    await page.mouse.down();
    await page.mouse.move(to.x + 5, to.y + 5, { steps: 12 });
    await page.mouse.up();
    await dialog.getByText("Mon 07:00–08:00 · Tue 09:00–11:00").waitFor();
    await expectAccessible(page);
    await shoot(page, "schedule");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("heading", { name: "Mornings" }).waitFor();
    const answer = (await (
      await manager.request.get(`${app.address}/api/v1/schedules`)
    ).json()) as {
      items: { windows: object[] }[];
    };
    assert.deepEqual(answer.items[0]?.windows, [
      { days: [1], from: "07:00", to: "08:00" },
      { days: [2], from: "09:00", to: "11:00" },
    ]);
  });

  it("alerts of a watched plate at once, and lets it be acknowledged", async () => {
    const page = await openPage(manager, app, "watchlist");
    await page.getByRole("button", { name: "Add a plate" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Plate or pattern").fill("BGT*");
    await dialog.getByLabel("Why").fill("stolen");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("td .pg-plate", { hasText: "BGT*" }).waitFor();

    await openPage(manager, app, "alerts");
    await page.getByText("No open alerts").waitFor();
    await app.get("/events/ingest", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ event_id: "e4", plate_text: "BGT7305" }),
    });
    await page.locator(".pg-alerts", { hasText: "stolen" }).waitFor();
    await expectAccessible(page);
    await shoot(page, "alerts");
    await page.getByRole("button", { name: "Acknowledge", exact: true }).click();
    await page.getByText("No open alerts").waitFor();
  });

  it("makes a visitor's pass", async () => {
    const page = await openPage(manager, app, "visitors");
    await page.getByRole("button", { name: "Add a pass" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Visitor").fill("Malee");
    await dialog.getByLabel("Plate").fill("ชม 5678");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("tr", { hasText: "Malee" }).getByText("0 / 1").waitFor();
    await expectAccessible(page);
    await shoot(page, "visitors");
  });

  it("keeps the lists from those who may not see them", async () => {
    const user = await windowOf(browser, app, "user");
    const page = await openPage(user, app, "vehicles");
    await page.getByText("Your role may not see this page").waitFor();
    assert.equal(await page.locator(".pg-nav").getByText("Vehicles").count(), 0);
    await user.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    const phone = await windowOf(browser, app, "manager", {
      language: "th",
      phone: true,
      dark: true,
    });
    for (const view of ["records", "alerts", "vehicles", "visitors", "watchlist", "schedules"]) {
      const page = await openPage(phone, app, view);
      await page.locator(".pg-table, .pg-empty, .pg-week").first().waitFor();
      await expectNoSideScroll(page);
      await expectAccessible(page);
      await shoot(page, `${view}-phone`);
    }
    await phone.close();
  });
});
