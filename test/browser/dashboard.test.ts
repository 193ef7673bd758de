import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";

const SHOTS = join(process.cwd(), "test", "output");

describe("the dashboard in a browser", function () {
  this.timeout(240_000);
  let app: RunningApplication;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    mkdirSync(SHOTS, { recursive: true });
    app = await startApplication({ env: { PLATEGATE_DEMO: "1" } });
    browser = await launchBrowser(path);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US" });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
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
    await page.screenshot({ path: join(SHOTS, "login.png") });
  });

  it("speaks Thai", async () => {
    await page.click("#language");
    await page.getByText("เข้าสู่ระบบควบคุมประตู").waitFor();
    await page.click("#language");
  });

  it("shows the live picture after the login", async () => {
    await page.fill("input[name=username]", "admin");
    await page.fill("input[name=password]", ADMIN_PASSWORD);
    await page.click("form button");
    await page.waitForURL(/\/dashboard/);
    const image = page.locator(".pg-live img");
    await image.waitFor();
    await waitFor(
      async () =>
        (await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)) ||
        undefined,
      60_000,
      () => "the live picture",
    );
  });

  it("opens for the allowed car and stays closed for the other", async () => {
    const row = (plate: string) =>
      page.locator(".pg-passages tbody tr", { hasText: plate }).first();
    await row("KX48PLG").locator(".pg-badge.open").waitFor({ timeout: 90_000 });
    await row("BGT7305").locator(".pg-badge.deny").waitFor({ timeout: 90_000 });
    await waitFor(
      async () =>
        (await row("KX48PLG")
          .locator("img")
          .evaluate((one) => (one as HTMLImageElement).naturalWidth)) || undefined,
      30_000,
      () => "the picture of the plate",
    );
    await page.screenshot({ path: join(SHOTS, "dashboard.png"), fullPage: true });
  });

  it("opens the barrier by hand, with a reason", async () => {
    const gate = page.locator(".pg-gates section").first();
    await gate.locator(".pg-state.closed").waitFor({ timeout: 90_000 });
    await gate.getByRole("button", { name: "Open", exact: true }).click();
    await gate.locator("input").fill("delivery for the kitchen");
    await gate.getByRole("button", { name: "Open now" }).click();
    await gate.getByText("Opened.").waitFor();
    await page.screenshot({ path: join(SHOTS, "opened.png") });
  });

  it("is usable on a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator(".pg-gates section").first().waitFor();
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth > window.innerWidth + 1,
    );
    assert.equal(wide, false, "the page scrolls sideways");
    await page.screenshot({ path: join(SHOTS, "phone.png"), fullPage: true });
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it("logs out", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL(/\/login/);
    await page.goto(`${app.address}/dashboard`);
    await page.waitForURL(/\/login/);
  });
});
