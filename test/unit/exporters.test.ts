import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExporterTarget } from "../../adapters/exporters/target";
import { FileSink } from "../../adapters/exporters/file-sink";
import { Store } from "../../adapters/store/store";
import type { ExporterFields } from "../../core/config/types";
import { storedOf, type NewEvent } from "../../core/events/event";
import { waitFor } from "../fixtures/application";
import { anEvent, MONDAY } from "../fixtures/events";
import { Broker, HttpReceiver, S3rver } from "../fixtures/receivers";

const SIGNING = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

describe("exporters", function () {
  this.timeout(60_000);
  let home: string;
  let store: Store;
  const servers: { stop(): Promise<void> }[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-export-"));
    store = new Store({ home, env: {}, log: () => undefined });
    await store.open();
  });
  afterEach(async () => {
    const { resources } = await store.open();
    for (const { id } of await resources.exporters.all()) await resources.exporters.delete(id);
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
  const exporter = (changes: Partial<ExporterFields>): ExporterFields => ({
    name: "central",
    type: "rest",
    url: "",
    enabled: true,
    headers: {},
    auth: null,
    config: {},
    retry_config: {
      enabled: true,
      max_attempts: 3,
      backoff_strategy: "linear",
      initial_delay_ms: 20,
      max_delay_ms: 60,
    },
    metadata: {},
    ...changes,
  });
  const save = async (event: NewEvent, crop: Buffer | null = null): Promise<void> => {
    await store.writer.write({ kind: "event", event, images: { frame: null, crop } });
  };
  const until = <T>(ask: () => T | undefined | Promise<T | undefined>, what: string) =>
    waitFor(ask, 20_000, () => what);

  it("rest: created, changed and turned off by the configuration, without a restart", async () => {
    const { resources } = await store.open();
    const receiver = serve(await HttpReceiver.start());
    const made = await resources.exporters.create(
      null,
      exporter({
        url: `${receiver.url}/events/ingest`,
        headers: { "X-Site": "north" },
        auth: { type: "bearer", token: "t0ken-s3cret" },
      }),
      Date.now(),
    );
    await until(
      () => store.outbox.feed.targets.get(`exporter:${made.id}`) && true,
      "the exporter's target",
    );
    await save(anEvent("rest-1", { decision: "open", reason: "allowed", laneId: "n" }));
    const { headers, body, path, method } = await until(() => receiver.requests[0], "a request");
    assert.equal(`${method} ${path}`, "POST /events/ingest");
    assert.equal(headers.authorization, "Bearer t0ken-s3cret");
    assert.equal(headers["x-site"], "north");
    const sent = JSON.parse(body.toString()) as Record<string, unknown>;
    assert.equal(sent["event_id"], "rest-1");
    assert.equal(sent["plate_text"], "ABC123");
    assert.equal(sent["decision"], "open");
    const before = store.outbox.feed.targets.get(`exporter:${made.id}`);
    await resources.exporters.update(
      made.id,
      ({ fields }) => ({ ...fields, auth: { type: "api_key", api_key: "key-2" } }),
      Date.now(),
    );
    await until(
      () => store.outbox.feed.targets.get(`exporter:${made.id}`) !== before || undefined,
      "the change",
    );
    await save(anEvent("rest-2"));
    const second = await until(() => receiver.requests[1], "the second");
    assert.equal(second.headers["x-api-key"], "key-2");
    await resources.exporters.update(
      made.id,
      ({ fields }) => ({ ...fields, enabled: false }),
      Date.now(),
    );
    await until(
      () => !store.outbox.feed.targets.has(`exporter:${made.id}`) || undefined,
      "it to be off",
    );
  });

  it("rest: an event that the target has already counts as delivered", async () => {
    const { resources } = await store.open();
    const receiver = serve(await HttpReceiver.start());
    receiver.answer = () => ({ status: 409 });
    const { id } = await resources.exporters.create(null, exporter({ url: receiver.url }), 1);
    await until(() => store.outbox.feed.targets.has(`exporter:${id}`) || undefined, "the target");
    await save(anEvent("rest-3"));
    await until(async () => {
      const outbox = await store.outbox.repository();
      const { items } = await outbox.list({ target: `exporter:${id}` }, { skip: 0, limit: 1 });
      return items[0]?.state === "done" || undefined;
    }, "it to be done");
  });

  it("rest: a login that is refused waits, and goes out when it is put right", async () => {
    const { resources } = await store.open();
    const receiver = serve(await HttpReceiver.start());
    receiver.answer = ({ headers }) => ({
      status: headers.authorization === "Bearer b" ? 200 : 401,
    });
    const retry_config = {
      ...{ enabled: true, max_attempts: 1, backoff_strategy: "linear" as const },
      ...{ initial_delay_ms: 3_600_000, max_delay_ms: 3_600_000 },
    };
    const auth = { type: "bearer" as const, token: "a" };
    const given = exporter({ url: receiver.url, auth, retry_config });
    const { id } = await resources.exporters.create(null, given, 1);
    await until(() => store.outbox.feed.targets.has(`exporter:${id}`) || undefined, "the target");
    const state = async () => {
      const outbox = await store.outbox.repository();
      const { items } = await outbox.list({ target: `exporter:${id}` }, { skip: 0, limit: 1 });
      return items[0];
    };
    await save(anEvent("login-1"));
    const waits = await until(
      async () => ((await state())?.lastError ? state() : undefined),
      "401",
    );
    assert.deepEqual([waits.state, waits.lastError, waits.attempts], ["waiting", "HTTP 401", 0]);
    const better = { type: "bearer" as const, token: "b" };
    await resources.exporters.update(id, ({ fields }) => ({ ...fields, auth: better }), 2);
    await until(async () => (await state())?.state === "done" || undefined, "the delivery");
  });

  it("mqtt: to a topic of the event's own camera, in QoS 1", async () => {
    const { resources } = await store.open();
    const broker = serve(await Broker.start({ login: ["u", "p"] }));
    const config = { topic: "anpr/{camera_id}/events", qos: 1, username: "u", password: "p" };
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const fields = exporter({ type: "mqtt", url, config });
    const { id } = await resources.exporters.create(null, fields, 1);
    await until(() => store.outbox.feed.targets.has(`exporter:${id}`) || undefined, "the target");
    await save(anEvent("mq-1", { cameraId: "cam/+1" }));
    const message = await until(() => broker.messages[0], "a message");
    assert.equal(message.topic, "anpr/cam--1/events");
    assert.match(message.payload, /"event_id":"mq-1"/);
  });

  it("plategate: events with their pictures; what has no plate stays", async () => {
    const receiver = serve(await HttpReceiver.start());
    const target = new ExporterTarget(
      "x",
      exporter({
        ...{ type: "plategate", url: receiver.url, auth: { type: "api_key", api_key: "k" } },
        config: { signing_secret: SIGNING },
      }),
      true,
      { home, images: store.images, env: {}, clock: Date.now },
    );
    const crop = Buffer.from("ffd8ffe0", "hex");
    const paths = await store.images.put("pg-1", MONDAY, { frame: null, crop });
    const times = { createdAt: 1, updatedAt: 1 };
    const decided = { crop: paths.crop, decision: "open", reason: "allowed" } as const;
    const item = (id: string) =>
      store.outbox.feed.item("x", { lane: "", kind: "event", eventId: id, payload: null });
    const outcomes = await target.deliver(
      [
        { item: item("pg-1"), event: storedOf(anEvent("pg-1", decided), times) },
        { item: item("pg-2"), event: storedOf(anEvent("pg-2", { plateText: "" }), times) },
      ],
      new AbortController().signal,
    );
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ["delivered", "skipped"],
    );
    const [request] = receiver.requests;
    assert.equal(request?.path, "/events/ingest");
    assert.equal(request?.headers["x-api-key"], "k");
    const text = request?.body.toString("latin1") ?? "";
    // an independent implementation signs the same bytes alike
    const { "webhook-id": id, "webhook-timestamp": seconds } = request?.headers ?? {};
    const signed = Buffer.concat([
      Buffer.from(`${String(id)}.${String(seconds)}.`),
      request?.body ?? Buffer.alloc(0),
    ]);
    const key = Buffer.from(SIGNING.slice("whsec_".length), "base64");
    const wanted = execFileSync(
      "openssl",
      ["dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${key.toString("hex")}`, "-binary"],
      { input: signed },
    );
    assert.equal(request?.headers["webhook-signature"], `v1,${wanted.toString("base64")}`);
    assert.match(text, /name="event"[\s\S]*"event_id":"pg-1"/);
    const sent = /name="event"\r\n\r\n(.*)\r\n/.exec(text)?.[1] ?? "";
    const { metadata } = JSON.parse(sent) as { metadata: { edge: Record<string, unknown> } };
    assert.equal(metadata.edge["decision"], "open", "what the edge decided, where ingest keeps it");
    assert.equal(metadata.edge["reason"], "allowed");
    assert.match(text, /name="crop"; filename="crop.jpg"[\s\S]*image\/jpeg/);
    await target.close();
  });

  it("plategate: waits while the store of pictures is away", async () => {
    const receiver = serve(await HttpReceiver.start());
    let away = true;
    const open = (path: string) =>
      away ? Promise.reject(new Error("no answer")) : store.images.open(path);
    const given = exporter({ type: "plategate", url: receiver.url });
    const parts = { home, images: { open }, env: {}, clock: Date.now };
    const target = new ExporterTarget("x", given, true, parts);
    const crop = Buffer.from("ffd8ffe0", "hex");
    const { crop: path } = await store.images.put("pg-3", MONDAY, { frame: null, crop });
    const event = storedOf(anEvent("pg-3", { crop: path }), { createdAt: 1, updatedAt: 1 });
    const what = { lane: "", kind: "event", eventId: "pg-3", payload: null };
    const deliver = () =>
      target.deliver(
        [{ item: store.outbox.feed.item("x", what), event }],
        new AbortController().signal,
      );
    assert.equal((await deliver())[0]?.result, "unavailable");
    away = false;
    assert.equal((await deliver())[0]?.result, "delivered");
    assert.equal(receiver.requests.length, 1);
    assert.match(receiver.requests[0]?.body.toString("latin1") ?? "", /name="crop"/);
    await target.close();
  });

  it("file: JSON lines and CSV, a file a day, old ones deleted, never outside its folder", async () => {
    const folder = join(home, "exports");
    let now = Date.UTC(2026, 2, 2, 22, 59);
    const options = { folder, timeZone: "Europe/Vienna", clock: () => now };
    const data = (plate: string) => ({ event_id: plate, plate_text: plate });
    const write = (sink: FileSink, ...plates: string[]) =>
      sink.write(plates.map((plate) => ({ id: plate, data: data(plate), event: null })));
    const lines = new FileSink(exporter({ type: "file", url: "north/reads.jsonl" }), options);
    await write(lines, "A1", "B2");
    now += 120_000;
    await write(lines, "C3");
    assert.deepEqual((await readdir(join(folder, "north"))).sort(), [
      "reads-2026-03-02.jsonl",
      "reads-2026-03-03.jsonl",
    ]);
    const first = await readFile(join(folder, "north", "reads-2026-03-02.jsonl"), "utf8");
    assert.deepEqual(
      first
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { event_id: string }).event_id),
      ["A1", "B2"],
    );
    const csv = new FileSink(
      exporter({ type: "file", url: "table.csv", config: { keep_days: 1 } }),
      options,
    );
    await write(csv, "=1+1", "D4");
    await write(csv, "E5");
    const table = await readFile(join(folder, "table-2026-03-03.csv"), "utf8");
    assert.match(table, /^event_id,timestamp,/);
    assert.equal(table.trim().split("\n").length, 4);
    assert.match(table, /'=1\+1/, "no formula");
    now = Date.now() + 10 * 86_400_000;
    await write(csv, "F6");
    assert.equal((await readdir(folder)).filter((name) => name.startsWith("table")).length, 1);
    for (const url of ["../out.jsonl", "/etc/out.jsonl", "."]) {
      assert.throws(() => new FileSink(exporter({ type: "file", url }), options), /below/);
    }
  });

  it("file: a line that a crash or a full disk left unfinished is written anew", async () => {
    const options = { folder: join(home, "exports"), timeZone: "UTC", clock: () => 0 };
    const write = (sink: FileSink, id: string) =>
      sink.write([{ id, data: { event_id: id }, event: null }]);
    const file = (ending: string) => join(home, "exports", `torn-1970-01-01.${ending}`);
    const lines = new FileSink(exporter({ type: "file", url: "torn.jsonl" }), options);
    await write(lines, "A1");
    await appendFile(file("jsonl"), '{"event_id":"B');
    await write(lines, "B2");
    assert.equal(await readFile(file("jsonl"), "utf8"), '{"event_id":"A1"}\n{"event_id":"B2"}\n');
    const csv = new FileSink(exporter({ type: "file", url: "torn.csv" }), options);
    await writeFile(file("csv"), "event_id,timest");
    await write(csv, "A1");
    assert.match(await readFile(file("csv"), "utf8"), /^event_id,timestamp,.*\nA1,.*\n$/);
  });

  it("s3: an object an event, the same again in the same place", async () => {
    const directory = await mkdtemp(join(tmpdir(), "plategate-s3-"));
    const server = new S3rver({
      port: 0,
      address: "127.0.0.1",
      silent: true,
      directory,
      configureBuckets: [{ name: "plates", configs: [] }],
    });
    const { port } = await server.run();
    servers.push({
      stop: async () => {
        await server.close();
        await rm(directory, { recursive: true, force: true });
      },
    });
    const target = new ExporterTarget(
      "s",
      exporter({
        type: "s3",
        url: "s3://plates/north",
        config: { endpoint: `http://127.0.0.1:${port}` },
        auth: { type: "basic", username: "S3RVER", password: "S3RVER" },
      }),
      true,
      { home, images: store.images, env: {}, clock: Date.now },
    );
    const event = storedOf(anEvent("s3-1"), { createdAt: 1, updatedAt: 1 });
    const item = store.outbox.feed.item("s", {
      lane: "",
      kind: "event",
      eventId: "s3-1",
      payload: null,
    });
    for (let i = 0; i < 2; i++) {
      const [outcome] = await target.deliver([{ item, event }], new AbortController().signal);
      assert.deepEqual(outcome, { result: "delivered" });
    }
    const folder = join(directory, "plates", "north", "2026", "03", "02");
    const stored = (await readdir(folder)).filter((name) => name.endsWith("_object"));
    assert.deepEqual(stored, ["s3-1.json._S3rver_object"]);
    await target.close();
  });
});
