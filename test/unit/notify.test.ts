import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { barriers } from "../../adapters/barriers/registry";
import { TelegramSender } from "../../adapters/notify/telegram";
import { tryRule } from "../../adapters/notify/try-rule";
import type { BarrierStatus } from "../../core/barrier/ports";
import { blankNotice } from "../../core/notify/notice";
import type { Channel, TelegramChannel } from "../../core/notify/types";
import type { Outcome } from "../../core/outbox/types";
import { ownCertificates } from "../fixtures/certificates";
import { aRule, NotifyKit, photo, refused, smtp } from "../fixtures/notify-kit";
import { Broker, HttpReceiver } from "../fixtures/receivers";

const SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

describe("notifications", function () {
  this.timeout(60_000);
  let kit: NotifyKit;

  before(async () => {
    kit = await NotifyKit.open();
  });
  afterEach(() => kit.reset());
  after(() => kit.close());

  describe("Telegram", () => {
    const TOKEN = "123456:AAbot-s3cret";
    const telegram = (api: HttpReceiver): Channel => ({
      type: "telegram",
      token: TOKEN,
      api_url: api.url,
    });

    it("sends photos and messages to several chats, each on its own", async () => {
      const api = kit.serve(await HttpReceiver.start());
      api.answer = ({ body }) =>
        body.toString().includes("-200")
          ? { status: 403, body: { ok: false, error_code: 403, description: "Forbidden: blocked" } }
          : { status: 200, body: { ok: true, result: { message_id: 1 } } };
      const chats = ["100", "-200", "300"].map((address) => ({ address, language: "en" as const }));
      const given = aRule(telegram(api), { recipients: chats });
      kit.use(given);
      await kit.save(refused("tg-1", { plateText: "KX48PLG" }), await photo());
      await kit.until(() => {
        const good = api.requests.filter(({ body }) => /\b(100|300)\b/.test(body.toString()));
        return good.length >= 2 || undefined;
      }, "two chats");
      assert.equal(api.requests[0]?.path, `/bot${TOKEN}/sendPhoto`);
      assert.match(
        api.requests[0]?.body.toString("latin1") ?? "",
        /KX48PLG[\s\S]*filename="plate.jpg"/,
      );
      const dead = await kit.until(
        async () => (await kit.records(`rule:${given.id}:1`)).find(({ state }) => state === "dead"),
        "the blocked chat's dead letter",
      );
      assert.match(dead.lastError ?? "", /blocked/);
      assert.equal((await kit.records(`rule:${given.id}:0`))[0]?.state, "done");
    });

    it("waits as long as Telegram asks", async () => {
      const api = kit.serve(await HttpReceiver.start());
      const times: number[] = [];
      api.answer = () => {
        times.push(Date.now());
        return times.length === 1
          ? {
              status: 429,
              body: { ok: false, description: "Too Many Requests", parameters: { retry_after: 1 } },
            }
          : { status: 200, body: { ok: true } };
      };
      const open = kit.use(
        aRule(telegram(api), { recipients: [{ address: "100", language: "en" }] }),
      );
      await open.tell({ ...blankNotice("message", Date.now()), text: "hello" });
      await kit.until(() => times[1], "the second try");
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 1_000);
    });

    it("follows a group that became a supergroup to its new id", async () => {
      const api = kit.serve(await HttpReceiver.start());
      const moved = { migrate_to_chat_id: -100200 };
      api.answer = ({ body }) =>
        body.toString().includes('"-200"')
          ? { status: 400, body: { ok: false, description: "upgraded", parameters: moved } }
          : { status: 200, body: { ok: true } };
      const recipients = [{ address: "-200", language: "en" as const }];
      const given = aRule(telegram(api), { recipients, picture: false });
      kit.use(given);
      await kit.save(refused("moved-1"));
      await kit.save(refused("moved-2", { plateText: "XY1" }));
      const chats = await kit.until(() => {
        const asked = api.requests.map(
          ({ body }) => (JSON.parse(body.toString()) as { chat_id: string }).chat_id,
        );
        return asked.length >= 3 ? asked : undefined;
      }, "both messages");
      assert.deepEqual(chats, ["-200", "-100200", "-100200"]);
    });

    it("parts a digest between its notices, and sends again only what did not arrive", async () => {
      const api = kit.serve(await HttpReceiver.start());
      const sender = new TelegramSender(telegram(api) as TelegramChannel);
      const chats = Array.from({ length: 60 }, (_, i) => `<${i}> ${"x".repeat(150 + i)}`);
      const noticeAt = (chat: string, picture: Buffer | null) => ({
        notice: blankNotice("message", 0),
        rendered: { subject: "", text: "", html: "", chat },
        picture,
        cid: null,
      });
      const digest = async (picture: Buffer | null): Promise<Outcome> =>
        sender.send(
          {
            id: "digest",
            notices: chats.map((chat, i) => noticeAt(chat, i === 2 ? picture : null)),
            subject: "",
            recipient: { address: "1", language: "en" },
          },
          AbortSignal.timeout(20_000),
        );
      const texts = (): string[] =>
        api.requests
          .filter(({ path }) => path.endsWith("sendMessage"))
          .map(({ body }) => (JSON.parse(body.toString()) as { text: string }).text);
      const busy = { status: 429, body: { ok: false, description: "Too Many Requests" } };
      const good = { status: 200, body: { ok: true } };
      api.answer = () => (api.requests.length === 2 ? busy : good);
      assert.equal((await digest(null)).result, "unavailable");
      assert.equal((await digest(null)).result, "delivered");
      const [first, failed, ...rest] = texts();
      assert.equal(rest[0], failed, "the first is not sent again");
      assert.ok(texts().every((text) => text.length <= 4096));
      assert.deepEqual([first, ...rest].join("\n\n").split("\n\n"), chats);
      api.requests.length = 0;
      api.answer = () => good;
      assert.equal((await digest(await photo())).result, "delivered");
      assert.match(api.requests[0]?.body.toString("latin1") ?? "", /name="caption"\s+<2> x+\r/);
      assert.deepEqual(texts().join("\n\n").split("\n\n"), chats.toSpliced(2, 1));
      await sender.close();
    });

    it("says nothing of its token where Telegram cannot be reached", async () => {
      const api = await HttpReceiver.start();
      const channel = telegram(api);
      await api.stop();
      const given = aRule(channel, { recipients: [{ address: "100", language: "en" }] });
      const [trial] = await tryRule(given, Date.now(), 5_000);
      assert.equal(trial?.ok, false);
      assert.doesNotMatch(JSON.stringify(trial), /s3cret/);
    });
  });

  describe("webhook", () => {
    const webhook = (url: string, changes: object = {}): Channel => ({
      type: "webhook",
      url,
      headers: { "x-site": "north" },
      secret: "",
      signing_secret: "",
      ...changes,
    });

    it("is signed so that an independent implementation takes it, also during a rotation", async () => {
      const receiver = kit.serve(await HttpReceiver.start());
      const other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
      kit.use(
        aRule(webhook(receiver.url, { signing_secret: `${other} ${SECRET}`, secret: "plain" })),
      );
      await kit.save(refused("hook-1"));
      const { headers, body } = await kit.until(() => receiver.requests[0], "a request");
      const text = body.toString();
      const signed = headers as Record<string, string>;
      for (const key of [SECRET, other]) {
        const found = new Webhook(key).verify(text, signed) as { type: string };
        assert.equal(found.type, "notice.unknown");
      }
      assert.throws(() => new Webhook(SECRET).verify(`${text} `, signed));
      assert.equal(headers["x-webhook-secret"], "plain");
      const hub = createHmac("sha256", "plain").update(text).digest("hex");
      assert.equal(headers["x-hub-signature-256"], `sha256=${hub}`);
      assert.equal(headers["x-site"], "north");
    });

    it("comes again under the same id while the receiver is away, and is given up where refused", async () => {
      const receiver = kit.serve(await HttpReceiver.start());
      let tries = 0;
      receiver.answer = ({ body }) =>
        body.toString().includes("BAD1")
          ? { status: 422 }
          : { status: ++tries < 4 ? 503 : 200, headers: { "retry-after": "0" } };
      const given = aRule(webhook(receiver.url));
      kit.use(given);
      await kit.save(refused("hook-2"));
      await kit.until(() => (tries >= 4 ? true : undefined), "four tries");
      assert.equal(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size, 1);
      await kit.save(refused("hook-3", { plateText: "BAD1" }));
      await kit.until(
        async () => (await kit.records(`rule:${given.id}:0`)).find(({ state }) => state === "dead"),
        "a dead letter",
      );
    });

    it("goes to no link-local address, named or redirected to", async () => {
      const receiver = kit.serve(await HttpReceiver.start());
      receiver.answer = () => ({ status: 302, headers: { location: "http://169.254.169.254/" } });
      for (const url of ["http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/"]) {
        const [trial] = await tryRule(aRule(webhook(url)), Date.now(), 5_000);
        assert.match(trial?.error ?? "", /not allowed/);
      }
      const [trial] = await tryRule(aRule(webhook(receiver.url)), Date.now(), 5_000);
      assert.equal(trial?.ok, false, "a redirect is not followed");
      const mqtt: Channel = {
        type: "mqtt",
        url: "mqtt://169.254.169.254",
        username: "",
        password: "",
        topic: "t",
        qos: 1,
        ca: "",
      };
      const [over] = await tryRule(aRule(mqtt), Date.now(), 5_000);
      assert.match(over?.error ?? "", /not allowed/);
      const [mail] = await tryRule(
        aRule(smtp(25, { host: "169.254.1.1" }), {
          recipients: [{ address: "a@b.c", language: "en" }],
        }),
        Date.now(),
        5_000,
      );
      assert.match(mail?.error ?? "", /not allowed/);
    });

    it("leaves out what is too much, and says so with the next", async () => {
      const receiver = kit.serve(await HttpReceiver.start());
      const throttle = { max: 0, per_seconds: 60, same_plate_seconds: 60 };
      const open = kit.use(aRule(webhook(receiver.url), { throttle }));
      const say = (plate: string) =>
        open.tell({ ...blankNotice("message", Date.now()), plate, text: "seen" });
      for (const plate of ["A1", "A1", "A1", "B2"]) await say(plate);
      await kit.until(() => receiver.requests[1], "two requests");
      const told = receiver.requests.map(({ body }) => body.toString());
      assert.equal(told.length, 2);
      assert.match(told[1] ?? "", /2 more were left out/);
    });

    it("uses a rule's own template by kind; a broken one falls back and is told of", async () => {
      const receiver = kit.serve(await HttpReceiver.start());
      const templates = {
        unknown: { subject: "{{ plate | downcase }} at {{ lane_id }}", text: "{% if %}" },
        message: { text: "{{ constructor.constructor }}{% include '/etc/hostname' %}|{{ text }}" },
      };
      const open = kit.use(aRule(webhook(receiver.url), { templates }));
      await kit.save(refused("hook-4"));
      const first = await kit.until(() => receiver.requests[0], "a request");
      const body = JSON.parse(first.body.toString()) as { subject: string; data: { text: string } };
      assert.equal(body.subject, "abc123 at north");
      assert.match(body.data.text, /Unauthorized Vehicle/);
      assert.ok(kit.logged.some((line) => line.includes("template of rule Guard")));
      await open.tell({ ...blankNotice("message", Date.now()), text: "hi" });
      const second = await kit.until(() => receiver.requests[1], "another");
      assert.doesNotMatch(second.body.toString(), /function|Function/);
    });
  });

  it("tells a configured rule of a barrier's fault, once until it is over", async () => {
    const receiver = kit.serve(await HttpReceiver.start());
    const { resources } = await kit.store.open();
    const channel: Channel = {
      type: "webhook",
      url: receiver.url,
      headers: {},
      secret: "",
      signing_secret: "",
    };
    const { id: unused, ...fields } = aRule(channel, { kinds: ["barrier"], lanes: ["in"] });
    assert.ok(unused);
    const { id } = await resources.notification_rules.create(null, fields, Date.now());
    await kit.until(() => kit.store.outbox.feed.targets.get(`rule:${id}:0`), "the rule");
    const say = (state: string, trouble: string | null, laneId = "in") =>
      barriers.emit("change", {
        id: `gate-${laneId}`,
        name: "Gate",
        laneId,
        state,
        trouble,
      } as BarrierStatus);
    say("fault", "no answer", "out");
    say("fault", "no answer");
    say("fault", "no answer, still");
    await kit.until(() => receiver.requests[0], "the fault");
    say("closed", null);
    say("fault", "stuck");
    await kit.until(() => receiver.requests[1], "the next fault");
    const told = receiver.requests.map(
      ({ body }) => (JSON.parse(body.toString()) as { data: Record<string, unknown> }).data,
    );
    assert.deepEqual(
      told.map((data) => [data["kind"], data["barrier_id"], data["lane_id"]]),
      [
        ["barrier", "gate-in", "in"],
        ["barrier", "gate-in", "in"],
      ],
    );
    assert.match(JSON.stringify(told[1]), /Gate: stuck/);
    await resources.notification_rules.delete(id);
  });

  it("publishes to a broker over TLS with a login, and after the broker was away", async () => {
    const { ca, server } = await ownCertificates();
    const login: [string, string] = ["gate", "mqtt-s3cret"];
    const first = await Broker.start({ tls: server, login });
    const { port } = first;
    const channel: Channel = {
      type: "mqtt",
      url: `mqtts://localhost:${port}`,
      username: login[0],
      password: login[1],
      topic: "plategate/alerts",
      qos: 1,
      ca,
    };
    kit.use(aRule(channel));
    await kit.save(refused("mqtt-1"));
    await kit.until(() => first.messages[0], "the first message");
    assert.equal(first.messages[0]?.retain, false);
    await first.stop();
    for (const n of [2, 3, 4]) await kit.save(refused(`mqtt-${n}`));
    const second = kit.serve(await Broker.start({ port, tls: server, login }));
    await kit.until(() => second.messages[2], "what waited");
    const ids = second.messages.map(
      ({ payload }) => (JSON.parse(payload) as { data: { event_id: string } }).data.event_id,
    );
    assert.deepEqual(ids, ["mqtt-2", "mqtt-3", "mqtt-4"]);
  });
});
