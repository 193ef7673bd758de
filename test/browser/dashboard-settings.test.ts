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

const PATH = "/api/v1/settings/access";

describe("the dashboard: settings", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let admin: BrowserContext;
  let manager: BrowserContext;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    const env = {
      PLATEGATE_DEMO: "1",
      ALPR_MIN_CONFIDENCE: "80",
      WEBHOOK_SECRET: "a secret of the webhook",
    };
    app = await startApplication({ env });
    for (const role of ["analyst", "manager"] as const) await addUser(app, role);
    browser = await launchBrowser(path);
    admin = await windowOf(browser, app, "admin");
    manager = await windowOf(browser, app, "manager");
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  const previewed = async (confidence: number): Promise<string> => {
    const reads = Array.from({ length: 5 }, () => ({ text: "KX48PLG", confidence }));
    const answer = await manager.request.post(`${app.address}/api/v1/decisions/preview`, {
      data: { reads, lane_id: "entry" },
    });
    const { result, reason } = (await answer.json()) as { result: string; reason: string };
    return `${result} ${reason}`;
  };

  it("sets what holds for deciding; what the environment says is shown and locked", async () => {
    const page = await openPage(manager, app, "settings");
    const places = page.getByLabel("Places and coming back");
    await places.getByLabel("Most vehicles inside").fill("40");
    await places.getByLabel("Anti-passback").selectOption("timed");
    await places.getByLabel("Minutes before it may come again").fill("7");
    await places.getByLabel("Holidays").fill("2026-13-99");
    // A tab that is looked at again loads anew, and leaves what was typed.
    const loaded = page.waitForResponse(
      (answer) => answer.url().endsWith(PATH) && answer.request().method() === "GET",
    );
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await loaded;
    await places.getByRole("button", { name: "Save" }).click();
    await places.getByRole("alert").first().waitFor();
    await places.getByLabel("Holidays").fill("12-25");
    await places.getByRole("button", { name: "Save" }).click();
    await places.getByText("Saved").waitFor();
    const least = page.getByLabel("How sure a read must be").getByLabel("Least sure (%)").first();
    assert.equal(await least.isDisabled(), true);
    await page.getByText("Set by ALPR_MIN_CONFIDENCE in the environment").waitFor();
    const path = `${app.address}${PATH}`;
    const set = (await (await manager.request.get(path)).json()) as Record<string, unknown>;
    assert.deepEqual(
      [set["occupancy_limit"], set["anti_passback"], set["anti_passback_minutes"], set["holidays"]],
      [40, "timed", 7, ["12-25"]],
    );
    const refused = await manager.request.patch(path, { data: { rules: { min_confidence: 0.5 } } });
    assert.equal(refused.status(), 422);
    await expectAccessible(page);
    await shoot(page, "settings");
  });

  it("gives a lane rules of its own, which count at once", async () => {
    assert.equal(await previewed(0.85), "open allowed");
    const page = await openPage(manager, app, "settings?group=lanes");
    const row = page.locator("tr", { hasText: "entry" });
    await row.getByText("80%").waitFor();
    await row.getByRole("button", { name: "Change" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Least sure (%)").fill("97");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Save" }).click();
    await row.getByText("97%").waitFor();
    assert.equal(await previewed(0.85), "review low_confidence");
    await row.getByRole("button", { name: "Change" }).click();
    await dialog.getByLabel("Least sure (%)").fill("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await row.getByText("80%").waitFor();
    assert.equal(await previewed(0.85), "open allowed");
    await expectAccessible(page);
    await shoot(page, "settings-lanes");
  });

  it("locks the site down, with a reason, and opens it again", async () => {
    const page = await openPage(manager, app, "settings");
    await page.getByRole("button", { name: "Lock down" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("exercise");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Lock down" }).click();
    await page.getByText("Lock-down: no vehicle passes").waitFor();
    assert.equal(await previewed(0.99), "deny lock_down");
    await page.getByRole("button", { name: "Back to normal" }).click();
    await dialog.getByLabel("Reason").fill("it is over");
    await dialog.getByRole("button", { name: "Back to normal" }).click();
    await page.locator(".pg-badge", { hasText: "Normal" }).waitFor();
  });

  it("sets how long passages are kept", async () => {
    const page = await openPage(admin, app, "settings?group=storage");
    await page.getByLabel("Vehicles on no list (days)").fill("2");
    await page.getByLabel("Audit log (days)").fill("400");
    await page.getByLabel("How long passages are kept").getByRole("button").click();
    await page.getByText("Saved").waitFor();
    const answer = await admin.request.get(`${app.address}/api/v1/settings`);
    assert.deepEqual(await answer.json(), {
      retention_hours: { unknown: 48, allowed: 720, denied: 720 },
      file_hours: 72,
      audit_days: 400,
      review_below: 0.8,
    });
    await expectAccessible(page);
  });

  it("makes a notification rule, keeps its secret, and tests it", async () => {
    const page = await openPage(admin, app, "settings?group=notifications");
    await page.getByRole("button", { name: "Add a rule" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Night guard");
    await dialog.getByLabel("Mail server").fill("127.0.0.1");
    await dialog.getByLabel("Port").fill("9");
    await dialog.getByLabel("Password").fill("s3cret of the mail");
    await dialog.getByLabel("To", { exact: false }).fill("no address");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText("is no email address").waitFor();
    await dialog.getByLabel("To", { exact: false }).fill("a@example.org, b@example.org");
    await dialog.getByLabel("Quiet hours").fill("22:00-06:00");
    await expectAccessible(page);
    await shoot(page, "settings-rule");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const row = page.locator("tr", { hasText: "Night guard" });
    await row.getByText("a@example.org, b@example.org").waitFor();
    await row.getByRole("button", { name: "Test" }).click();
    await row.getByRole("alert").waitFor();
    await row.getByRole("button", { name: "Change" }).click();
    await dialog.getByLabel("Quiet hours").fill("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    const answer = await admin.request.get(`${app.address}/api/v1/notification_rules`);
    const { items } = (await answer.json()) as { items: Record<string, unknown>[] };
    assert.equal(items[0]?.["quiet_hours"], null);
    assert.equal((items[0]?.["channel"] as { password: string }).password, "***");
    await expectAccessible(page);
  });

  it("adds an exporter and says what its test did", async () => {
    const page = await openPage(admin, app, "settings?group=exporters");
    await page.getByRole("button", { name: "Add an exporter" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Central");
    await dialog.getByLabel("Address").fill("http://127.0.0.1:9/events");
    await dialog.getByLabel("Login").selectOption("bearer");
    await dialog.getByLabel("Token").fill("a token of the central");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const row = page.locator("tr", { hasText: "Central" });
    await row.getByRole("button", { name: "Test" }).click();
    await row.getByText(/It does not work/).waitFor();
    await expectAccessible(page);
    await shoot(page, "settings-exporters");
  });

  it("shows what the environment sets, without its secrets", async () => {
    const page = await openPage(admin, app, "settings?group=environment");
    await page.getByText("ALPR_MIN_CONFIDENCE", { exact: true }).waitFor();
    const text = (await page.locator("#pg-main").textContent()) ?? "";
    assert.match(text, /WEBHOOK_SECRETset, not shown/);
    assert.doesNotMatch(text, /a secret of the webhook|correct horse/);
    await expectAccessible(page);
  });

  it("gives each role its groups, on the server too", async () => {
    const page = await openPage(manager, app, "settings");
    await page.locator(".pg-tabs button").first().waitFor();
    assert.equal(await page.locator(".pg-tabs button").count(), 2);
    for (const path of ["settings", "settings/environment", "notification_rules"]) {
      const answer = await manager.request.get(`${app.address}/api/v1/${path}`);
      assert.equal(answer.status(), 403, path);
    }
    const analyst = await windowOf(browser, app, "analyst");
    await (
      await openPage(analyst, app, "settings")
    )
      .getByText("Your role may not see this page")
      .waitFor();
    const refused = await analyst.request.patch(`${app.address}/api/v1/settings/access`, {
      data: { occupancy_limit: 1 },
    });
    assert.equal(refused.status(), 403);
    await analyst.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    const look = { language: "th", phone: true, dark: true } as const;
    const phone = await windowOf(browser, app, "admin", look);
    for (const group of ["deciding", "lanes", "storage", "notifications", "exporters"]) {
      const page = await openPage(phone, app, `settings?group=${group}`);
      await page.locator("form, .pg-table, .pg-empty").first().waitFor();
      await expectNoSideScroll(page);
      await expectAccessible(page);
      await shoot(page, `settings-${group}-phone`);
    }
    await phone.close();
  });
});
