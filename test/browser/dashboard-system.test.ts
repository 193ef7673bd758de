import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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

describe("the dashboard: system", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let admin: BrowserContext;
  let receiver: Server;
  /** What the other system says of what it gets. */
  let answer = 422;
  let taken = 0;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    app = await startApplication();
    await addUser(app, "manager");
    browser = await launchBrowser(path);
    admin = await windowOf(browser, app, "admin");
    receiver = createServer((request, response) => {
      request.resume().on("end", () => {
        if (answer === 200) taken += 1;
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const { port } = receiver.address() as AddressInfo;
    const json = { "Content-Type": "application/json" };
    const url = `http://127.0.0.1:${port}/events`;
    const made = await app.get("/config/exporters", {
      method: "POST",
      headers: json,
      body: JSON.stringify({ name: "Central", type: "rest", url }),
    });
    assert.equal(made.status, 201, await made.text());
    for (const event_id of ["e1", "e2", "e3"]) {
      const body = JSON.stringify({ event_id, plate_text: "KX48PLG" });
      await app.get("/events/ingest", { method: "POST", headers: json, body });
    }
  });
  after(async () => {
    await browser?.close();
    receiver?.close();
    await discard(app);
  });

  it("shows the state of the parts", async () => {
    const page = await openPage(admin, app, "system");
    await page.locator(".pg-parts", { hasText: "Database" }).waitFor();
    await expectAccessible(page);
    await shoot(page, "system");
  });

  it("shows dead letters, sends one again, and drops the rest when asked twice", async () => {
    const page = await openPage(admin, app, "system?group=outbox");
    const letters = page.getByLabel("Dead letters");
    await letters.locator("tbody tr").nth(2).waitFor();
    await expectAccessible(page);
    await shoot(page, "system-outbox");
    answer = 200;
    await letters.getByRole("button", { name: "Send again" }).first().click();
    await letters.locator("tbody tr").nth(2).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Drop all" }).click();
    assert.equal(await letters.locator("tbody tr").count(), 2, "nothing is dropped yet");
    await page.getByRole("button", { name: "Drop 2 for good" }).click();
    await letters.waitFor({ state: "detached" });
    assert.equal(taken, 1);
  });

  it("follows the log, by level and text, without secrets", async () => {
    const page = await openPage(admin, app, "system?group=logs");
    const log = page.getByRole("log");
    await log.locator("p").first().waitFor();
    const asked = await app.get("/api/v1/nothing/here");
    const id = asked.headers.get("x-request-id") ?? "";
    await log.getByText(id).waitFor();
    await page.getByLabel("Text in the line").fill(id);
    await page.getByRole("button", { name: "Search" }).click();
    // the lines before the search have the one that is looked for, too
    await log.locator("p").nth(1).waitFor({ state: "detached" });
    assert.equal(await log.locator("p").count(), 1);
    await expectAccessible(page);
    await shoot(page, "system-log");
    await page.getByLabel("From level").selectOption("error");
    await page.getByText("No line matches yet").waitFor();
    const all = await (await admin.request.get(`${app.address}/api/v1/logs?level=debug`)).text();
    assert.doesNotMatch(all, /correct horse/);
  });

  it("draws the last hour", async () => {
    const page = await openPage(admin, app, "system?group=monitoring");
    await page.locator(".pg-line path[d^=M]").first().waitFor({ timeout: 60_000 });
    await page.getByRole("img", { name: /Memory: now \d/ }).waitFor();
    await expectAccessible(page);
    await shoot(page, "system-monitoring");
  });

  it("finds in the audit log who did what to what", async () => {
    const page = await openPage(admin, app, "system?group=audit");
    await page.getByLabel("What", { exact: true }).fill("outbox");
    await page.getByRole("button", { name: "Search" }).click();
    // The list before the search has both, so what must go is waited for, not what must come.
    await page.locator("td", { hasText: "outbox.drop" }).first().waitFor();
    await page.locator("td", { hasText: "auth.login" }).first().waitFor({ state: "detached" });
    assert.ok((await page.locator("td", { hasText: "outbox.drop" }).count()) > 0);
    await page.getByLabel("What", { exact: true }).fill("outbox.resend");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("1–1 of 1").waitFor();
    await expectAccessible(page);
  });

  it("is the administrators' alone, on the server too", async () => {
    const manager = await windowOf(browser, app, "manager");
    await (
      await openPage(manager, app, "system")
    )
      .getByText("Your role may not see this page")
      .waitFor();
    for (const path of ["logs", "monitoring", "outbox", "audit"]) {
      const refused = await manager.request.get(`${app.address}/api/v1/${path}`);
      assert.equal(refused.status(), 403, path);
    }
    await manager.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    const look = { language: "th", phone: true, dark: true } as const;
    const phone = await windowOf(browser, app, "admin", look);
    for (const group of ["health", "monitoring", "logs", "outbox", "audit"]) {
      const page = await openPage(phone, app, `system?group=${group}`);
      await page.locator(".pg-card").first().waitFor();
      await expectNoSideScroll(page);
      await expectAccessible(page);
      await shoot(page, `system-${group}-phone`);
    }
    await phone.close();
  });
});
