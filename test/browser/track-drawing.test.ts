import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { settingsFromFields } from "../../core/vision/tracking/input";
import { browserPath, launchBrowser } from "../fixtures/browser";

const ROOT = process.cwd();
const SHOTS = join(ROOT, "test", "output");
const VENDOR = require.resolve("@node-red/editor-client/public/vendor/vendor.js");

/** The form's inputs and the drawing between them, with the editor's own jQuery. */
const PAGE = `<body style="margin:20px">
  <div id="drawing" style="width:640px"></div>
  <input id="zones" /><input id="lines" /></body>`;

describe("drawing zones and lines", function () {
  this.timeout(120_000);
  let browser: Browser | undefined;
  let page: Page;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    mkdirSync(SHOTS, { recursive: true });
    browser = await launchBrowser(path);
  });
  after(() => browser?.close());

  beforeEach(async () => {
    if (!browser) return;
    page = await browser.newPage({ viewport: { width: 800, height: 700 } });
    page.setDefaultTimeout(30_000);
    await page.setContent(PAGE);
    for (const file of [VENDOR, join(ROOT, "resources", "track-drawing.js")]) {
      await page.addScriptTag({ content: readFileSync(file, "utf8") });
    }
    await page.evaluate(`plategateTrackDrawing.attach($("#drawing"), {
      zones: $("#zones"), lines: $("#lines"), text: (key) => key,
    })`);
  });
  afterEach(() => page?.close());

  /** Clicks at fractions of the drawing. */
  async function click(...points: [number, number][]): Promise<void> {
    const area = await page.locator("svg").boundingBox();
    assert.ok(area);
    for (const [x, y] of points) {
      await page.mouse.click(area.x + x * area.width, area.y + y * area.height);
    }
  }

  async function settings() {
    return settingsFromFields({
      zones: await page.inputValue("#zones"),
      lines: await page.inputValue("#lines"),
    });
  }

  const near = (a: readonly number[] | undefined, b: readonly number[]) =>
    a?.every((value, i) => Math.abs(value - (b[i] ?? 0)) < 0.005);

  it("writes a closed zone with its lane as the node reads it", async () => {
    await page.click('[data-tool="zone"]');
    await click([0.1, 0.2], [0.6, 0.2], [0.6, 0.9], [0.1, 0.9], [0.1, 0.2]);
    await page.fill('input[placeholder="lane"]', "north");
    await page.press('input[placeholder="lane"]', "Tab");
    const [zone] = (await settings()).zones;
    assert.equal(zone?.laneId, "north");
    assert.equal(zone.polygon.length, 4);
    assert.ok(near(zone.polygon[2], [0.6, 0.9]), JSON.stringify(zone.polygon));
    assert.equal(await page.locator("svg polygon").count(), 1);
  });

  it("writes two lines, and begins anew with a third", async () => {
    await page.click('[data-tool="line"]');
    await click([0.1, 0.3], [0.9, 0.3], [0.1, 0.7], [0.9, 0.7]);
    const { lines } = await settings();
    assert.ok(near(lines?.[0][0], [0.1, 0.3]) && near(lines?.[1][1], [0.9, 0.7]));
    await page.screenshot({ path: join(SHOTS, "track-drawing.png") });
    await page.click('[data-tool="line"]');
    await click([0.2, 0.5], [0.8, 0.5]);
    assert.equal(await page.locator("svg polyline").count(), 2, "one line and the draft");
  });

  it("shows what was there, and clears it", async () => {
    await page.fill("#zones", '[{"lane":"in","polygon":[[0,0],[1,0],[1,1]]}]');
    await page.press("#zones", "End");
    assert.equal(await page.locator("svg text").first().textContent(), "in");
    await page.click('[data-tool="clear"]');
    assert.deepEqual((await settings()).zones, []);
  });
});
