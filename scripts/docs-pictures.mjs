// Makes the pictures of docs/roles from the running demo: `npm run docs:pictures`.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { PASSWORD, root, startDemo } from "./demo-application.mjs";

const target = join(root, "docs", "images", "pages");
const WIDTH = 1280;
const HEIGHT = 800;
/** Wide enough to be read in a document. */
const SHOWN = 1000;

/** What is shown: file name, page, and what is done there first. */
const PICTURES = [
  ["home", "home"],
  ["gate", "gate"],
  ["records", "records"],
  ["vehicles", "vehicles"],
  ["schedules", "schedules"],
  ["statistics", "statistics"],
  ["cameras", "cameras"],
  ["settings", "settings"],
  ["rules", "rules", tryRule],
  ["users", "users"],
  ["monitoring", "system?group=monitoring"],
];
const THAI = ["home", "gate", "records", "vehicles", "rules"];

const browserPath =
  process.env.PLATEGATE_TEST_BROWSER ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

await startDemo(({ address }) => makeAll(address));

async function makeAll(address) {
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
  try {
    const english = await windowOf(browser, address, "en");
    await fill(english, address);
    mkdirSync(target, { recursive: true });
    await shootAll(english, address, PICTURES, "");
    const wanted = PICTURES.filter(([name]) => THAI.includes(name));
    await shootAll(await windowOf(browser, address, "th"), address, wanted, ".th");
  } finally {
    await browser.close();
  }
}

async function shootAll(context, address, pictures, suffix) {
  const page = await context.newPage();
  for (const [name, view, act] of pictures) {
    await page.goto(`${address}/dashboard/${view}`);
    await page.locator("#pg-main .pg-card, #pg-main .pg-figure").first().waitFor();
    await act?.(page);
    await page.waitForLoadState("networkidle", { timeout: 4000 }).catch(() => undefined); // live pictures never end
    const file = join(target, `${name}${suffix}.webp`);
    await sharp(await page.screenshot())
      .resize(SHOWN)
      .webp({ quality: 72 })
      .toFile(file);
    console.log(file);
  }
}

async function tryRule(page) {
  await page.locator("select[name=kind]").selectOption("watch");
  await page.locator("[name=pattern]").fill("KX*");
  await page.locator("form .pg-button.main").click();
  await page.locator(".pg-trial-line").waitFor();
}

async function windowOf(browser, address, language) {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    locale: language === "th" ? "th-TH" : "en-US",
    colorScheme: "light",
  });
  const data = { username: "admin", password: PASSWORD };
  const answer = await context.request.post(`${address}/auth/session`, { data });
  if (!answer.ok()) throw new Error(`login: ${answer.status()}`);
  return context;
}

/** A small site: lists with something in them, and some passages. */
async function fill({ request }, address) {
  const post = async (path, data) => {
    const answer = await request.post(`${address}${path}`, { data });
    if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  const office = await post("/api/v1/schedules", {
    name: "Office hours",
    windows: [{ days: [1, 2, 3, 4, 5], from: "07:00", to: "19:00" }],
    on_holidays: "closed",
  });
  const staff = await post("/api/v1/groups", { name: "Staff", schedule_id: office.id });
  for (const [plate, owner, more] of [
    ["KX48PLG", "Anong Srisai", {}],
    ["LM72TRN", "Ben Carter", { groups: [staff.id] }],
    ["กข1234", "Somchai Jaidee", {}],
    ["RD19HJK", "Delivery Ltd", { status: "suspended" }],
  ]) {
    await post("/api/v1/vehicles", { plate, owner, ...more });
  }
  for (const username of ["guard", "manager"]) {
    const role = username === "guard" ? "user" : "manager";
    await post("/api/v1/users", {
      username,
      email: `${username}@example.org`,
      full_name: username === "guard" ? "Night guard" : "Site manager",
      password: PASSWORD,
      role,
    });
  }
  for (let total = 0; total < 3; await delay(500)) {
    ({ total } = await (await request.get(`${address}/api/v1/decisions?limit=1`)).json());
  }
}
