import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { Webhook } from "standardwebhooks";
import { openEnvironment } from "../../adapters/notify/environment";
import { openRule, type OpenRule } from "../../adapters/notify/rule-targets";
import { tryRule } from "../../adapters/notify/try-rule";
import { Store } from "../../adapters/store/store";
import type { NewEvent } from "../../core/events/event";
import { blankNotice } from "../../core/notify/notice";
import type { Channel, NotificationRule } from "../../core/notify/types";
import type { OutboxRecord } from "../../core/outbox/types";
import { waitFor } from "../fixtures/application";
import { ownCertificates } from "../fixtures/certificates";
import { anEvent } from "../fixtures/events";
import { Broker, HttpReceiver, MailReceiver } from "../fixtures/receivers";

const SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const FAST = { initial_delay_ms: 20, max_delay_ms: 60, max_attempts: 3 };

describe("notifications", function () {
  this.timeout(60_000);
  let home: string;
  let store: Store;
  const logged: string[] = [];
  const rules: OpenRule[] = [];
  const servers: { stop(): Promise<void> }[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-notify-"));
    store = new Store({ home, env: {}, log: (_level, message) => logged.push(message) });
    await store.open();
  });
  afterEach(async () => {
    for (const rule of rules.splice(0)) await rule.close();
    for (const server of servers.splice(0)) await server.stop();
  });
  after(async () => {
    await store.close();
    await rm(home, { recursive: true, force: true });
  });

  const serve = <T extends { stop(): Promise<void> }>(server: T): T => {
    servers.push(server);
    return server;
  };
  const rule = (channel: Channel, changes: Partial<NotificationRule> = {}): NotificationRule => ({
    id: `r${Math.random().toString(36).slice(2)}`,
    name: "Guard",
    enabled: true,
    kinds: ["unknown", "denied", "message"],
    reasons: [],
    lanes: [],
    cameras: [],
    channel,
    recipients: [{ address: "", language: "en" }],
    templates: {},
    picture: true,
    time_zone: "Europe/Vienna",
    quiet_hours: null,
    throttle: null,
    digest_minutes: null,
    retry_config: FAST,
    ...changes,
  });
  const use = (given: NotificationRule): OpenRule => {
    const open = openRule(
      store.outbox,
      given,
      { events: true },
      {
        images: store.images,
        clock: Date.now,
        log: (_level, message) => logged.push(message),
      },
    );
    rules.push(open);
    return open;
  };
  const refused = (id: string, changes: Partial<NewEvent> = {}): NewEvent =>
    anEvent(id, { decision: "deny", reason: "unknown_plate", laneId: "north", ...changes });
  const save = async (event: NewEvent, crop: Buffer | null = null): Promise<void> => {
    await store.writer.write({ kind: "event", event, images: { frame: null, crop } });
  };
  const records = async (target: string): Promise<OutboxRecord[]> =>
    (await (await store.outbox.repository()).list({ target }, { skip: 0, limit: 100 })).items;
  const until = <T>(ask: () => T | undefined | Promise<T | undefined>, what: string) =>
    waitFor(ask, 20_000, () => `${what}\n${logged.join("\n")}`);
  const photo = () =>
    sharp({ create: { width: 60, height: 20, channels: 3, background: "#eee" } })
      .jpeg()
      .toBuffer();
  const smtp = (port: number, changes: object = {}): Channel => ({
    type: "email",
    host: "localhost",
    port,
    security: "none",
    user: "",
    password: "",
    from: "gate@example.org",
    oauth2: null,
    ca: "",
    ...changes,
  });

  describe("email", () => {
    it("goes over STARTTLS with a login, in HTML and text, the plate's picture inside", async () => {
      const { ca, server } = await ownCertificates();
      const mail = serve(await MailReceiver.start({ ...server }));
      const login = { user: "gate", password: "s3cret-mail" };
      const to = [{ address: "guard@example.org", language: "en" as const }];
      use(rule(smtp(mail.port, { security: "starttls", ca, ...login }), { recipients: to }));
      await save(refused("mail-1", { plateText: "W<b>1" }), await photo());
      const got = await until(() => mail.mails[0], "a mail");
      assert.equal(got.secure, true);
      assert.equal(got.user, "gate");
      assert.deepEqual(got.to, ["guard@example.org"]);
      assert.match(got.source, /Content-ID: <plate_image>/i);
      assert.match(got.source, /cid:plate_image/);
      const words = decoded(got.source);
      assert.match(words, /Unauthorized Vehicle Detected/);
      assert.match(words, /W&lt;b&gt;1/, "escaped in HTML");
      assert.doesNotMatch(words, /<strong>License Plate:<\/strong> W<b>1/);
    });

    it("refuses to go on without TLS, keeps the mail, and sends it in TLS from the first byte", async () => {
      const { ca, server } = await ownCertificates();
      const plain = serve(await MailReceiver.start({ disabledCommands: ["STARTTLS"] }));
      const to = [{ address: "a@example.org", language: "en" as const }];
      const given = rule(smtp(plain.port, { security: "starttls" }), { recipients: to });
      const first = use(given);
      await save(refused("mail-2"));
      await until(
        async () => (await records(`rule:${given.id}:0`)).find((one) => one.lastError),
        "the failure",
      );
      assert.equal(plain.mails.length, 0);
      await first.close();
      const secure = serve(await MailReceiver.start({ ...server, secure: true }));
      use({ ...given, channel: smtp(secure.port, { security: "tls", ca }) });
      await until(() => secure.mails[0], "the mail over TLS");
      assert.equal(secure.mails[0]?.secure, true);
    });

    it("logs in with an OAuth2 token that it renews", async () => {
      const tokens = serve(await HttpReceiver.start());
      tokens.answer = () => ({
        status: 200,
        body: { access_token: "fresh-token", expires_in: 60 },
      });
      const { ca, server } = await ownCertificates();
      const mail = serve(
        await MailReceiver.start({ ...server, secure: true, authMethods: ["XOAUTH2"] }),
      );
      const oauth2 = {
        client_id: "id",
        client_secret: "client-s3cret",
        refresh_token: "refresh-s3cret",
        access_url: `${tokens.url}/token`,
      };
      const channel = smtp(mail.port, { security: "tls", ca, user: "gate", oauth2 });
      const to = [{ address: "a@example.org", language: "th" as const }];
      const open = use(rule(channel, { recipients: to }));
      await open.tell({ ...blankNotice("message", Date.now()), text: "ไม้กั้นค้าง" });
      const got = await until(() => mail.mails[0], "a mail");
      assert.match(decoded(got.source), /ไม้กั้นค้าง/);
      assert.match(tokens.requests[0]?.body.toString() ?? "", /grant_type=refresh_token/);
    });

    it("makes a dead letter of what the server will never take", async () => {
      const mail = serve(await MailReceiver.start());
      mail.refuse = 550;
      const to = [{ address: "nobody@example.org", language: "en" as const }];
      const given = rule(smtp(mail.port), { recipients: to });
      use(given);
      await save(refused("mail-3"));
      const dead = await until(
        async () => (await records(`rule:${given.id}:0`)).find(({ state }) => state === "dead"),
        "a dead letter",
      );
      assert.match(dead.lastError ?? "", /550|not here/);
    });

    it("gathers notices into one digest", async () => {
      const mail = serve(await MailReceiver.start());
      let now = Date.UTC(2026, 2, 2, 10, 1);
      const to = [{ address: "a@example.org", language: "en" as const }];
      const given = rule(smtp(mail.port), { recipients: to, digest_minutes: 15 });
      const open = openRule(
        store.outbox,
        given,
        { events: true },
        {
          images: store.images,
          clock: () => now,
          log: () => undefined,
        },
      );
      rules.push(open);
      const target = store.outbox.feed.targets.get(`rule:${given.id}:0`);
      assert.equal(target?.opensAt?.(now), Date.UTC(2026, 2, 2, 10, 15));
      now = Date.UTC(2026, 2, 2, 10, 15);
      assert.equal(target?.opensAt?.(now), now);
      const items = ["one", "two", "three"].map((plate) => ({
        item: store.outbox.feed.item(target?.id ?? "", {
          lane: "",
          kind: "notice",
          eventId: null,
          payload: { ...blankNotice("unknown", now), plate },
        }),
        event: null,
      }));
      await target?.deliver(items, new AbortController().signal);
      assert.equal(mail.mails.length, 1);
      const words = decoded(mail.mails[0]?.source ?? "");
      assert.match(words, /3 notices/);
      for (const plate of ["one", "two", "three"]) assert.match(words, new RegExp(plate));
      now += 60_000;
      assert.equal(target?.opensAt?.(now), Date.UTC(2026, 2, 2, 10, 30));
    });
  });

  describe("Telegram", () => {
    const TOKEN = "123456:AAbot-s3cret";
    const telegram = (api: HttpReceiver): Channel => ({
      type: "telegram",
      token: TOKEN,
      api_url: api.url,
    });

    it("sends photos and messages to several chats, each on its own", async () => {
      const api = serve(await HttpReceiver.start());
      api.answer = ({ body }) =>
        body.toString().includes("-200")
          ? { status: 403, body: { ok: false, error_code: 403, description: "Forbidden: blocked" } }
          : { status: 200, body: { ok: true, result: { message_id: 1 } } };
      const chats = ["100", "-200", "300"].map((address) => ({ address, language: "en" as const }));
      const given = rule(telegram(api), { recipients: chats });
      use(given);
      await save(refused("tg-1", { plateText: "KX48PLG" }), await photo());
      await until(() => {
        const good = api.requests.filter(({ body }) => /\b(100|300)\b/.test(body.toString()));
        return good.length >= 2 || undefined;
      }, "two chats");
      assert.equal(api.requests[0]?.path, `/bot${TOKEN}/sendPhoto`);
      assert.match(
        api.requests[0]?.body.toString("latin1") ?? "",
        /KX48PLG[\s\S]*filename="plate.jpg"/,
      );
      const dead = await until(
        async () => (await records(`rule:${given.id}:1`)).find(({ state }) => state === "dead"),
        "the blocked chat's dead letter",
      );
      assert.match(dead.lastError ?? "", /blocked/);
      assert.equal((await records(`rule:${given.id}:0`))[0]?.state, "done");
    });

    it("waits as long as Telegram asks", async () => {
      const api = serve(await HttpReceiver.start());
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
      const open = use(rule(telegram(api), { recipients: [{ address: "100", language: "en" }] }));
      await open.tell({ ...blankNotice("message", Date.now()), text: "hello" });
      await until(() => times[1], "the second try");
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 1_000);
    });

    it("says nothing of its token where Telegram cannot be reached", async () => {
      const api = await HttpReceiver.start();
      const channel = telegram(api);
      await api.stop();
      const given = rule(channel, { recipients: [{ address: "100", language: "en" }] });
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
      const receiver = serve(await HttpReceiver.start());
      const other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
      use(rule(webhook(receiver.url, { signing_secret: `${other} ${SECRET}`, secret: "plain" })));
      await save(refused("hook-1"));
      const { headers, body } = await until(() => receiver.requests[0], "a request");
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
      const receiver = serve(await HttpReceiver.start());
      let tries = 0;
      receiver.answer = ({ body }) =>
        body.toString().includes("BAD1")
          ? { status: 422 }
          : { status: ++tries < 4 ? 503 : 200, headers: { "retry-after": "0" } };
      const given = rule(webhook(receiver.url));
      use(given);
      await save(refused("hook-2"));
      await until(() => (tries >= 4 ? true : undefined), "four tries");
      assert.equal(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size, 1);
      await save(refused("hook-3", { plateText: "BAD1" }));
      await until(
        async () => (await records(`rule:${given.id}:0`)).find(({ state }) => state === "dead"),
        "a dead letter",
      );
    });

    it("goes to no link-local address, named or redirected to", async () => {
      const receiver = serve(await HttpReceiver.start());
      receiver.answer = () => ({ status: 302, headers: { location: "http://169.254.169.254/" } });
      for (const url of ["http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/"]) {
        const [trial] = await tryRule(rule(webhook(url)), Date.now(), 5_000);
        assert.match(trial?.error ?? "", /not allowed/);
      }
      const [trial] = await tryRule(rule(webhook(receiver.url)), Date.now(), 5_000);
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
      const [over] = await tryRule(rule(mqtt), Date.now(), 5_000);
      assert.match(over?.error ?? "", /not allowed/);
      const [mail] = await tryRule(
        rule(smtp(25, { host: "169.254.1.1" }), {
          recipients: [{ address: "a@b.c", language: "en" }],
        }),
        Date.now(),
        5_000,
      );
      assert.match(mail?.error ?? "", /not allowed/);
    });

    it("leaves out what is too much, and says so with the next", async () => {
      const receiver = serve(await HttpReceiver.start());
      const throttle = { max: 0, per_seconds: 60, same_plate_seconds: 60 };
      const open = use(rule(webhook(receiver.url), { throttle }));
      const say = (plate: string) =>
        open.tell({ ...blankNotice("message", Date.now()), plate, text: "seen" });
      for (const plate of ["A1", "A1", "A1", "B2"]) await say(plate);
      await until(() => receiver.requests[1], "two requests");
      const told = receiver.requests.map(({ body }) => body.toString());
      assert.equal(told.length, 2);
      assert.match(told[1] ?? "", /2 more were left out/);
    });

    it("uses a rule's own template by kind; a broken one falls back and is told of", async () => {
      const receiver = serve(await HttpReceiver.start());
      const templates = {
        unknown: { subject: "{{ plate | downcase }} at {{ lane_id }}", text: "{% if %}" },
        message: { text: "{{ constructor.constructor }}{% include '/etc/hostname' %}|{{ text }}" },
      };
      const open = use(rule(webhook(receiver.url), { templates }));
      await save(refused("hook-4"));
      const first = await until(() => receiver.requests[0], "a request");
      const body = JSON.parse(first.body.toString()) as { subject: string; data: { text: string } };
      assert.equal(body.subject, "abc123 at north");
      assert.match(body.data.text, /Unauthorized Vehicle/);
      assert.ok(logged.some((line) => line.includes("template of rule Guard")));
      await open.tell({ ...blankNotice("message", Date.now()), text: "hi" });
      const second = await until(() => receiver.requests[1], "another");
      assert.doesNotMatch(second.body.toString(), /function|Function/);
    });
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
    use(rule(channel));
    await save(refused("mqtt-1"));
    await until(() => first.messages[0], "the first message");
    assert.equal(first.messages[0]?.retain, false);
    await first.stop();
    for (const n of [2, 3, 4]) await save(refused(`mqtt-${n}`));
    const second = serve(await Broker.start({ port, tls: server, login }));
    await until(() => second.messages[2], "what waited");
    const ids = second.messages.map(
      ({ payload }) => (JSON.parse(payload) as { data: { event_id: string } }).data.event_id,
    );
    assert.deepEqual(ids, ["mqtt-2", "mqtt-3", "mqtt-4"]);
  });

  it("does what reference 1's variables ask for: one POST per final event, alerts by mail", async () => {
    const receiver = serve(await HttpReceiver.start());
    const mail = serve(await MailReceiver.start());
    const close = openEnvironment(
      store,
      {
        WEBHOOK_URL: `${receiver.url}/api/alpr-events`,
        WEBHOOK_SECRET: "your-secret-key",
        SMTP_SERVER: "localhost",
        SMTP_PORT: String(mail.port),
        SMTP_SECURITY: "none",
        SMTP_FROM: "gate@example.org",
        ALERT_EMAIL_RECIPIENTS: "security@company.com, manager@company.com",
      },
      (_level, message) => logged.push(message),
    );
    try {
      await save(anEvent("env-1", { state: "preliminary", revision: 1 }));
      await save(
        anEvent("env-1", { state: "final", revision: 2, decision: "open", reason: "allowed" }),
      );
      await save(refused("env-2"));
      await Promise.all([save(refused("env-2")), save(anEvent("env-3"))]);
      await until(() => receiver.requests[2], "three requests");
      await until(() => mail.mails[1], "two mails");
      const ids = receiver.requests.map(
        ({ body }) => (JSON.parse(body.toString()) as { event_id: string }).event_id,
      );
      assert.deepEqual(ids.sort(), ["env-1", "env-2", "env-3"]);
      assert.equal(receiver.requests[0]?.headers["x-webhook-secret"], "your-secret-key");
      assert.deepEqual(mail.mails.flatMap(({ to }) => to).sort(), [
        "manager@company.com",
        "security@company.com",
      ]);
    } finally {
      await close();
    }
    assert.doesNotMatch(logged.join("\n"), /s3cret|your-secret-key/);
  });
});

/** A mail's parts in clear. */
function decoded(source: string): string {
  const parts = source.split(/\r?\n--/);
  const clear = parts.map((part) => {
    const [head = "", ...rest] = part.split(/\r?\n\r?\n/);
    const body = rest.join("\n\n");
    if (/base64/i.test(head) && /text\//i.test(head)) return Buffer.from(body, "base64").toString();
    if (/quoted-printable/i.test(head)) return quotedPrintable(body);
    return part;
  });
  const words = source.match(/=\?UTF-8\?[BQ]\?[^?]*\?=/gi) ?? [];
  return [...clear, words.map(encodedWord).join("")].join("\n");
}

function encodedWord(word: string): string {
  const [, , kind = "", text = ""] = word.split("?");
  if (kind.toUpperCase() === "B") return Buffer.from(text, "base64").toString();
  return quotedPrintable(text.replaceAll("_", " "));
}

function quotedPrintable(text: string): string {
  const joined = text.replace(/=\r?\n/g, "");
  const bytes = joined.replace(/=([0-9A-F]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}
