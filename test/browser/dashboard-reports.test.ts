import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Browser, BrowserContext } from "playwright-core";
import { caller } from "../fixtures/api-client";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";
import {
  addUser,
  expectAccessible,
  lookAtNight,
  openPage,
  shoot,
  windowOf,
} from "../fixtures/dashboard";

describe("the dashboard: reports", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let manager: BrowserContext;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    app = await startApplication();
    for (const [i, plate_text] of ["AB123CD", "กข1234"].entries()) {
      const event = { event_id: `rep-${i}`, plate_text, camera_id: "North gate" };
      assert.equal((await caller(app)("POST", "/events/ingest", event)).status, 202);
    }
    for (const role of ["clerk", "analyst", "manager"] as const) await addUser(app, role);
    browser = await launchBrowser(path);
    manager = await windowOf(browser, app, "manager");
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  it("makes a report, shows it when it is done, and gives its file", async () => {
    const page = await openPage(manager, app, "reports");
    await page.getByText("No report yet").waitFor();
    const form = page.getByRole("form", { name: "New report" });
    await form.getByLabel("Name").fill("รายงานวันนี้");
    await form.getByLabel("Content").selectOption("passages");
    await form.getByLabel("Format").selectOption("csv");
    await form.getByLabel("Period").selectOption("today");
    await form.getByRole("button", { name: "Keep as a template" }).click();
    await form.getByText("Kept as a template.").waitFor();
    await form.getByRole("button", { name: "Make the report" }).click();
    const row = page.locator("tr", { hasText: "รายงานวันนี้" });
    await row.getByText("2 lines").waitFor();
    await expectAccessible(page);
    const waiting = page.waitForEvent("download");
    await row.getByRole("link", { name: /Download/ }).click();
    const download = await waiting;
    assert.match(download.suggestedFilename(), /^รายงานวันนี้ .*\.csv$/);
    const text = readFileSync(await download.path(), "utf8");
    assert.ok(text.includes("กข1234"), text);
    await form.getByLabel("Period").selectOption("custom");
    await form.getByRole("button", { name: "Make the report" }).click();
    await form.getByText("start_date is required").first().waitFor();
    await expectAccessible(page);
    await shoot(page, "reports");
  });

  it("uses templates again", async () => {
    const page = await openPage(manager, app, "reports?tab=templates");
    await page.getByRole("button", { name: "Use รายงานวันนี้" }).click();
    const form = page.getByRole("form", { name: "New report" });
    assert.equal(await form.getByLabel("Period").inputValue(), "today");
    await page.getByRole("button", { name: "Templates" }).click();
    await page.getByRole("button", { name: "Delete รายงานวันนี้" }).click();
    await page.getByText("No template yet").waitFor();
  });

  it("plans a report for each week, and says when it comes next", async () => {
    const page = await openPage(manager, app, "reports?tab=schedules");
    await page.getByText("No mail server is set").waitFor();
    await page.getByRole("button", { name: "Add a schedule" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Weekly figures");
    await dialog.getByLabel("Weekday").selectOption("5");
    await dialog.getByLabel("At", { exact: true }).fill("07:30");
    await dialog.getByLabel("Mail to").fill("nobody");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("is no address").waitFor();
    await dialog.getByLabel("Mail to").fill("boss@example.org, guard@example.org");
    await expectAccessible(page);
    await shoot(page, "reports-schedule");
    await dialog.getByRole("button", { name: "Save" }).click();
    const line = page.locator("li", { hasText: "Weekly figures" });
    await line.getByText("Each Friday at 07:30").waitFor();
    await line.getByText(/^Next:/).waitFor();
    await line.getByRole("button").click();
    await dialog.getByLabel("How often").selectOption("month");
    await dialog.getByLabel("Day of the month").fill("31");
    await dialog.getByRole("button", { name: "Save" }).click();
    await line.getByText("Each month on day 31 at 07:30").waitFor();
    await expectAccessible(page);
  });

  it("lets analysts make reports and only look at schedules; clerks see nothing", async () => {
    const analyst = await windowOf(browser, app, "analyst");
    const page = await openPage(analyst, app, "reports?tab=schedules");
    await page.locator("li", { hasText: "Weekly figures" }).waitFor();
    assert.equal(
      await page.getByRole("button", { name: /Add a schedule|Weekly figures/ }).count(),
      0,
    );
    await page.getByRole("button", { name: "Reports", exact: true }).click();
    await page.locator("tr", { hasText: "รายงานวันนี้" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /Delete/ }).count(), 0);
    await analyst.close();
    const clerk = await windowOf(browser, app, "clerk");
    await (
      await openPage(clerk, app, "reports")
    )
      .getByText("Your role may not see this page")
      .waitFor();
    await clerk.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    await lookAtNight(browser, app, "manager", {
      reports: "reports",
      "reports-templates": "reports?tab=templates",
      "reports-schedules": "reports?tab=schedules",
    });
  });
});
