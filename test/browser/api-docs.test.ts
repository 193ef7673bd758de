import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";

describe("the documentation page in a browser", function () {
  this.timeout(240_000);
  let app: RunningApplication;
  let browser: Browser;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip(); // there is no browser
    app = await startApplication();
    browser = await launchBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  it("shows the operations, asks no other host and breaks no rule of its policy", async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const troubles: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => {
      if (message.type() === "error") troubles.push(message.text());
    });
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== "data:") hosts.add(host);
    });
    await page.goto(`${app.address}/docs`);
    await page.locator("text=Reference 2").first().waitFor();
    await page.locator("#operations-tag-plategate").click();
    await page.locator(".opblock-summary-path[data-path='/api/v1/api_keys']").first().click();
    await page.locator(".opblock-body").first().waitFor();
    assert.deepEqual(troubles, []);
    assert.deepEqual([...hosts], [new URL(app.address).host]);
  });
});
