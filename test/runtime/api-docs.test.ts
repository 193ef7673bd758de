import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ADMIN_PASSWORD,
  discard,
  startApplication,
  type RunningApplication,
} from "../fixtures/application";

describe("the API's documentation", function () {
  this.timeout(180_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication();
  });
  after(() => discard(app));

  it("is served without a credential, with nothing from elsewhere", async () => {
    const document = await fetch(`${app.address}/openapi.json`);
    assert.equal(document.status, 200);
    assert.equal(((await document.json()) as { openapi: string }).openapi, "3.1.0");
    const page = await fetch(`${app.address}/docs`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    const html = await page.text();
    assert.ok(!/https?:\/\//.test(html));
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const part = await fetch(`${app.address}${path}`);
      assert.equal(part.status, 200, path);
      assert.ok((await part.arrayBuffer()).byteLength > 100, path);
    }
    assert.equal((await fetch(`${app.address}/docs/docs.html`)).status, 404);
    assert.equal((await fetch(`${app.address}/docs/..%2f..%2fcatalogue.js`)).status, 404);
  });

  it("has a quick start that works as it is written", function () {
    if (spawnSync("curl", ["--version"]).status !== 0) {
      this.skip(); // there is no curl
      return;
    }
    const page = readFileSync(join(process.cwd(), "docs", "api.md"), "utf8");
    const script = /## Quick start[^]*?```sh\n([^]*?)```/.exec(page)?.[1] ?? "";
    const result = spawnSync("bash", ["-euo", "pipefail", "-c", script], {
      env: { ...process.env, PLATEGATE: app.address, PASSWORD: ADMIN_PASSWORD },
      encoding: "utf8",
    });
    assert.equal(result.status, 0, `${result.stdout}\n${result.stderr}`);
    assert.match(result.stdout, /"plate":"KX48PLG"/);
    assert.match(result.stdout, /"result":"open"/);
    assert.match(result.stdout, /"status":"accepted"/);
    assert.match(result.stdout, /"event_id":"evt-1"/);
    assert.match(result.stdout, /RESOURCE_NOT_FOUND/, "there is no barrier without the demo");
  });
});
