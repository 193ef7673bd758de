import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext } from "playwright-core";
import sharp from "sharp";
import { caller } from "../fixtures/api-client";
import {
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
  lookAtNight,
  openPage,
  shoot,
  windowOf,
} from "../fixtures/dashboard";

const MINUTE = 60_000;

/** A site seen from above. */
function sitePlan(): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="700">
    <rect width="1200" height="700" fill="#e9eee6"/>
    <path d="M0 350H1200M600 0V700" stroke="#b9c0c4" stroke-width="70"/>
    <rect x="120" y="80" width="360" height="180" fill="#cfd8dc"/>
    <rect x="720" y="430" width="360" height="180" fill="#cfd8dc"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

describe("the dashboard: map", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let manager: BrowserContext;
  let tiles: Server;
  const asked: string[] = [];

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    tiles = createServer((request, response) => {
      asked.push(request.url ?? "");
      const tile = {
        create: { width: 256, height: 256, channels: 3, background: "#b7d3c6" },
      } as const;
      void sharp(tile)
        .png()
        .toBuffer()
        .then((png) => response.setHeader("Content-Type", "image/png").end(png));
    });
    await new Promise<void>((resolve) => tiles.listen(0, "127.0.0.1", resolve));
    app = await startApplication();
    const seen: [string, string, number][] = [
      ...(["AB123CD", "KX48PLG", "กข1234"] as const).flatMap(
        (plate, i): [string, string, number][] => [
          [plate, "North gate", 600 - i * 7],
          [plate, "Yard", 594 - i * 7],
          [plate, "South gate", 560 - i * 9],
        ],
      ),
      ["AB123CD", "Yard", 120],
      ["AB123CD", "North gate", 100],
    ];
    for (const [i, [plate_text, camera_id, minutes]] of seen.entries()) {
      const timestamp = new Date(Date.now() - minutes * MINUTE).toISOString();
      const event = { event_id: `map-${i}`, plate_text, camera_id, timestamp };
      assert.equal((await caller(app)("POST", "/events/ingest", event)).status, 202);
    }
    for (const role of ["user", "analyst", "manager"] as const) await addUser(app, role);
    browser = await launchBrowser(path);
    manager = await windowOf(browser, app, "manager");
  });
  after(async () => {
    await browser?.close();
    tiles?.close();
    await discard(app);
  });

  it("adds a plan with a picture and places cameras by mouse, keys and numbers", async () => {
    const page = await openPage(manager, app, "map?tab=places");
    await page.getByText("There is no plan yet").waitFor();
    await page.getByLabel("Name of a plan").fill("The yard");
    await page.getByRole("button", { name: "Add a plan" }).click();
    const file = { name: "plan.png", mimeType: "image/png", buffer: await sitePlan() };
    await page.getByLabel("Picture of this plan").setInputFiles(file);
    await page.locator(".pg-map img.leaflet-image-layer").waitFor();
    for (const name of ["North gate", "Yard", "South gate"]) {
      await page.getByRole("button", { name: `Place ${name}`, exact: true }).click();
      await page.locator("li", { hasText: name }).getByText("placed", { exact: true }).waitFor();
    }
    type Spot = { x: number; y: number; bearing: number | null };
    let last: Spot | undefined;
    const spot = async (name: string): Promise<Spot | undefined> => {
      const answer = await manager.request.get(`${app.address}/api/v1/map`);
      const { plans } = (await answer.json()) as { plans: { cameras: Record<string, Spot> }[] };
      return plans[0]?.cameras[name];
    };
    // all three lie in the middle; the one on top is dragged to the upper left
    const saved = () => page.waitForResponse((one) => one.request().method() === "PATCH");
    const marker = page.locator('.pg-map-place[data-place="North gate"]');
    const box = await page.locator(".pg-map").boundingBox();
    assert.ok(box);
    const south = page.locator('.pg-map-place[data-place="South gate"]');
    const from = await south.boundingBox();
    assert.ok(from);
    const dragged = saved();
    await page.mouse.move(from.x + 13, from.y + 13);
    await page.mouse.down();
    await page.mouse.move(from.x + 150, from.y + 120, { steps: 8 });
    await page.mouse.up();
    await dragged;
    const moved = await Promise.all(["North gate", "Yard", "South gate"].map(spot));
    assert.ok(
      moved.some((one) => (one?.x ?? 0) > 0.52 && (one?.y ?? 0) > 0.52),
      JSON.stringify(moved),
    );

    const before = await spot("North gate");
    const byKey = saved();
    await marker.focus();
    await page.keyboard.press("ArrowLeft");
    await byKey;
    const after = await spot("North gate");
    assert.ok((after?.x ?? 1) < (before?.x ?? 0), JSON.stringify([before, after]));

    for (const [name, x, y] of [
      ["North gate", "15", "50"],
      ["Yard", "50", "50"],
      ["South gate", "84", "50"],
    ] as const) {
      await page.locator("li").getByRole("button", { name, exact: true }).click();
      for (const [label, value] of [
        ["From the left, %", x],
        ["From the top, %", y],
      ] as const) {
        await page.getByLabel(label).fill(value);
        await page.getByLabel(label).press("Enter");
      }
      await waitFor(
        async () => {
          const now = (last = await spot(name));
          return now?.x === Number(x) / 100 && now.y === Number(y) / 100 ? true : undefined;
        },
        10_000,
        () => `${name} to be at ${x}, ${y}, not ${JSON.stringify(last)}`,
      );
    }
    await page.getByLabel(/Looks to/).fill("90");
    await page.getByText("Looks to 90°").waitFor();
    await waitFor(
      async () => ((await spot("South gate"))?.bearing === 90 ? true : undefined),
      10_000,
      () => "the bearing to be kept",
    );
    assert.deepEqual(await spot("South gate"), { x: 0.84, y: 0.5, bearing: 90 });
    await expectAccessible(page);
    await expectNoSideScroll(page);
    await shoot(page, "map-places");
  });

  it("draws the path of a plate in order and plays it", async () => {
    const page = await openPage(manager, app, "map");
    await page.getByLabel("Plate").fill("ab 123 cd");
    await page.getByLabel("Purpose").fill("stolen");
    await page.getByRole("button", { name: "Show the path" }).click();
    await page.getByText("Passage 5 of 5").waitFor();
    const stops = await page.locator(".pg-map-stop strong").allTextContents();
    assert.deepEqual(
      stops.map((text) => text.replace(/^\d+\. /, "")),
      ["North gate", "Yard", "South gate", "Yard", "North gate"],
    );
    assert.equal(await page.locator("path.pg-map-line").count(), 4);
    await page.getByText("6 min").first().waitFor();
    await expectAccessible(page);
    await shoot(page, "map-track");
    await page.getByRole("button", { name: "Play" }).click();
    await page.getByText("Passage 1 of 5").waitFor();
    await page.getByText("Passage 5 of 5").waitFor();
    await page.getByRole("button", { name: "Analytics" }).click();
    await page.getByRole("button", { name: "Tracking" }).click();
    await page.getByText("Passage 5 of 5").waitFor();
    assert.equal(await page.getByLabel("Purpose").inputValue(), "stolen");
    await page.getByLabel("Plate").fill("ZZ999");
    await page.getByRole("button", { name: "Show the path" }).click();
    await page.getByText("Not seen in this time").waitFor();
    // an address names the plate alone: nobody is looked up before a purpose can be given
    const linked = await openPage(manager, app, "map?tab=track&plate=AB123CD");
    await linked.getByText("Enter a plate").waitFor();
    assert.equal(await linked.getByLabel("Plate").inputValue(), "AB123CD");
  });

  it("shows the ways between places with their times", async () => {
    const analyst = await windowOf(browser, app, "analyst");
    const page = await openPage(analyst, app, "map?tab=flows");
    const row = page.locator("tr", { hasText: "North gate → Yard" });
    await row.getByText("3", { exact: true }).waitFor();
    await row.getByRole("button").click();
    await page.locator("path.pg-map-line.chosen").waitFor();
    await expectAccessible(page);
    await shoot(page, "map-flows");
    await page.getByRole("button", { name: "Locations" }).click();
    await page.getByRole("heading", { name: "Cameras" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /Add a plan|^Place/ }).count(), 0);
    assert.equal(await page.getByLabel("Address of tiles").count(), 0);
    await analyst.close();
  });

  it("asks no tile server before one is set, and then only that one", async () => {
    const admin = await windowOf(browser, app, "admin");
    const page = await openPage(admin, app, "map?tab=places&base=earth");
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.locator(".pg-map").waitFor();
    const foreign = () => requests.filter((url) => !url.startsWith(app.address));
    assert.deepEqual(foreign(), []);
    assert.deepEqual(asked, []);
    const { port } = tiles.address() as AddressInfo;
    await page.getByLabel("Address of tiles").fill(`http://127.0.0.1:${port}/{z}/{x}/{y}.png`);
    await page.getByLabel("Attribution").fill("© <b>Tile makers</b>");
    await page.getByLabel("Map server").getByRole("button", { name: "Save" }).click();
    await page.locator("img.leaflet-tile-loaded").first().waitFor();
    await page.getByText("© <b>Tile makers</b>").waitFor();
    assert.ok(asked.length > 0);
    assert.deepEqual(
      foreign().filter((url) => !url.startsWith(`http://127.0.0.1:${port}/`)),
      [],
    );
    await page.getByRole("button", { name: "Place Yard", exact: true }).click();
    await page.locator("li", { hasText: "Yard" }).getByText("placed", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Add a location" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Border");
    await dialog.getByLabel("Latitude").fill("48.2");
    await dialog.getByLabel("Longitude").fill("-16.4");
    await dialog.getByLabel("South gate").check();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator('.pg-map-place[data-place="location:location-001"]').waitFor();
    await expectAccessible(page);
    await shoot(page, "map-earth");
    await admin.close();
  });

  it("is not for those who may only look", async () => {
    const user = await windowOf(browser, app, "user");
    const page = await openPage(user, app, "map");
    await page.getByText("Your role may not see this page").waitFor();
    await user.close();
  });

  it("is usable on a phone at night, in Thai", async () => {
    await lookAtNight(browser, app, "manager", {
      "map-track": "map?tab=track&plate=AB123CD",
      "map-flows": "map?tab=flows",
      "map-places": "map?tab=places",
    });
  });
});
