import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
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

describe("the dashboard: recorded rules", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let manager: BrowserContext;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    app = await startApplication({ env: { PLATEGATE_DEMO: "1" } });
    for (const role of ["analyst", "manager"] as const) await addUser(app, role);
    browser = await launchBrowser(path);
    manager = await windowOf(browser, app, "manager");
    // the next car is refused only once the one before it has left and is in the record
    for (const result of ["open", "deny"]) {
      for (let total = 0; total === 0; await delay(200)) {
        const answer = await app.get(`/api/v1/decisions?result=${result}&limit=1`);
        ({ total } = (await answer.json()) as { total: number });
      }
    }
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  const start = (data: object) =>
    manager.request.post(`${app.address}/api/v1/rule_trials`, { data });

  it("shows what a deny list entry would have decided, and saves it", async () => {
    const page = await openPage(manager, app, "rules");
    await page.getByLabel("What to change").selectOption("watch");
    await page.getByLabel("Plate or pattern").fill("KX*");
    assert.equal(await page.getByRole("button", { name: "Save this change" }).count(), 0);
    await page.getByRole("button", { name: "Try it" }).click();
    const result = page.getByLabel("What it would have decided");
    await result.getByText(/would have come out differently/).waitFor();
    const rows = result.locator("tbody tr", { hasText: "KX48PLG" });
    const row = rows.filter({ hasText: "on the deny list" }).first();
    await row.waitFor();
    await row.locator("img").evaluate((image) => (image as HTMLImageElement).decode());
    await expectAccessible(page);
    await shoot(page, "rules");
    const entries = `${app.address}/api/v1/watch_entries`;
    const totalOf = async (): Promise<number> =>
      ((await (await manager.request.get(entries)).json()) as { total: number }).total;
    assert.equal(await totalOf(), 0, "trying changes nothing");
    await page.getByRole("button", { name: "Save this change" }).click();
    await page.getByText("Saved").waitFor();
    assert.equal(await totalOf(), 1);
  });

  it("asks for a new trial when the change is another one", async () => {
    const page = await openPage(manager, app, "rules");
    const least = page.getByLabel("Least sure (%)").first();
    await least.fill("100");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByRole("button", { name: "Save this change" }).waitFor();
    await least.fill("80");
    await page.getByRole("button", { name: "Save this change" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByRole("button", { name: "Save this change" }).click();
    await page.getByText("Saved").waitFor();
    const gates = (await (await manager.request.get(`${app.address}/api/v1/gates`)).json()) as {
      items: { lane_id: string | null; rules: { min_confidence: number } }[];
    };
    const gate = gates.items.find(({ lane_id: lane }) => lane === "entry");
    assert.equal(gate?.rules.min_confidence, 0.8);
  });

  it("refuses what is no change, and who may not", async () => {
    assert.equal((await start({ change: {} })).status(), 422);
    assert.equal((await start({ change: { rules: { min_confidence: 7 } } })).status(), 422);
    assert.equal((await start({ change: { nonsense: 1 } })).status(), 422);
    const analyst = await windowOf(browser, app, "analyst");
    await (
      await openPage(analyst, app, "rules")
    )
      .getByText("Your role may not see this page")
      .waitFor();
    const refused = await analyst.request.post(`${app.address}/api/v1/rule_trials`, {
      data: { change: { remove: ["KX48PLG"] } },
    });
    assert.equal(refused.status(), 403);
    await analyst.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    const look = { language: "th", phone: true, dark: true } as const;
    const phone = await windowOf(browser, app, "manager", look);
    const page = await openPage(phone, app, "rules");
    await page.locator("select[name=kind]").selectOption("vehicle");
    await page.locator("input[name=plate]").fill("KX48 PLG");
    await page.keyboard.press("Enter");
    await page.locator("input[name=off]").check();
    await page.locator("form .pg-button.main").click();
    await page.locator(".pg-trial-line").waitFor();
    await expectNoSideScroll(page);
    await expectAccessible(page);
    await shoot(page, "rules-phone");
    await phone.close();
  });
});
