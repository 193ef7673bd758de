import assert from "node:assert/strict";
import { caller, type Call } from "../fixtures/api-client";
import {
  discard,
  startApplication,
  stopProcess,
  type RunningApplication,
} from "../fixtures/application";
import { RefusedError, StreamListener } from "../fixtures/stream-listener";

describe("the event stream", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let call: Call;
  let token: string;
  const env = { PLATEGATE_API_KEY: "edge-key" };

  before(async () => {
    app = await startApplication({ env });
    call = caller(app);
    token = await app.token();
  });
  after(() => discard(app));

  const url = (query = `token=${token}`) => `${app.address}/events/stream?${query}`;
  const ingest = async (id: string, more: object = {}): Promise<void> => {
    const body = { event_id: id, plate_text: "ABC123", camera_id: "cam-1", ...more };
    const answer = await call("POST", "/events/ingest", body);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
  };
  const refused = (status: number) => (error: unknown) =>
    error instanceof RefusedError && error.status === status;

  it("refuses who may not listen, as an answer of HTTP", async () => {
    await assert.rejects(StreamListener.open(url("")), refused(401));
    await assert.rejects(StreamListener.open(url("token=wrong")), refused(401));
    await assert.rejects(StreamListener.open(url("api_key=wrong")), refused(401));
    const cookie = await app.cookie();
    const foreign = { Cookie: cookie, Origin: "http://evil.example" };
    await assert.rejects(StreamListener.open(url(""), foreign), refused(403));
    const own = await StreamListener.open(url(""), { Cookie: cookie, Origin: app.address });
    assert.equal(await own.close(), 1005);
    const long = url(`token=${token}&camera_id=${"x".repeat(200)}`);
    await assert.rejects(StreamListener.open(long), refused(400));
    const unknown = url(`token=${token}&last_event_id=nope`);
    await assert.rejects(StreamListener.open(unknown), refused(400));
    const body = await fetch(url("")).then((answer) => answer.status);
    assert.ok(body >= 400, "without an upgrade it is no page");
  });

  it("sends each event once, as the list shows it, to those who want its camera or zone", async () => {
    const all = await StreamListener.open(url(""), { Authorization: `Bearer ${token}` });
    const camera = await StreamListener.open(url(`token=${token}&camera_id=cam-2`));
    const zone = await StreamListener.open(url("zone_id=zone-b"), { "X-API-Key": "edge-key" });
    await ingest("one", { confidence: 0.9, raw_candidates: [{ text: "ABC123", confidence: 0.9 }] });
    await ingest("two", { camera_id: "cam-2" });
    await ingest("three", { zone_id: "zone-b" });
    await all.heard(3);
    await camera.heard(1);
    await zone.heard(1);
    assert.deepEqual(all.ids, ["one", "two", "three"]);
    assert.deepEqual([camera.ids, zone.ids], [["two"], ["three"]]);
    const [message] = all.messages;
    assert.equal(message?.type, "event");
    const { body } = await call("GET", "/events/one");
    assert.deepEqual(message?.data, body);
    await Promise.all([all.close(), camera.close(), zone.close()]);
  });

  it("goes on where a listener was: nothing missing, nothing twice", async () => {
    const first = await StreamListener.open(url());
    await ingest("r0");
    await first.heard(1);
    await first.close();
    const away = Array.from({ length: 250 }, (_, i) => `r${i + 1}`);
    for (const id of away) await ingest(id);
    // it comes back while events keep coming
    const coming = (async () => {
      for (let i = 0; i < 60; i++) await ingest(`s${i}`);
    })();
    const back = await StreamListener.open(url(`token=${token}&last_event_id=r0`));
    await coming;
    await back.heard(310);
    assert.deepEqual(back.ids, [...away, ...Array.from({ length: 60 }, (_, i) => `s${i}`)]);
    await back.close();
  });

  it("goes on after the program was killed", async () => {
    const listener = await StreamListener.open(url());
    await ingest("k0");
    await listener.heard(1);
    for (let i = 1; i <= 20; i++) await ingest(`k${i}`);
    await stopProcess(app.process, "SIGKILL");
    const heard = listener.ids;
    app = await startApplication({ env, home: app.home });
    call = caller(app);
    token = await app.token();
    await ingest("k21");
    const back = await StreamListener.open(url(`token=${token}&last_event_id=${heard.at(-1)}`));
    const wanted = Array.from({ length: 22 }, (_, i) => `k${i}`);
    await back.heard(wanted.length - heard.length);
    assert.deepEqual([...heard, ...back.ids].sort(), wanted.sort());
    await back.close();
  });

  it("has one connection per key, the newest, and 20 per user", async () => {
    const key = { "X-API-Key": "edge-key" };
    const guide = await StreamListener.open(`${app.address}/ws`, key);
    const old = await StreamListener.open(url(""), key);
    const fresh = await StreamListener.open(url("api_key=edge-key"));
    assert.equal(await old.closing(), 4409);
    await ingest("after-replacing");
    await fresh.heard(1);
    await guide.heard(1);
    await fresh.close();
    assert.equal(await guide.close(), 1005, "the other stream's connection was left alone");
    const many = await Promise.all(Array.from({ length: 20 }, () => StreamListener.open(url())));
    await assert.rejects(StreamListener.open(url()), refused(429));
    await many[0]?.close();
    many[0] = await StreamListener.open(url());
    await Promise.all(many.map((one) => one.close()));
  });

  it("closes a listener whose login has ended", async () => {
    const password = "correct horse battery";
    const made = await call("POST", "/api/v1/users", {
      ...{ username: "listener", email: "l@example.com", password, role: "user" },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const login = await call("POST", "/auth/token", { username: "listener", password });
    const theirs = await StreamListener.open(url(`token=${String(login.body.access_token)}`));
    const ours = await StreamListener.open(url());
    await ingest("still-there");
    await theirs.heard(1);
    const path = `/api/v1/users/${String(made.body.id)}`;
    assert.equal((await call("PATCH", path, { active: false })).status, 200);
    assert.equal(await theirs.closing(), 4401);
    assert.equal(ours.closed, null);
    await ours.close();
  });

  it("closes who talks too much and lets go of all at the end", async () => {
    const loud = await StreamListener.open(url());
    loud.socket.send("x".repeat(10_000));
    assert.equal(await loud.closing(), 1009);
    const last = await StreamListener.open(url());
    assert.equal(await app.stop(), 0);
    assert.ok([1012, 1006].includes(await last.closing()));
  });
});
