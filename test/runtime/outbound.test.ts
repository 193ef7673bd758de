import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import {
  discard,
  startApplication,
  stopProcess,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { HttpReceiver, MailReceiver } from "../fixtures/receivers";

const SIGNING = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

describe("what leaves the application", function () {
  this.timeout(180_000);
  let application: RunningApplication;
  let receiver: HttpReceiver;
  let mail: MailReceiver;
  let env: Record<string, string>;

  before(async () => {
    receiver = await HttpReceiver.start();
    mail = await MailReceiver.start();
    env = {
      WEBHOOK_URL: `${receiver.url}/api/alpr-events`,
      WEBHOOK_SECRET: "webhook-s3cret",
      WEBHOOK_SIGNING_SECRET: SIGNING,
    };
    application = await startApplication({ env });
  });
  after(async () => {
    await discard(application);
    await receiver.stop();
    await mail.stop();
  });

  const post = (path: string, body: object, method = "POST") =>
    application.get(path, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const ingest = async (id: string) => {
    const answer = await post("/events/ingest", { event_id: id, plate_text: "KX48 PLG" });
    return answer.status;
  };
  const ids = () =>
    receiver.requests
      .filter(({ path }) => path === "/api/alpr-events")
      .map(({ body }) => (JSON.parse(body.toString()) as { event_id: string }).event_id);
  const until = <T>(ask: () => T | undefined | Promise<T | undefined>, what: string) =>
    waitFor(ask, 40_000, () => `${what}\n${application.output()}`);

  it("posts each ingested event to WEBHOOK_URL exactly once, signed", async () => {
    assert.deepEqual(await Promise.all(["w1", "w2", "w3"].map(ingest)), [202, 202, 202]);
    assert.equal(await ingest("w1"), 409);
    await until(() => ids().length >= 3 || undefined, "three posts");
    assert.deepEqual(ids().sort(), ["w1", "w2", "w3"]);
    const { body, headers } = receiver.requests[0] ?? assert.fail();
    new Webhook(SIGNING).verify(body.toString(), headers as Record<string, string>);
    assert.equal(headers["x-webhook-secret"], "webhook-s3cret");
    assert.match(headers["user-agent"] ?? "", /^ALPR-System\/1\.0 /);
  });

  it("delivers after kill -9 what it had stored while the receiver was away", async () => {
    const { port } = receiver;
    await receiver.stop();
    for (const id of ["k1", "k2", "k3"]) assert.equal(await ingest(id), 202);
    await stopProcess(application.process, "SIGKILL");
    receiver = await HttpReceiver.start(port);
    application = await startApplication({ env, home: application.home });
    await until(() => ids().length >= 3 || undefined, "what waited");
    assert.deepEqual(ids(), ["k1", "k2", "k3"]);
  });

  it("shows dead letters, sends them again and drops them", async () => {
    receiver.answer = () => ({ status: 422 });
    await ingest("d1");
    const dead = await until(async () => {
      const answer = await application.get("/api/v1/outbox?state=dead");
      const { items } = (await answer.json()) as { items: { id: string; event_id: string }[] };
      return items[0];
    }, "a dead letter");
    assert.equal(dead.event_id, "d1");
    const targets = (await (await application.get("/api/v1/outbox/targets")).json()) as {
      items: { id: string; dead: number; last_error: string }[];
    };
    const webhook = targets.items.find(({ id }) => id === "env-webhook");
    assert.equal(webhook?.dead, 1);
    assert.match(webhook?.last_error ?? "", /422/);
    receiver.answer = () => ({ status: 200 });
    assert.equal((await post(`/api/v1/outbox/${dead.id}/resend`, {})).status, 200);
    await until(() => ids().filter((id) => id === "d1").length >= 2 || undefined, "it again");
    assert.equal((await post(`/api/v1/outbox/${dead.id}`, {}, "DELETE")).status, 404);
    assert.equal((await fetch(`${application.address}/api/v1/outbox`)).status, 401);
  });

  it("drops what waits for an exporter that was taken away", async () => {
    const exporter = { name: "Away", type: "rest", url: "http://127.0.0.1:1/", enabled: true };
    const made = (await (await post("/config/exporters", exporter)).json()) as { id: string };
    assert.equal(await ingest("away-1"), 202);
    const target = `exporter:${made.id}`;
    type Report = { id: string; name: string | null; status: string; waiting: number };
    const report = async (): Promise<Report | undefined> => {
      const answer = await application.get("/api/v1/outbox/targets");
      const { items } = (await answer.json()) as { items: Report[] };
      return items.find(({ id }) => id === target);
    };
    await until(async () => (await report())?.waiting === 1 || undefined, "it to wait");
    const path = `/api/v1/outbox/targets/${encodeURIComponent(target)}/drop`;
    assert.deepEqual(await (await post(path, {})).json(), { changed: 0 }, "it is there");
    const gone = await application.get(`/config/exporters/${made.id}`, { method: "DELETE" });
    assert.equal(gone.status, 204);
    await until(async () => (await report())?.status === "gone" || undefined, "it to be gone");
    assert.deepEqual(await (await post(path, {})).json(), { changed: 1 });
    assert.equal(await report(), undefined);
  });

  it("keeps notification rules, hides their secrets, and tries them", async () => {
    const rule = {
      name: "Guard",
      kinds: ["recorded"],
      channel: {
        type: "email",
        host: "127.0.0.1",
        port: mail.port,
        security: "none",
        password: "mail-s3cret",
        from: "gate@example.org",
      },
      recipients: [{ address: "guard@example.org", language: "th" }],
      templates: { recorded: { subject: "{{ plate }} ({{ kind }})" } },
    };
    const made = await post("/api/v1/notification_rules", rule);
    const text = await made.text();
    assert.equal(made.status, 201, text);
    assert.doesNotMatch(text, /s3cret/);
    const { id } = JSON.parse(text) as { id: string };
    const bad = { ...rule, templates: { recorded: { text: "{% if %}" } } };
    assert.equal((await post("/api/v1/notification_rules", bad)).status, 422);
    const webhook = { type: "webhook", url: "http://127.0.0.1:1/", signing_secret: "whsec_" };
    const unsigned = await post("/api/v1/notification_rules", { ...rule, channel: webhook });
    assert.equal(unsigned.status, 422);
    assert.match(await unsigned.text(), /channel\.signing_secret/);
    const exporter = { name: "E", type: "rest", url: "http://127.0.0.1:1/" };
    const config = { signing_secret: `${SIGNING} whsec_!` };
    assert.equal((await post("/config/exporters", { ...exporter, config })).status, 400);
    const socket = { name: "E", type: "mqtt", url: "ws://127.0.0.1:1/" };
    assert.equal((await post("/config/exporters", socket)).status, 400, "no broker over it");
    const silent = await post("/api/v1/notification_rules", { ...rule, kinds: ["message"] });
    assert.equal(silent.status, 422);
    assert.match(await silent.text(), /node \\"notify\\"/);
    const tried = await post(`/api/v1/notification_rules/${id}/test`, {});
    assert.deepEqual(await tried.json(), {
      status: "success",
      recipients: [{ address: "guard@example.org", ok: true, error: null }],
    });
    await ingest("n1");
    const told = await until(() => mail.mails[1], "the notification");
    assert.match(told.source, /Subject: KX48PLG \(recorded\)/);
    const off = await post(`/api/v1/notification_rules/${id}`, { enabled: false }, "PATCH");
    assert.equal(off.status, 200);
    assert.doesNotMatch(await off.text(), /s3cret/);
  });

  it("mails watch hits over the server of a notification rule, and warns where there is none", async () => {
    const bolo = { plate_pattern: "BGT*", description: "stolen", emails: ["desk@example.org"] };
    const warned = (await (await post("/api/bolos", bolo)).json()) as { warning?: string };
    assert.match(warned.warning ?? "", /SMTP_SERVER/);
    const channel = { type: "email", host: "127.0.0.1", port: mail.port, security: "none" };
    const rule = {
      name: "Desk",
      kinds: ["denied"],
      channel: { ...channel, from: "gate@example.org" },
      recipients: [{ address: "guard@example.org", language: "en" }],
    };
    assert.equal((await post("/api/v1/notification_rules", rule)).status, 201);
    const quiet = (await (await post("/api/bolos", bolo)).json()) as { warning?: string };
    assert.equal(quiet.warning, undefined);
    const event = { event_id: "b1", plate_text: "BGT 7305", confidence: 0.9 };
    assert.equal((await post("/events/ingest", event)).status, 202);
    const desk = () => mail.mails.filter(({ to }) => to.includes("desk@example.org"));
    await until(() => desk().length === 2 || undefined, "a mail for each entry");
    assert.match(desk()[0]?.source ?? "", /stolen/);
  });

  it("counts what waits in /healthz and names no secret anywhere", async () => {
    const health = (await (await fetch(`${application.address}/healthz`)).json()) as {
      components: { outbox: { targets: number } };
    };
    assert.ok(health.components.outbox.targets >= 1);
    assert.doesNotMatch(application.output(), /s3cret|C2FVsBQIhrscChlQIMV/);
  });
});
