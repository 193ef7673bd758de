import assert from "node:assert/strict";
import { openEnvironment } from "../../adapters/notify/environment";
import { blankNotice } from "../../core/notify/notice";
import { ownCertificates } from "../fixtures/certificates";
import { anEvent } from "../fixtures/events";
import { aRule, decoded, NotifyKit, photo, refused, smtp } from "../fixtures/notify-kit";
import { HttpReceiver, MailReceiver } from "../fixtures/receivers";

describe("notifications by email", function () {
  this.timeout(60_000);
  let kit: NotifyKit;

  before(async () => {
    kit = await NotifyKit.open();
  });
  afterEach(() => kit.reset());
  after(() => kit.close());

  it("goes over STARTTLS with a login, in HTML and text, the plate's picture inside", async () => {
    const { ca, server } = await ownCertificates();
    const mail = kit.serve(await MailReceiver.start({ ...server }));
    const login = { user: "gate", password: "s3cret-mail" };
    const to = [{ address: "guard@example.org", language: "en" as const }];
    kit.use(aRule(smtp(mail.port, { security: "starttls", ca, ...login }), { recipients: to }));
    await kit.save(refused("mail-1", { plateText: "W<b>1" }), await photo());
    const got = await kit.until(() => mail.mails[0], "a mail");
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
    const plain = kit.serve(await MailReceiver.start({ disabledCommands: ["STARTTLS"] }));
    const to = [{ address: "a@example.org", language: "en" as const }];
    const given = aRule(smtp(plain.port, { security: "starttls" }), { recipients: to });
    const first = kit.use(given);
    await kit.save(refused("mail-2"));
    await kit.until(
      async () => (await kit.records(`rule:${given.id}:0`)).find((one) => one.lastError),
      "the failure",
    );
    assert.equal(plain.mails.length, 0);
    await first.close();
    const secure = kit.serve(await MailReceiver.start({ ...server, secure: true }));
    kit.use({ ...given, channel: smtp(secure.port, { security: "tls", ca }) });
    await kit.until(() => secure.mails[0], "the mail over TLS");
    assert.equal(secure.mails[0]?.secure, true);
  });

  it("logs in with an OAuth2 token that it renews", async () => {
    const tokens = kit.serve(await HttpReceiver.start());
    tokens.answer = () => ({
      status: 200,
      body: { access_token: "fresh-token", expires_in: 60 },
    });
    const { ca, server } = await ownCertificates();
    const mail = kit.serve(
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
    const open = kit.use(aRule(channel, { recipients: to }));
    await open.tell({ ...blankNotice("message", Date.now()), text: "ไม้กั้นค้าง" });
    const got = await kit.until(() => mail.mails[0], "a mail");
    assert.match(decoded(got.source), /ไม้กั้นค้าง/);
    assert.match(tokens.requests[0]?.body.toString() ?? "", /grant_type=refresh_token/);
  });

  it("makes a dead letter of what the server will never take", async () => {
    const mail = kit.serve(await MailReceiver.start());
    mail.refuse = 550;
    const to = [{ address: "nobody@example.org", language: "en" as const }];
    const given = aRule(smtp(mail.port), { recipients: to });
    kit.use(given);
    await kit.save(refused("mail-3"));
    const dead = await kit.until(
      async () => (await kit.records(`rule:${given.id}:0`)).find(({ state }) => state === "dead"),
      "a dead letter",
    );
    assert.match(dead.lastError ?? "", /550|not here/);
  });

  it("gathers notices into one digest", async () => {
    const mail = kit.serve(await MailReceiver.start());
    let now = Date.UTC(2026, 2, 2, 10, 1);
    const to = [{ address: "a@example.org", language: "en" as const }];
    const given = aRule(smtp(mail.port), { recipients: to, digest_minutes: 15 });
    kit.use(given, () => now);
    const target = kit.store.outbox.feed.targets.get(`rule:${given.id}:0`);
    assert.equal(target?.opensAt?.(now), Date.UTC(2026, 2, 2, 10, 15));
    now = Date.UTC(2026, 2, 2, 10, 15);
    assert.equal(target?.opensAt?.(now), now);
    const items = ["one", "two", "three"].map((plate) => ({
      item: kit.store.outbox.feed.item(target?.id ?? "", {
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

  it("does what reference 1's variables ask for: one POST per final event, alerts by mail", async () => {
    const receiver = kit.serve(await HttpReceiver.start());
    const mail = kit.serve(await MailReceiver.start());
    const close = openEnvironment(
      kit.store,
      {
        WEBHOOK_URL: `${receiver.url}/api/alpr-events`,
        WEBHOOK_SECRET: "your-secret-key",
        SMTP_SERVER: "localhost",
        SMTP_PORT: String(mail.port),
        SMTP_SECURITY: "none",
        SMTP_FROM: "gate@example.org",
        ALERT_EMAIL_RECIPIENTS: "security@company.com, manager@company.com",
      },
      (_level, message) => kit.logged.push(message),
    );
    try {
      await kit.save(anEvent("env-1", { state: "preliminary", revision: 1 }));
      await kit.save(
        anEvent("env-1", { state: "final", revision: 2, decision: "open", reason: "allowed" }),
      );
      await kit.save(refused("env-2"));
      await Promise.all([kit.save(refused("env-2")), kit.save(anEvent("env-3"))]);
      await kit.until(() => receiver.requests[2], "three requests");
      await kit.until(() => mail.mails[1], "two mails");
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
    assert.doesNotMatch(kit.logged.join("\n"), /s3cret|your-secret-key/);
  });
});
