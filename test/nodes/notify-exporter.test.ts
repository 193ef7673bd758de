import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node } from "node-red";
import helper = require("node-red-node-test-helper");
import type { PlategateMessage } from "../../nodes/shared/kit";
import { waitFor } from "../fixtures/application";
import { aDecision, anOutcome, aPassage } from "../fixtures/events";
import { HttpReceiver, MailReceiver } from "../fixtures/receivers";

const nodes = ["plategate-store", "event-store", "notify", "exporter"].map(
  (type) => require(`../../nodes/${type}/${type}`) as never,
);

describe("notify and exporter nodes", function () {
  this.timeout(60_000);
  let home: string;
  const servers: { stop(): Promise<void> }[] = [];
  const earlier = process.env["PLATEGATE_HOME"];

  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-node-"));
    process.env["PLATEGATE_HOME"] = home;
  });
  afterEach(async () => {
    await helper.unload();
    for (const server of servers.splice(0)) await server.stop();
    if (earlier === undefined) delete process.env["PLATEGATE_HOME"];
    else process.env["PLATEGATE_HOME"] = earlier;
    await rm(home, { recursive: true, force: true });
  });

  const serve = <T extends { stop(): Promise<void> }>(server: T): T => {
    servers.push(server);
    return server;
  };
  async function load(node: object, credentials: object = {}): Promise<Node> {
    await helper.load(
      nodes,
      [
        { id: "db", type: "plategate-store", url: "" },
        { id: "e1", type: "event-store", store: "db", operation: "store", wires: [["n1"]] },
        { id: "n1", store: "db", wires: [["out"]], ...node },
        { id: "out", type: "helper" },
      ] as never,
      { n1: credentials },
    );
    return helper.getNode("n1");
  }
  /** @returns the message that comes out, or rejects with what the node complains of */
  function send(to: string, message: object): Promise<PlategateMessage> {
    const out = helper.getNode("out");
    const node = helper.getNode("n1");
    return new Promise((resolve, reject) => {
      out.once("input", (answer) => resolve(answer as PlategateMessage));
      node.once("call:error", (call: { firstArg: Error }) => reject(call.firstArg));
      helper.getNode(to).receive(message as never);
    });
  }
  const until = <T>(ask: () => T | undefined | Promise<T | undefined>, what: string) =>
    waitFor(ask, 20_000, () => what);
  const dataOf = (receiver: HttpReceiver) =>
    receiver.requests.map(
      ({ body }) => JSON.parse(body.toString()) as { type: string; data: { text: string } },
    );

  it("notify tells of decisions once, of watch hits, barriers and texts", async () => {
    const receiver = serve(await HttpReceiver.start());
    await load({ type: "notify", channel: "webhook", url: receiver.url, language: "th" });
    const passage = aPassage("p1");
    const decision = aDecision("p1", { result: "deny", reason: "expired" });
    await send("n1", { passage, decision });
    await send("n1", { passage, decision });
    const hit = {
      entryId: "w1",
      pattern: "AB*",
      description: "stolen",
      priority: "high",
      webhookUrl: null,
      emails: [],
      plate: "ABC123",
      passageId: "p1",
      cameraId: "cam-1",
      laneId: null,
      seenAt: passage.lastSeen,
    };
    await send("n1", { passage, decision, watchHits: [hit] });
    await send("n1", { barrier: anOutcome("p1", { result: "failed", reason: "no answer" }) });
    await send("n1", { payload: "hello" });
    await assert.rejects(send("n1", { payload: 7 }), /nothing to tell/);
    await until(() => receiver.requests[3], "four notices");
    const told = dataOf(receiver);
    assert.deepEqual(
      told.map(({ type }) => type),
      ["notice.denied", "notice.watch_hit", "notice.barrier", "notice.message"],
    );
    assert.match(told[0]?.data.text ?? "", /ทะเบียนรถ: ABC123/);
    assert.match(told[1]?.data.text ?? "", /stolen/);
    assert.match(told[2]?.data.text ?? "", /open: failed, no answer/);
  });

  it("notify sends the stored picture by mail to each recipient", async () => {
    const mail = serve(await MailReceiver.start());
    const node = {
      type: "notify",
      channel: "email",
      host: "127.0.0.1",
      port: mail.port,
      security: "none",
      from: "gate@example.org",
      recipients: "guard@example.org @th\nboss@example.org",
      language: "en",
      picture: true,
    };
    await load(node);
    const crop = Buffer.from("ffd8ffe000104a464946", "hex");
    const passage = aPassage("p2", { images: { frame: null, crop } });
    await send("e1", { passage, decision: aDecision("p2", { result: "review" }) });
    await until(() => mail.mails[1], "two mails");
    for (const { source } of mail.mails) assert.match(source, /Content-ID: <plate_image>/i);
    assert.deepEqual(mail.mails.flatMap(({ to }) => to).sort(), [
      "boss@example.org",
      "guard@example.org",
    ]);
  });

  it("notify is loaded again after a mail, as an installed palette makes Node-RED do", async () => {
    const mail = serve(await MailReceiver.start());
    const node = {
      ...{ type: "notify", channel: "email", host: "127.0.0.1", port: mail.port },
      ...{ security: "none", from: "gate@example.org", recipients: "guard@example.org" },
    };
    for (let round = 1; round <= 3; round++) {
      await load(node);
      await send("n1", { payload: `round ${round}` });
      await until(() => mail.mails[round - 1], `mail ${round}`);
      await helper.unload();
    }
    assert.equal(mail.mails.length, 3);
  });

  it("notify lets go of a mail server that says nothing", async function () {
    // its own limits are 15 s each: a redeploy must not wait for them
    this.timeout(12_000);
    const held = new Set<Socket>();
    const silent = createServer((socket) => held.add(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    servers.push({
      stop: () => new Promise((resolve) => silent.close(() => resolve())),
    });
    const { port } = silent.address() as AddressInfo;
    await load({
      ...{ type: "notify", channel: "email", host: "127.0.0.1", port },
      ...{ security: "none", from: "gate@example.org", recipients: "guard@example.org" },
    });
    await send("n1", { payload: "hello" });
    await until(() => (held.size > 0 ? true : undefined), "a connection");
    const [socket] = held;
    const closed = once(socket as Socket, "close");
    socket?.resume();
    await helper.unload();
    await closed;
  });

  it("notify says which setting is wrong, and its test tells what came of it", async () => {
    await load({ type: "notify", channel: "email", host: "", recipients: "a@b.c" });
    await assert.rejects(send("n1", { payload: "x" }), /channel\.host/);
    await helper.unload();
    const receiver = serve(await HttpReceiver.start());
    receiver.answer = () => ({ status: 500 });
    await load({ type: "notify", channel: "webhook", url: receiver.url });
    const answer = await helper.request().post("/plategate/notify/n1/test");
    const body = answer.body as { status: string; recipients: { error: string }[] };
    assert.equal(body.status, "failed");
    assert.equal(body.recipients[0]?.error, "HTTP 500");
    const gone = await helper.request().post("/plategate/notify/nope/test");
    assert.equal(gone.status, 404);
  });

  it("exporter sends stored events and plain objects, with its secrets from the credentials", async () => {
    const receiver = serve(await HttpReceiver.start());
    await load(
      { type: "exporter", exporterType: "rest", url: receiver.url, authType: "bearer" },
      { token: "node-s3cret" },
    );
    await send("e1", { passage: aPassage("x1"), decision: aDecision("x1") });
    await send("n1", { payload: { mine: 1 } });
    await assert.rejects(send("n1", { payload: "text" }), /nothing to export/);
    await until(() => receiver.requests[1], "two requests");
    const sent = receiver.requests.map(
      ({ body }) => JSON.parse(body.toString()) as Record<string, unknown>,
    );
    assert.deepEqual(sent.map((one) => one["event_id"] ?? one["mine"]).sort(), [1, "x1"]);
    assert.equal(receiver.requests[0]?.headers.authorization, "Bearer node-s3cret");
  });

  it("exporter writes every final event of the store without a wire", async () => {
    const node = { exporterType: "file", url: "gate.csv", format: "csv", source: "events" };
    await load({ type: "exporter", ...node, wires: [] });
    helper.getNode("e1").receive({ passage: aPassage("f1") });
    const folder = join(home, "exports");
    const text = await until(async () => {
      const [name] = await readdir(folder).catch(() => []);
      return name ? await readFile(join(folder, name), "utf8") : undefined;
    }, "the file");
    assert.match(text, /f1,.*ABC123/);
  });
});
