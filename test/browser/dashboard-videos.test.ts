import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
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
  openPage,
  shoot,
  windowOf,
} from "../fixtures/dashboard";
import { brokenFilm, carFilm } from "../fixtures/films";

describe("the dashboard: videos", function () {
  this.timeout(240_000);
  let app: RunningApplication;
  let browser: Browser;
  let folder: string;

  before(async function () {
    const path = browserPath();
    if (!path) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "plategate-films-"));
    app = await startApplication();
    browser = await launchBrowser(path);
    await addUser(app, "clerk");
  });
  after(async () => {
    await browser?.close();
    await discard(app);
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("takes a clerk's video, shows how far it is, and leads to what it showed", async () => {
    const window = await windowOf(browser, app, "clerk");
    const page = await openPage(window, app, "videos");
    await page.getByText("No video yet").waitFor();
    for (const made of [await brokenFilm(folder), await carFilm(folder)]) {
      await page.setInputFiles("input[type=file]", made);
      await page.getByRole("button", { name: "Upload" }).click();
      await page.getByText("Uploaded. The video waits").waitFor();
    }
    const row = (name: string) => page.getByRole("row", { name });
    await row("broken.mp4").getByText("There is no picture in this file.").waitFor();
    await row("car.mp4").getByText("Done").waitFor({ timeout: 90_000 });
    await expectAccessible(page);
    await shoot(page, "videos");
    await row("car.mp4").getByRole("button", { name: "Show" }).click();
    await page.getByText("Only what a video showed").waitFor();
    await page.getByText("KX48PLG").first().waitFor();
    await window.close();
  });

  it("has unsure reads looked at, and says how often they were wrong", async () => {
    for (const [plate, confidence] of [
      ["AB12CDE", 0.6],
      ["XY99ZZZ", 0.7],
    ] as const) {
      const body = JSON.stringify({ plate_text: plate, confidence, camera_id: "north" });
      const headers = { "Content-Type": "application/json" };
      await app.get("/events/ingest", { method: "POST", body, headers });
    }
    const window = await windowOf(browser, app, "clerk");
    const page = await openPage(window, app, "review");
    const row = (plate: string) => page.getByRole("listitem").filter({ hasText: plate });
    await row("AB12CDE").getByRole("button", { name: "It is right" }).click();
    await row("AB12CDE").waitFor({ state: "detached" });
    await row("XY99ZZZ").getByRole("button", { name: "Correct it" }).click();
    await row("XY99ZZZ").getByRole("textbox").fill("XY99ZZ2");
    await row("XY99ZZZ").getByRole("button", { name: "Save" }).click();
    await page.getByText("Nothing waits").waitFor();
    await page.getByRole("row", { name: /north/ }).getByText("fewer than 30").waitFor();
    await expectAccessible(page);
    await shoot(page, "review");
    await window.close();
  });

  it("says that two uploads are under way, in Thai too, and takes the third after them", async () => {
    const film = await carFilm(folder);
    const window = await windowOf(browser, app, "clerk", { language: "th" });
    const cookies = await window.cookies(app.address);
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const held = () => readdirSync(join(app.home, "uploads")).filter((one) => /part$/.test(one));
    const control = new AbortController();
    const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n';
    const begun = Buffer.concat([Buffer.from(head), readFileSync(film).subarray(0, 40_000)]);
    const two = [1, 2].map(() =>
      fetch(`${app.address}/api/uploads`, {
        method: "POST",
        headers: { Cookie: cookie, "Content-Type": "multipart/form-data; boundary=x" },
        body: new ReadableStream({ start: (stream) => stream.enqueue(begun) }),
        duplex: "half",
        signal: control.signal,
      } as RequestInit).then(
        (answer) => answer.text(),
        () => "broken off",
      ),
    );
    const count = (wanted: number) =>
      waitFor(
        () => held().length === wanted || undefined,
        30_000,
        () => `${wanted} uploads: ${held().join()}\n${app.output()}`,
      );
    await count(2);
    const page = await openPage(window, app, "videos");
    await page.setInputFiles("input[type=file]", film);
    await page.getByRole("button", { name: "อัปโหลด" }).click();
    await page.getByText("คุณกำลังอัปโหลดอยู่สองไฟล์").waitFor();
    await shoot(page, "videos-two-uploads");
    control.abort();
    assert.deepEqual(await Promise.all(two), ["broken off", "broken off"]);
    await count(0);
    await page.getByRole("button", { name: "อัปโหลด" }).click();
    await page.getByText("อัปโหลดแล้ว").waitFor();
    await window.close();
  });

  it("fits a phone, in Thai, at night", async () => {
    const window = await windowOf(browser, app, "clerk", {
      phone: true,
      dark: true,
      language: "th",
    });
    const page = await openPage(window, app, "videos");
    await page.getByText("วิดีโอและการส่งออก").waitFor();
    await expectNoSideScroll(page);
    await expectAccessible(page);
    await shoot(page, "videos-phone");
    await window.close();
  });
});
