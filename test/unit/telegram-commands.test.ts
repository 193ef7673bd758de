import assert from "node:assert/strict";
import type { BarrierController } from "../../adapters/barriers/controller";
import { TelegramApi } from "../../adapters/notify/telegram-api";
import { TelegramPoller } from "../../adapters/telegram/poller";
import { openAuth } from "../../api/auth/open";
import type { AuthService } from "../../api/auth/service";
import { currentAuth } from "../../api/auth/registry";
import { TelegramCommands } from "../../api/telegram/commands";
import { BOT_TEXTS } from "../../api/telegram/texts";
import { requestOf } from "../../core/telegram/updates";
import { botSettings } from "../../nodes/telegram-commands/options";
import { waitFor } from "../fixtures/application";
import { BotApi } from "../fixtures/bot-api";
import { GatewayKit } from "../fixtures/mqtt-gateway-kit";

const TOKEN = "123456:AAbot-s3cret";
const CHAT = -100;
const GUARD = 7;
const CLERK = 8;
const STRANGER = 9;
const root = { name: "test", permissions: null, address: null, requestId: null };

describe("Telegram commands", function () {
  this.timeout(60_000);
  let kit: GatewayKit;
  let auth: AuthService;
  let bot: BotApi;
  let entry: BarrierController;
  let now: number;
  /** The database does not answer. */
  let away: boolean;
  const states: string[] = [];

  before(async () => {
    kit = await GatewayKit.open();
    const { database } = await kit.store.open();
    const env = { PLATEGATE_ADMIN_PASSWORD: "a long enough password" };
    await openAuth(database, kit.registry, kit.store.home, env, () => undefined);
    auth = currentAuth();
    for (const [username, role] of [
      ["guard", "manager"],
      ["clerk", "clerk"],
    ] as const) {
      const user = { username, role, email: null, fullName: null };
      await auth.users.create({ ...user, password: "another long password" }, root);
    }
  });
  after(() => kit.close());
  afterEach(() => kit.reset());
  beforeEach(async () => {
    states.length = 0;
    now = 0;
    away = false;
    entry = kit.barrier("entry", "entry");
    bot = await BotApi.start(TOKEN);
    kit.closers.push(() => bot.stop());
    const { access } = await kit.store.open();
    const api = new TelegramApi({ token: TOKEN, api_url: bot.url });
    const state: typeof access.state = (site) =>
      away ? Promise.reject(new Error("the database is away")) : access.state(site);
    const commands = new TelegramCommands({
      ...{ api, auth, barriers: kit.registry, siteId: "site", language: "en" },
      access: { state, settings: () => access.settings() },
      chats: new Set([String(CHAT)]),
      users: new Map([
        [String(GUARD), "guard"],
        [String(CLERK), "clerk"],
        ["10", "nobody"],
      ]),
      clock: () => Date.now() + now,
    });
    const poller = new TelegramPoller(api, {
      update: (update) => commands.take(update).catch(() => undefined),
      state: (state) => states.push(state),
    });
    kit.closers.push(async () => {
      await poller.close();
      await api.close();
    });
  });

  const until = <T>(ask: () => T | undefined, what: string) =>
    waitFor(ask, 20_000, () => `${what}: ${JSON.stringify(bot.calls)}`);
  const said = (text: RegExp, chat = CHAT) =>
    until(() => bot.texts(chat).find((one) => text.test(one)), String(text));
  const question = async (): Promise<string> => {
    bot.write("/open entry", GUARD, CHAT);
    await said(/^Open entry\?$/);
    return bot.buttons()[0]?.callback_data ?? "";
  };
  const audited = async (result: string) => {
    const { audit } = await kit.store.open();
    const { items } = await audit.list({ action: "barrier.open" }, { skip: 0, limit: 50 });
    return items.filter((one) => one.result === result);
  };

  it("/status tells of gates and who is inside", async () => {
    bot.write("/status@gate_bot", CLERK, CHAT);
    const text = await said(/^Gates:/);
    assert.match(text, /• entry: closed\nVehicles inside: 0$/);
    assert.equal(entry.state(), "closed");
  });

  it("/open asks back, opens for the same person, once, with a line in the audit log", async () => {
    const data = await question();
    bot.press(data, GUARD, CHAT);
    await said(/^✅ entry opens\.$/);
    await until(() => entry.state() === "open" || undefined, "the gate");
    const [line] = await audited("ok");
    assert.deepEqual([line?.actor, line?.purpose], ["guard", "by Telegram: Anna"]);
    await entry.command({ action: "close", reason: "", actor: "test" }, true);
    bot.press(data, GUARD, CHAT);
    await said(/question is over/);
    assert.notEqual(entry.state(), "open");
  });

  it("opens for nobody else's finger, and not after 30 seconds", async () => {
    const data = await question();
    bot.press(data, CLERK, CHAT);
    bot.press(data, STRANGER, CHAT);
    await until(
      () => bot.calls.filter(({ method }) => method === "answerCallbackQuery")[1],
      "two refusals",
    );
    now = 30_001;
    bot.press(data, GUARD, CHAT);
    await said(/question is over/);
    assert.equal(entry.state(), "closed");
    now = 0;
    const second = await question();
    const cancel = bot.buttons().at(-1)?.callback_data ?? "";
    bot.press(cancel, GUARD, CHAT);
    await said(/^Nothing was opened/);
    bot.press(second, GUARD, CHAT);
    await until(
      () => bot.texts(CHAT).filter((text) => /question is over/.test(text))[1],
      "the end of the cancelled question",
    );
    assert.equal(entry.state(), "closed");
  });

  it("does nothing that is old, forwarded or edited", async () => {
    const date = Math.floor(Date.now() / 1000);
    bot.write("/open", GUARD, CHAT, { date: date - 32 });
    await said(/more than 30 seconds/);
    bot.write("/open", GUARD, CHAT, { forward_origin: { type: "user" } });
    bot.write("/status", GUARD, CHAT);
    await said(/^Gates:/);
    assert.deepEqual(bot.buttons(), []);
    const edited = { edited_message: { text: "/open", date, chat: { id: CHAT } } };
    assert.equal(requestOf(edited), null);
  });

  it("asks for chat, person and right, and writes refusals down", async () => {
    const before = (await audited("refused")).length;
    bot.write("/open", CLERK, CHAT);
    await said(/may not do this/);
    bot.write("/open", STRANGER, CHAT);
    await until(() => bot.texts(CHAT)[1], "the second refusal");
    bot.write("/open", 10, CHAT);
    await until(() => bot.texts(CHAT)[2], "the third refusal");
    bot.write("/open", GUARD, 555);
    await waitFor(
      async () => ((await audited("refused")).length >= before + 4 ? true : undefined),
      20_000,
      () => "four lines",
    );
    assert.deepEqual(bot.texts(555), [], "a chat that is not listed hears nothing");
    assert.ok(bot.texts(CHAT).every((text) => /may not do this/.test(text)));
    const lines = await audited("refused");
    assert.ok(
      lines.some(({ detail }) => /lacks the right barrier\.move/.test(String(detail["why"]))),
    );
    const guard = await auth.users.find("guard");
    await auth.users.update(guard.id, { active: false }, root);
    bot.write("/open", GUARD, CHAT);
    await until(() => bot.texts(CHAT)[3], "the refusal of a locked user");
    await auth.users.update(guard.id, { active: true }, root);
    assert.deepEqual(bot.buttons(), []);
  });

  it("offers all gates where none is named, and knows no others", async () => {
    kit.barrier("exit", "exit");
    bot.write("/open", GUARD, CHAT);
    await said(/^Which gate\?/);
    assert.deepEqual(
      bot.buttons().map(({ text }) => text),
      ["Open entry", "Open exit", "Cancel"],
    );
    bot.press(bot.buttons()[1]?.callback_data ?? "", GUARD, CHAT);
    await said(/^✅ exit opens/);
    assert.equal(entry.state(), "closed");
    bot.write("/open cellar", GUARD, CHAT);
    await said(/no such gate/);
  });

  it("says in words why a gate stays shut", async () => {
    await entry.command({ action: "lock", reason: "", actor: "test" }, true);
    bot.press(await question(), GUARD, CHAT);
    await said(/^⛔ entry stays shut: it is locked$/);
  });

  it("says so where something does not work, to those it listens to", async () => {
    away = true;
    bot.write("/status", GUARD, CHAT);
    await said(/^That did not work/);
  });

  it("hears what was written while it was away, however much", async () => {
    const long = "x".repeat(60_000);
    await until(() => bot.asked || undefined, "the first question");
    for (let i = 0; i < 45; i++) bot.write(long, GUARD, CHAT);
    bot.write("/status", GUARD, CHAT);
    await said(/^Gates:/);
  });

  it("gives way to another program with the same bot, and says so", async () => {
    await until(() => bot.asked || undefined, "the first question");
    const other = new TelegramApi({ token: TOKEN, api_url: bot.url });
    kit.closers.push(() => other.close());
    void other.call("getUpdates", { timeout: 1 }).catch(() => undefined);
    await until(() => states.includes("conflict") || undefined, "the conflict");
  });

  it("has the same texts in each language", () => {
    const keys = (value: object): string[] =>
      Object.entries(value).flatMap(([name, inner]) =>
        typeof inner === "object" ? keys(inner as object).map((key) => `${name}.${key}`) : [name],
      );
    assert.deepEqual(keys(BOT_TEXTS.th), keys(BOT_TEXTS.en));
  });

  it("are off unless chats and people are named, and name what is wrong", () => {
    const env = { TELEGRAM_BOT_TOKEN: TOKEN };
    assert.equal(botSettings({}, "", env), null);
    assert.throws(() => botSettings({ chats: "5" }, "", env), /both/);
    assert.throws(() => botSettings({ users: "5 = anna" }, "", env), /both/);
    assert.throws(() => botSettings({ chats: "@x", users: "5=a" }, "", env), /chat id/);
    assert.throws(() => botSettings({ chats: "5", users: "anna" }, "", env), /123456789/);
    assert.throws(() => botSettings({ chats: "5", users: "5=a" }, "", {}), /token/);
    const both = { TELEGRAM_COMMAND_CHATS: "-1, 2", TELEGRAM_COMMAND_USERS: "5=anna,6=ben" };
    const found = botSettings({}, "", { ...env, ...both });
    assert.deepEqual([found?.chats.size, found?.users.get("6"), found?.language], [2, "ben", "en"]);
  });
});
