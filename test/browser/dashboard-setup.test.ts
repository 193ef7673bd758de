import assert from "node:assert/strict";
import type { Browser, BrowserContext } from "playwright-core";
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

describe("the dashboard: statistics, cameras, users", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let admin: BrowserContext;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    app = await startApplication({ env: { PLATEGATE_DEMO: "1" } });
    for (const event_id of ["e1", "e2", "e3"]) {
      await app.get("/events/ingest", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ event_id, plate_text: "กข1234", camera_id: "north" }),
      });
    }
    for (const role of ["user", "manager"] as const) await addUser(app, role);
    browser = await launchBrowser(path);
    admin = await windowOf(browser, app, "admin");
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  it("counts by time, weekday, decision and camera", async () => {
    const page = await openPage(admin, app, "statistics");
    await page.locator(".pg-heat td").first().waitFor();
    await page.locator("tr", { hasText: "north" }).getByText("3", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "By list" }).waitFor();
    // passages that no gate has decided about are told too, so that each table adds up
    await page.locator("tr", { hasText: "Undecided" }).nth(1).waitFor();
    await page.getByRole("button", { name: "24 hours" }).click();
    await page.locator("canvas").waitFor();
    await expectAccessible(page);
    await shoot(page, "statistics");
  });

  it("adds a camera, tests it, and says why it sends nothing", async () => {
    const page = await openPage(admin, app, "cameras");
    await page.getByRole("button", { name: "Add a camera" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Yard");
    await dialog.getByLabel("Stream address").fill("nonsense");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText("Invalid RTSP URL format").waitFor();
    await dialog.getByLabel("Stream address").fill("rtsp://guard:secret@127.0.0.1:9/stream");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const card = page.locator(".pg-cameras .pg-card", { hasText: "Yard" });
    await card.getByText("rtsp://guard:***@127.0.0.1:9/stream").waitFor();
    await card.getByRole("button", { name: "Test" }).click();
    await card.getByText(/It sends no picture/).waitFor();
    await expectAccessible(page);
    await shoot(page, "cameras");
  });

  it("draws a zone on the camera's picture, with the mouse and by keyboard", async () => {
    const page = await openPage(admin, app, "cameras");
    const card = page.locator(".pg-cameras .pg-card", { hasText: "gate-camera" });
    await card.getByRole("button", { name: "Zones" }).click();
    await page.getByRole("button", { name: "Draw a zone" }).click();
    const stage = page.locator(".pg-zone-stage");
    const image = stage.locator("img");
    await image.evaluate((element) => (element as HTMLImageElement).decode());
    const box = await stage.boundingBox();
    assert.ok(box);
    for (const [x, y] of [
      [0.2, 0.3],
      [0.8, 0.3],
      [0.8, 0.8],
    ] as const) {
      await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
    }
    await page.getByRole("button", { name: "Add a corner" }).click();
    await page.getByRole("button", { name: "Corner 4" }).focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByLabel("Name").fill("lane");
    await expectAccessible(page);
    await shoot(page, "zones");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "lane" }).waitFor();
    const answer = await admin.request.get(`${app.address}/config/zones?camera_id=gate-camera`);
    const { items } = (await answer.json()) as {
      items: { geometry: { points: { x: number; y: number }[] } }[];
    };
    const points = items[0]?.geometry.points ?? [];
    assert.equal(points.length, 4);
    assert.ok(Math.abs((points[0]?.x ?? 0) - 0.2) < 0.01, JSON.stringify(points));
    assert.ok(Math.abs((points[3]?.x ?? 0) - 0.49) < 0.001, JSON.stringify(points));
  });

  it("adds a user, gives a role a right, and makes a key that is shown once", async () => {
    const page = await openPage(admin, app, "users");
    await page.getByRole("button", { name: "Add a user" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("User name").fill("night-guard");
    await dialog.getByLabel("Password").fill("short");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByRole("alert").first().waitFor();
    await dialog.getByLabel("Password").fill("a long enough password");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator("tr", { hasText: "night-guard" }).waitFor();

    const right = page.getByLabel("User: Move barriers");
    const given = page.waitForResponse(
      (answer) => answer.request().method() !== "GET" && answer.url().includes("/api/v1/roles"),
    );
    await right.click();
    assert.ok((await given).ok());
    const user = await windowOf(browser, app, "user");
    const me = (await (await user.request.get(`${app.address}/api/v1/me`)).json()) as {
      permissions: string[];
    };
    assert.ok(me.permissions.includes("barrier.move"));
    await user.close();

    await page.getByRole("button", { name: "Make a key" }).click();
    await dialog.getByLabel("Name").fill("camera north");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByLabel("The new key").locator("input").first().waitFor();
    await expectAccessible(page);
    await shoot(page, "users");
  });

  it("takes a page away from whose right was taken away while it was open", async () => {
    const manager = await windowOf(browser, app, "manager");
    const page = await openPage(manager, app, "vehicles");
    const menu = page.locator(".pg-nav");
    await menu.getByText("Vehicles").waitFor();
    const set = (taken: string[]) =>
      admin.request.patch(`${app.address}/api/v1/roles/manager`, { data: { given: [], taken } });
    const changed = await set(["lists.write"]);
    assert.ok(changed.ok(), await changed.text());
    // the page asks again when it is used; where it asked by itself before, the button is gone
    const search = page.getByRole("button", { name: "Search" });
    await search.click({ timeout: 5_000 }).catch(() => undefined);
    await page.getByText("Your role may not see this page").waitFor();
    await menu.getByText("Vehicles").waitFor({ state: "detached" });
    assert.ok((await set([])).ok());
    await manager.close();
  });

  it("says when the server is away, and goes on when it is back", async () => {
    const manager = await windowOf(browser, app, "manager");
    await manager.route("**/api/v1/me", (route) => route.abort());
    const page = await openPage(manager, app, "home");
    await page.getByRole("alert").waitFor();
    await expectAccessible(page);
    await manager.unroute("**/api/v1/me");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".pg-figures").waitFor();
    await manager.close();
  });

  it("shows lanes by the names that they were given", async () => {
    const made = await admin.request.post(`${app.address}/api/v1/lanes`, {
      data: { id: "entry", name: "North entrance" },
    });
    assert.ok(made.ok(), await made.text());
    const page = await openPage(admin, app, "home");
    await page.locator(".pg-strip li", { hasText: "North entrance" }).first().waitFor();
  });

  it("shows a person's own logins and settings", async () => {
    const page = await openPage(admin, app, "profile");
    await page.getByText("here", { exact: true }).waitFor();
    await expectAccessible(page);
    await shoot(page, "profile");
  });

  it("keeps the set-up from those who may only look", async () => {
    const user = await windowOf(browser, app, "user");
    const page = await openPage(user, app, "cameras");
    await page.locator(".pg-cameras .pg-card", { hasText: "gate-camera" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /Add a camera|Zones|Test/ }).count(), 0);
    for (const view of ["users", "system"]) {
      await openPage(user, app, view);
      await page.getByText("Your role may not see this page").waitFor();
    }
    await user.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    const phone = await windowOf(browser, app, "admin", {
      language: "th",
      phone: true,
      dark: true,
    });
    for (const view of ["statistics", "cameras", "users", "profile"]) {
      const page = await openPage(phone, app, view);
      await page.locator(".pg-card").first().waitFor();
      await expectNoSideScroll(page);
      await expectAccessible(page);
      await shoot(page, `${view}-phone`);
    }
    await phone.close();
  });
});
