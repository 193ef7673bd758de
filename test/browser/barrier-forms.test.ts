import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  type RunningApplication,
} from "../fixtures/application";
import { browserPath, launchBrowser } from "../fixtures/browser";

const SHOTS = join(process.cwd(), "test", "output");

/** What is used of the editor's global object inside the page. */
interface EditorPage {
  RED: {
    nodes: {
      import(nodes: unknown[]): unknown;
      node(id: string): { valid: boolean; validationErrors?: string[] };
    };
    editor: { edit(node: unknown): void };
  };
}

describe("the barriers' forms in a browser", function () {
  this.timeout(240_000);
  let app: RunningApplication;
  let browser: Browser;
  let page: Page;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    mkdirSync(SHOTS, { recursive: true });
    app = await startApplication();
    browser = await launchBrowser(path);
    page = await browser.newPage({ viewport: { width: 1500, height: 1400 } });
    page.setDefaultTimeout(60_000);
    await page.goto(`${app.address}/admin/`);
    await page.fill("#node-dialog-login-username", "admin");
    await page.fill("#node-dialog-login-password", ADMIN_PASSWORD);
    await page.click("#node-dialog-login-submit");
    await page.locator("#red-ui-header-button-deploy").waitFor();
    await page
      .locator('.red-ui-palette-node[data-palette-type="barrier-simulated"]')
      .waitFor({ state: "attached" });
  });
  after(async () => {
    await browser?.close();
    await discard(app);
  });

  /** Puts a node into the workspace and says whether the editor finds it right. */
  async function place(id: string, fields: Record<string, unknown>): Promise<boolean> {
    const tab = { id: `tab${id}`, type: "tab", label: id };
    const node = { id, z: tab.id, x: 200, y: 200, wires: [[], []], ...fields };
    return page.evaluate(
      ({ flow, one }) => {
        const { RED } = globalThis as unknown as EditorPage;
        RED.nodes.import(flow);
        return RED.nodes.node(one).valid;
      },
      { flow: [tab, node] as unknown[], one: id },
    );
  }

  async function form(id: string): Promise<string> {
    await page.evaluate((one) => {
      const { RED } = globalThis as unknown as EditorPage;
      RED.editor.edit(RED.nodes.node(one));
    }, id);
    await page.locator("#node-input-pulseMs").waitFor();
    const text = await page.locator("#dialog-form").innerText();
    await page.screenshot({ path: join(SHOTS, `form-${id}.png`) });
    await page.locator("#node-dialog-cancel").click();
    await page.locator("#node-input-pulseMs").waitFor({ state: "detached" });
    return text;
  }

  const times = { pulseMs: 500, openingMs: 3000, openMs: 8000, closingMs: 4000 };
  const common = { ...times, retries: 2, pollMs: 1000 };

  it("show their own rows and the common ones, in words", async () => {
    const nodes: Record<string, Record<string, unknown>> = {
      bhttp: { type: "barrier-http", preset: "generic", url: "http://gate", timeoutMs: 3000 },
      bgpio: { type: "barrier-gpio", method: "auto", chip: "gpiochip0", pin: "17" },
      bmodbus: {
        ...{ type: "barrier-modbus", preset: "waveshare", transport: "tcp", host: "board" },
        ...{ port: 502, unit: 1, address: "0", baudRate: 9600, timeoutMs: 2000 },
      },
      bsim: { type: "barrier-simulated" },
    };
    for (const [id, fields] of Object.entries(nodes)) {
      assert.equal(await place(id, { ...common, ...fields }), true, `${id} is found right`);
      const text = await form(id);
      assert.match(text, /Pulse/);
      assert.match(text, /Trust messages of this flow/);
      assert.doesNotMatch(text, /barrier-\w+\.(label|common)/, "no key without its text");
    }
  });

  it("mark what cannot be right before it is deployed", async () => {
    const wrong: Record<string, Record<string, unknown>> = {
      wurl: { type: "barrier-http", preset: "generic", url: "gate", timeoutMs: 3000 },
      wpin: { type: "barrier-gpio", method: "auto", chip: "gpiochip0", pin: "900" },
      wcoil: {
        ...{ type: "barrier-modbus", preset: "waveshare", transport: "tcp", host: "board" },
        ...{ port: 502, unit: 1, address: "40", baudRate: 9600, timeoutMs: 2000 },
      },
    };
    for (const [id, fields] of Object.entries(wrong)) {
      assert.equal(await place(id, { ...common, ...fields }), false, id);
    }
  });
});
