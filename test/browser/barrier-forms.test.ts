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
import { RelayServer } from "../fixtures/relay-server";

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

  async function edit(id: string): Promise<void> {
    await page.evaluate((one) => {
      const { RED } = globalThis as unknown as EditorPage;
      RED.editor.edit(RED.nodes.node(one));
    }, id);
    await page.locator("#node-input-pulseMs").waitFor();
  }

  async function close(): Promise<void> {
    await page.locator("#node-dialog-cancel").click();
    await page.locator("#node-input-pulseMs").waitFor({ state: "detached" });
  }

  async function form(id: string): Promise<string> {
    await edit(id);
    const text = await page.locator("#dialog-form").innerText();
    await page.screenshot({ path: join(SHOTS, `form-${id}.png`) });
    await close();
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

  it("mark what cannot be right before it is deployed, and say why", async () => {
    const http = { type: "barrier-http", preset: "generic", url: "http://gate", timeoutMs: 3000 };
    const gpio = { type: "barrier-gpio", method: "auto", chip: "gpiochip0", pin: "17" };
    const board = {
      ...{ type: "barrier-modbus", preset: "waveshare", transport: "tcp", host: "board" },
      ...{ port: 502, unit: 1, address: "0", baudRate: 9600, timeoutMs: 2000 },
    };
    const request = { method: "POST", path: "/open" };
    const custom = (actions: object) => {
      return { ...http, preset: "custom", actions: JSON.stringify(actions) };
    };
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ ...http, url: "gate" }, /url/],
      [{ ...http, url: "http://user:secret@gate" }, /url/],
      [{ ...http, channel: "-1" }, /0 to 255/],
      [{ ...http, inputRules: '{"lop": "x"}' }, /JSON of opened/],
      [{ ...http, pulseMs: 5 }, /50 to 60000/],
      [{ ...http, retries: 99 }, /0 to 10/],
      [{ ...http, openMs: -1 }, /0 to 3600000/],
      [{ ...http, inputRules: '{"loop": "x"}' }, /no status/],
      [{ ...http, autoClose: true }, /no close output/],
      [custom({}), /request "open"/],
      [custom({ open: { method: "post", path: "/" } }), /open needs a method/],
      [custom({ open: { ...request, path: "/{{pulse}}" } }), /\{\{pulse\}\} is not known/],
      [custom({ open: request, shut: request }), /called shut/],
      [custom({ open: request }), /"off"/],
      [custom({ open: request, off: request, close: request }), /"closeOff"/],
      [{ ...gpio, closePin: 18, autoClose: true }, /never close/],
      [{ ...board, autoClose: true }, /no close output/],
      [
        { ...board, preset: "custom", kind: "register", flash: true, flashAddress: 1 },
        /coils alone/,
      ],
      [{ ...gpio, pin: "900" }, /0 to 511/],
      [{ ...gpio, pin: "" }, /pin/],
      [{ ...gpio, closePin: "17" }, /same/],
      [{ ...gpio, inputLines: '{"loop": 17}' }, /line 17 is used twice/],
      [{ ...gpio, inputLines: '{"loop": 600}' }, /JSON of opened/],
      [{ ...board, address: "40" }, /relays are 0 to 31/],
      [{ ...board, address: "x" }, /must be a number/],
      [{ ...board, closeAddress: "0" }, /same/],
      [{ ...board, preset: "register-relay", address: "0" }, /relays are 1 to 32/],
      [{ ...board, unit: 300 }, /0 to 247/],
      [{ ...board, port: 0 }, /1 to 65535/],
      [{ ...board, host: "" }, /host/],
    ];
    for (const [index, [fields, why]] of wrong.entries()) {
      assert.equal(await place(`w${index}`, { ...common, ...fields }), false, String(why));
      const errors = await page.evaluate((one) => {
        const { RED } = globalThis as unknown as EditorPage;
        return RED.nodes.node(one).validationErrors?.join() ?? "";
      }, `w${index}`);
      assert.match(errors, why);
    }
    const right = [
      { ...gpio, pin: "${BARRIER_ENTRY_PIN}" },
      { ...gpio, closePin: 18, autoClose: true, inputLines: '{"loop": 0}' },
      { ...gpio, closePin: 18, autoClose: true, closeWithoutSensors: true },
      custom({ open: request, off: request, close: request, closeOff: request }),
      custom({ open: request, deviceTimed: true }),
    ];
    for (const [index, fields] of right.entries()) {
      assert.equal(
        await place(`r${index}`, { ...common, ...fields }),
        true,
        JSON.stringify(fields),
      );
    }
    assert.equal(await place("id1", { ...common, ...http, barrierId: "south" }), true);
    assert.equal(await place("id2", { ...common, ...http, barrierId: "south" }), false);
  });

  it("try out the device before it is deployed, and move nothing", async () => {
    const relay = new RelayServer();
    const url = await relay.start();
    const check = async (id: string, fields: Record<string, unknown>): Promise<string> => {
      await place(id, { ...common, ...fields });
      await edit(id);
      await page.locator(".plategate-check").click();
      const shown = page.locator(".plategate-check-result", { hasNotText: "Looking" });
      await shown.filter({ hasText: /./ }).waitFor();
      const text = await shown.innerText();
      await close();
      return text;
    };
    const http = { type: "barrier-http", preset: "shelly-gen2", url, timeoutMs: 3000 };
    try {
      assert.match(await check("c1", http), /answers/);
      assert.match(await check("c2", { ...http, preset: "generic" }), /answers/);
      assert.equal(relay.changes.length, 0);
      assert.equal(relay.requests.length, 1, "the generic preset has nothing to ask for");
    } finally {
      await relay.stop();
    }
    assert.match(await check("c3", http), /unreachable/);
    assert.match(await check("c4", { ...http, preset: "generic" }), /unreachable/);
    const forbidden = "http://169.254.169.254/";
    assert.match(await check("c5", { ...http, url: forbidden }), /not allowed/);
    const denied = await fetch(`${app.address}/admin/plategate/check/barrier-http`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ fields: http }),
    });
    assert.equal(denied.status, 401, "only for those who may deploy");
  });
});
