import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  type RunningApplication,
} from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";

const ROOT = process.cwd();
const SHOTS = join(ROOT, "test", "output");

interface Manifest {
  "node-red": { nodes: Record<string, string> };
}

describe("the editor in a browser", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let browser: Browser;
  let page: Page;
  const types = Object.keys(
    (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest)["node-red"].nodes,
  );
  const inPalette = types.filter((type) => !type.startsWith("plategate-"));

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    mkdirSync(SHOTS, { recursive: true });
    app = await startApplication({ env: { PLATEGATE_DEMO: "1" } });
    browser = await launchBrowser(path);
    page = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
    page.setDefaultTimeout(60_000);
    await page.goto(`${app.address}/admin/`);
    await page.fill("#node-dialog-login-username", "admin");
    await page.fill("#node-dialog-login-password", ADMIN_PASSWORD);
    await page.click("#node-dialog-login-submit");
    await page
      .locator("#red-ui-palette-container .red-ui-palette-node")
      .first()
      .waitFor({ state: "attached" });
    await page.locator("#red-ui-header-button-deploy").waitFor();
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  it("has every node in the palette, with its icon and label", async () => {
    for (const type of inPalette) {
      await page
        .locator(`.red-ui-palette-node[data-palette-type="${type}"]`)
        .waitFor({ state: "attached" });
    }
    const node = page.locator('.red-ui-palette-node[data-palette-type="plate-detect"]');
    await node.scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(SHOTS, "palette.png") });
  });

  it("finds nothing wrong with the shipped flows", async () => {
    const invalid = await page.evaluate(() => {
      interface EditorNode {
        type: string;
        valid?: boolean;
        validationErrors?: string[];
      }
      type Each = (visit: (node: EditorNode) => void) => void;
      const { nodes } = (
        window as unknown as { RED: { nodes: { eachNode: Each; eachConfig: Each } } }
      ).RED;
      const found: string[] = [];
      const look = (node: EditorNode): void => {
        if (node.valid === false) found.push(`${node.type}: ${node.validationErrors?.join()}`);
      };
      nodes.eachConfig(look);
      nodes.eachNode(look);
      return found;
    });
    assert.deepEqual(invalid, []);
  });

  it("offers an example for every node that is not a config node", () => {
    const examples = new Set(
      readdirSync(join(ROOT, "examples")).filter((name) => name.endsWith(".json")),
    );
    for (const type of inPalette)
      assert.ok(examples.has(`${type}.json`), `examples/${type}.json is missing`);
  });

  it("imports an example and deploys it", async () => {
    const example = readFileSync(join(ROOT, "examples", "plate-detect.json"), "utf8");
    await page.keyboard.press("Control+i");
    const dialog = page.locator("#red-ui-clipboard-dialog");
    await dialog.waitFor();
    await page.fill("#red-ui-clipboard-dialog-import-text", example);
    // The dialog judges the text when a key comes up, which filling in does not do.
    await page.locator("#red-ui-clipboard-dialog-import-text").press("End");
    await page.click("#red-ui-clipboard-dialog-ok");
    await dialog.waitFor({ state: "hidden" });
    await page.mouse.click(750, 500);
    await page.click("#red-ui-header-button-deploy");
    const confirm = page.locator(".red-ui-notification button.primary", { hasText: /confirm/i });
    await Promise.race([
      page.getByText("Successfully deployed").first().waitFor(),
      confirm
        .first()
        .waitFor()
        .then(() => confirm.first().click()),
    ]);
    await page.getByText("Successfully deployed").first().waitFor();
    await page.screenshot({ path: join(SHOTS, "editor.png") });
  });

  it("opens every node's form without an error", async () => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    const missing = await page.evaluate((names) => {
      const red = (window as unknown as { RED: { nodes: { getType(type: string): unknown } } }).RED;
      return names.filter(
        (name) =>
          !red.nodes.getType(name) ||
          !document.querySelector(`script[data-template-name="${name}"]`) ||
          !document.querySelector(`script[data-help-name="${name}"]`),
      );
    }, types);
    assert.deepEqual(missing, [], "nodes without a form or help");
    assert.deepEqual(errors, []);
  });
});
