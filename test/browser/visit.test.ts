import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { caller, type Json } from "../fixtures/api-client";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";
import { expectAccessible, shoot } from "../fixtures/dashboard";

describe("the visitor's page in a browser", function () {
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

  /** A telephone at an address, and what its browser complains of. */
  async function telephone(
    url: string,
    locale: string,
  ): Promise<{ page: Page; troubles: string[] }> {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") troubles.push(message.text());
    });
    page.on("pageerror", (error) => troubles.push(error.message));
    await page.goto(url);
    return { page, troubles };
  }

  async function pass(fields: Json = {}): Promise<{ link: string; id: string }> {
    const made = await caller(app)("POST", "/api/v1/visitor_passes", { visitor: "Bo", ...fields });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return { link: String(made.body.link), id: String(made.body.id) };
  }

  const plateOf = async (id: string): Promise<unknown> =>
    (await caller(app)("GET", `/api/v1/visitor_passes/${id}`)).body.plate;

  it("takes the plate that a visitor types, and another one after that", async () => {
    const { link, id } = await pass({ valid_until: "2099-01-01T10:00:00Z" });
    const { page, troubles } = await telephone(link, "en-GB");
    await page.getByLabel("Number plate of your car").fill("vi 51-tor");
    await shoot(page, "visit-en");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved. The gate opens for your car.").waitFor();
    assert.match((await page.locator("#validity").textContent()) ?? "", /2099/);
    assert.equal(await plateOf(id), "VI51TOR");
    await shoot(page, "visit-saved");
    await page.getByRole("button", { name: "Change the plate" }).click();
    await page.getByLabel("Number plate of your car").fill("VI52 TOR");
    await page.keyboard.press("Enter");
    await page.getByText("Saved. The gate opens for your car.").waitFor();
    assert.equal(await plateOf(id), "VI52TOR");
    await expectAccessible(page, "main");
    assert.deepEqual(troubles, []);
  });

  it("speaks Thai, and says what is wrong", async () => {
    const { link, id } = await pass();
    const { page } = await telephone(link, "th-TH");
    const plate = page.getByLabel("ทะเบียนรถของคุณ");
    await plate.fill("--");
    await page.getByRole("button", { name: "บันทึก" }).click();
    await page.getByText("โปรดใส่ตัวอักษรและตัวเลขของทะเบียน").waitFor();
    await shoot(page, "visit-th");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByLabel("Number plate of your car").fill("กข 1234");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved. The gate opens for your car.").waitFor();
    assert.equal(await plateOf(id), "กข1234");
    const gone = await telephone(`${app.address}/visit/AAAAA-AAAAA`, "en-GB");
    await gone.page.getByLabel("Number plate of your car").fill("AB1");
    await gone.page.getByRole("button", { name: "Save" }).click();
    await gone.page.getByText("This link is not valid. Ask your host for a new one.").waitFor();
  });
});
