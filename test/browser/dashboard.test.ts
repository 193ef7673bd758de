import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";
import {
  addUser,
  expectAccessible,
  expectNoSideScroll,
  openPage,
  shoot,
  windowOf,
} from "../fixtures/dashboard";

describe("the dashboard: login, home, gate", function () {
  this.timeout(240_000);
  let app: RunningApplication;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    app = await startApplication({ env: { PLATEGATE_DEMO: "1" } });
    browser = await launchBrowser(path);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US" });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  it("asks for the login and says when it is wrong", async () => {
    await page.goto(`${app.address}/`);
    await page.waitForURL(/\/login\?next=/);
    await page.fill("input[name=username]", "admin");
    await page.fill("input[name=password]", "wrong");
    await page.click("form button");
    await page.getByText("User name or password is wrong.").waitFor();
    await shoot(page, "login");
  });

  it("speaks Thai", async () => {
    await page.click("#language");
    await page.getByText("เข้าสู่ระบบควบคุมประตู").waitFor();
    await page.click("#language");
  });

  it("shows today's figures and the last passages after the login", async () => {
    await page.fill("input[name=username]", "admin");
    await page.fill("input[name=password]", ADMIN_PASSWORD);
    await page.click("form button");
    await page.waitForURL(/\/dashboard\/home/);
    await page.locator(".pg-figure", { hasText: "Cameras online" }).getByText("1 / 1").waitFor();
    const tile = (plate: string) => page.locator(".pg-tile", { hasText: plate }).first();
    await tile("KX48PLG").locator(".pg-badge.open").waitFor({ timeout: 90_000 });
    await tile("BGT7305").locator(".pg-badge.deny").waitFor({ timeout: 90_000 });
    await waitForPicture(page, ".pg-tile img");
    await expectAccessible(page);
    await shoot(page, "home");
  });

  it("counts a passage without being reloaded", async () => {
    const figure = page.locator(".pg-figure", { hasText: "Passages today" }).locator("strong");
    const before = Number(await figure.textContent());
    await waitFor(
      async () => Number(await figure.textContent()) > before || undefined,
      60_000,
      () => "one passage more",
    );
  });

  it("shows the live picture with the plate drawn on it, and the decision in words", async () => {
    await page.locator(".pg").getByRole("link", { name: "Gate" }).first().click();
    await page.waitForURL(/\/dashboard\/gate/);
    await waitForPicture(page, ".pg-live img");
    await page.locator(".pg-live polygon").first().waitFor({ timeout: 60_000, state: "attached" });
    await page.locator(".pg-verdict").getByText("not on any list").waitFor({ timeout: 60_000 });
    await expectAccessible(page);
    await shoot(page, "gate");
  });

  it("opens the barrier by hand, with a reason, by keyboard alone", async () => {
    const gate = page.locator(".pg-barrier").first();
    await gate.locator(".pg-badge", { hasText: "Closed" }).waitFor({ timeout: 90_000 });
    await gate.getByRole("button", { name: "Open", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByLabel("Reason").focus();
    await expectAccessible(page);
    await shoot(page, "confirm");
    await page.keyboard.type("delivery for the kitchen");
    await page.keyboard.press("Enter");
    await gate.getByText("Opened.").waitFor();
  });

  it("keeps a chosen language for the user, on every device", async () => {
    const told = page.waitForResponse(
      (answer) => answer.request().method() === "PATCH" && answer.url().endsWith("/me/preferences"),
    );
    await page.getByRole("button", { name: /Change the language/ }).click();
    await page.getByRole("heading", { name: "ประตู", exact: true }).waitFor();
    assert.equal((await told).status(), 200);
    const other = await windowOf(browser, app, "admin");
    const elsewhere = await openPage(other, app, "home");
    await elsewhere.getByRole("heading", { name: "หน้าแรก" }).waitFor();
    const kept = elsewhere.waitForResponse(
      (answer) => answer.request().method() === "PATCH" && answer.url().endsWith("/preferences"),
    );
    await elsewhere.getByRole("button", { name: /เปลี่ยนภาษา/ }).click();
    assert.equal((await kept).status(), 200);
    await elsewhere.getByRole("heading", { name: "Home" }).waitFor();
    await other.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    const phone = await windowOf(browser, app, "admin", { phone: true, dark: true });
    const small = await openPage(phone, app, "gate");
    await small.getByRole("button", { name: /Change the language/ }).click();
    await small.getByRole("button", { name: "เปิด", exact: true }).waitFor();
    for (const view of ["gate", "home"]) {
      await openPage(phone, app, view);
      await small.locator(".pg-tile, .pg-barrier").first().waitFor();
      await expectNoSideScroll(small);
      await expectAccessible(small);
      await shoot(small, `${view}-phone`);
    }
    await small.getByRole("button", { name: "เพิ่มเติม" }).click();
    await small.getByRole("navigation", { name: "เมนู", exact: true }).waitFor();
    await small.keyboard.press("Escape");
    await phone.close();
  });

  it("lets a user watch and not move the barrier", async () => {
    await addUser(app, "user");
    const window = await windowOf(browser, app, "user");
    const watching = await openPage(window, app, "gate");
    await watching.getByText("Your role may watch this barrier, not move it.").waitFor();
    assert.equal(await watching.locator(".pg-barrier button").count(), 0);
    const answer = await window.request.post(`${app.address}/api/v1/barriers/entry/open`, {
      data: { reason: "because" },
    });
    assert.equal(answer.status(), 403);
    await window.close();
  });

  it("logs out", async () => {
    await page.getByRole("button", { name: /Log out|ออกจากระบบ/ }).click();
    await page.waitForURL(/\/login/);
    await page.goto(`${app.address}/dashboard`);
    await page.waitForURL(/\/login/);
  });
});

async function waitForPicture(page: Page, selector: string): Promise<void> {
  const image = page.locator(selector).first();
  await image.waitFor();
  await waitFor(
    async () =>
      (await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)) || undefined,
    60_000,
    () => `a picture in ${selector}`,
  );
}
