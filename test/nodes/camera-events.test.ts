import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { connectAsync } from "mqtt";
import type { NodeAPI } from "node-red";
import helper = require("node-red-node-test-helper");
import type { PlategateMessage } from "../../nodes/shared/kit";
import { waitFor } from "../fixtures/application";
import * as report from "../fixtures/camera-reports";
import { EventCamera } from "../fixtures/event-camera";
import { startBroker } from "../fixtures/mqtt-kit";
import { photo } from "../fixtures/notify-kit";
import { HttpReceiver } from "../fixtures/receivers";

/** The helper serves no routes of nodes: they get a server of the test's own. */
const web = express();
const load = (type: string) => require(`../../nodes/${type}/${type}`) as (RED: NodeAPI) => void;
const nodes = [
  (RED: NodeAPI) =>
    load("camera-events")(Object.create(RED, { httpNode: { value: web } }) as NodeAPI),
  load("allowlist-check"),
];
const LOGIN = { scheme: "digest", user: "gate", password: "s3cret-cam", qop: true } as const;
const SECRET = "a secret of this test";
const PLATE = "AB123CD";

type Arrived = PlategateMessage & { late?: boolean };

describe("camera-events node", function () {
  this.timeout(60_000);
  const closers: (() => Promise<void>)[] = [];
  let live: Arrived[];
  let late: Arrived[];
  let opened: Arrived[];
  let server: Server;
  let base = "";

  before(async () => {
    server = web.listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(async () => {
    server.close();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
  });
  afterEach(async () => {
    await helper.unload();
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function use(fields: object, secrets: object): Promise<void> {
    const check = { store: "", site: "", laneId: "", plates: PLATE, minReads: 1 };
    await helper.load(
      nodes,
      [
        { id: "c1", type: "camera-events", laneId: "entry", ...fields, wires: [["l", "g"], ["t"]] },
        { id: "g", type: "allowlist-check", ...check, wires: [["o"], [], []] },
        { id: "l", type: "helper" },
        { id: "t", type: "helper" },
        { id: "o", type: "helper" },
      ] as never,
      { c1: secrets },
    );
    const collect = (id: string): Arrived[] => {
      const found: Arrived[] = [];
      helper.getNode(id).on("input", (message) => found.push(message));
      return found;
    };
    [live, late, opened] = [collect("l"), collect("t"), collect("o")];
  }
  const until = <T>(ask: () => T | undefined, what: string) => waitFor(ask, 20_000, () => what);

  async function camera(): Promise<{ device: EventCamera; url: string }> {
    const device = new EventCamera(LOGIN);
    const url = await device.start();
    closers.push(() => device.stop());
    return { device, url };
  }
  const connected = (device: EventCamera) =>
    until(() => (device.listeners > 0 ? true : undefined), "the stream");

  it("reads Hikvision's stream with Digest, keeps the pictures, and connects again", async () => {
    const { device, url } = await camera();
    await use(
      { source: "hikvision", how: "stream", url, user: "gate", cameraId: "north" },
      { password: "s3cret-cam" },
    );
    await connected(device);
    assert.deepEqual(device.asked, ["/ISAPI/Event/notification/alertStream"]);
    const [frame, crop] = [await photo(), await photo()];
    const send = (fields: report.ReportFields) =>
      device.send("application/xml", report.hikvisionXml(fields), "anpr.xml");
    device.send("application/xml", report.HIKVISION_HEARTBEAT);
    const at = Date.now() - 500;
    send({ plate: PLATE, at, pictures: 2 });
    device.send("image/jpeg", crop, "licensePlatePicture.jpg");
    device.send("image/jpeg", frame, "detectionPicture.jpg");
    const { passage } = await until(() => live[0], "a passage");
    assert.deepEqual(
      [passage?.text, passage?.cameraId, passage?.laneId, passage?.firstSeen],
      [PLATE, "north", "entry", at],
    );
    assert.ok(passage?.images.frame?.equals(frame) && passage.images.crop?.equals(crop));
    assert.equal(passage?.characters[0]?.confidence, 0.99);
    const decided = await until(() => opened[0], "the gate");
    assert.equal(decided.decision?.result, "open");
    device.drop();
    await until(() => (device.asked.length > 1 ? true : undefined), "the second connection");
    await connected(device);
    send({ plate: PLATE, at });
    send({ plate: PLATE, at: at - 600_000, late: true });
    send({ plate: "CD456EF", at: Date.now() - 40_000 });
    const second = await until(() => late[1], "what is late");
    assert.deepEqual([late[0]?.passage?.text, second.passage?.text], [PLATE, "CD456EF"]);
    assert.equal(live.length, 1, "the same report again says nothing");
    assert.equal(opened.length, 1, "nothing late opens");
  });

  it("takes the last part of a camera that names no lengths without waiting for the next", async () => {
    const { device, url } = await camera();
    const fields = { url, user: "gate", cameraId: "north" };
    await use({ source: "hikvision", how: "stream", ...fields }, { password: "s3cret-cam" });
    await connected(device);
    const at = Date.now() - 500;
    const xml = report.hikvisionXml({ plate: PLATE, at, pictures: 1 });
    const frame = await photo();
    device.sendWithoutLength("application/xml", xml, "anpr.xml");
    device.sendWithoutLength("image/jpeg", frame, "detectionPicture.jpg");
    const { passage } = await until(() => live[0], "a passage");
    assert.equal(passage?.text, PLATE);
    assert.ok(passage?.images.frame?.equals(frame), "the picture is whole");
    await until(() => opened[0], "the gate");
    device.send("application/xml", report.hikvisionXml({ plate: "XY999", at: at + 1 }));
    await until(() => live[1], "the next part");
  });

  it("does not try a refused password again and again", async () => {
    const { device, url } = await camera();
    await use({ source: "hikvision", url, user: "gate" }, { password: "wrong-pass" });
    await until(() => (device.refused >= 2 ? true : undefined), "a refusal");
    const node = helper.getNode("c1") as unknown as { status: { lastCall: { firstArg: unknown } } };
    await until(
      () => (JSON.stringify(node.status.lastCall.firstArg).includes("refused") ? true : undefined),
      "the status",
    );
    assert.equal(device.refused, 2, "once without and once with the login");
  });

  it("reads Dahua's stream: a text, then its picture", async () => {
    const { device, url } = await camera();
    await use({ source: "dahua", url, user: "gate" }, { password: "s3cret-cam" });
    await connected(device);
    assert.match(device.asked[0] ?? "", /attachFileProc.*TrafficJunction/);
    device.send("text/plain", "Heartbeat");
    device.send("text/plain", report.dahuaText({ plate: PLATE, at: Date.now() }));
    device.send("image/jpeg", await photo());
    const { passage } = await until(() => live[0], "a passage");
    assert.ok(passage?.images.frame);
    assert.deepEqual([passage.text, passage.confidence], [PLATE, 0.9]);
    device.send("text/plain", report.dahuaText({ plate: "CD456EF", at: Date.now() }, 8));
    const bare = await until(() => live[1], "one whose picture never comes");
    assert.deepEqual([bare.passage?.text, bare.passage?.images.frame], ["CD456EF", null]);
  });

  it("is sent to by Plate Recognizer, with the secret alone", async () => {
    await use({ source: "platerecognizer", path: "pr", lanes: "north = out" }, { secret: SECRET });
    const picture = await photo();
    const post = (path: string, headers: Record<string, string> = {}) => {
      const form = new FormData();
      form.set("json", report.plateRecognizerJson({ plate: PLATE, at: Date.now() }));
      form.set("upload", new Blob([new Uint8Array(picture)], { type: "image/jpeg" }), "a.jpg");
      return fetch(`${base}camera-events/${path}`, { method: "POST", headers, body: form });
    };
    const basic = Buffer.from(`any:${SECRET}`).toString("base64");
    assert.equal((await post("pr")).status, 401);
    assert.equal((await post("pr", { "X-Webhook-Secret": `${SECRET}x` })).status, 401);
    assert.equal((await post("nobody", { "X-Webhook-Secret": SECRET })).status, 401);
    assert.equal((await post("pr", { "X-Webhook-Secret": SECRET })).status, 200);
    assert.equal((await post("pr", { Authorization: `Bearer ${SECRET}` })).status, 200);
    assert.equal((await post("pr", { Authorization: `Basic ${basic}` })).status, 200);
    assert.equal((await post(`pr/${encodeURIComponent(SECRET)}`)).status, 200);
    const { passage } = await until(() => live[0], "a passage");
    assert.deepEqual([passage?.text, passage?.laneId, live.length], [PLATE, "out", 1]);
    assert.ok(passage?.images.frame?.equals(picture));
    for (let i = 0; i < 7; i++) await post("pr");
    assert.equal((await post("pr")).status, 429);
    assert.equal((await post("pr", { "X-Webhook-Secret": SECRET })).status, 200);
  });

  it("is sent to by Rekor's agent and by Axis, and says what it cannot read", async () => {
    await use({ source: "rekor", path: "rekor", cameraId: "x" }, { secret: SECRET });
    const post = (path: string, body: string) =>
      fetch(`${base}camera-events/${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-API-Key": SECRET },
        body,
      });
    const crop = (await photo()).toString("base64");
    const at = Date.now();
    const group = report.rekorJson({ plate: PLATE, at }, { vehicle_crop_jpeg: crop });
    assert.equal((await post("rekor", group)).status, 200);
    assert.equal((await post("rekor", '{"data_type":"heartbeat"}')).status, 200);
    assert.equal((await post("rekor", "{")).status, 400);
    assert.equal((await post("rekor", "x".repeat(9_000_000))).status, 413);
    const { passage } = await until(() => live[0], "a passage");
    assert.deepEqual([passage?.cameraId, passage?.vehicle?.["make"]], ["1234", "vw"]);
    assert.ok(passage?.images.frame);
    await helper.unload();

    await use({ source: "axis", path: "axis" }, { secret: SECRET });
    for (const state of ["new", "update", "lost"] as const) {
      assert.equal((await post("axis", report.axisJson(state, { plate: PLATE, at }))).status, 200);
    }
    await until(() => live[2], "the end");
    assert.deepEqual(
      live.map((one) => [one.passage?.state, one.passage?.direction]),
      [
        ["preliminary", "unknown"],
        ["preliminary", "towards"],
        ["final", "towards"],
      ],
    );
    await until(() => opened[0], "the gate");
    assert.equal(opened[0]?.passage?.state, "preliminary", "it opens at the first word");
    assert.equal(opened.length, 1);
  });

  it("hears Frigate on its broker, and fetches the picture at the end", async () => {
    const broker = await startBroker({ users: { frigate: "front-door-9" } });
    closers.push(() => broker.stop());
    const pictures = await HttpReceiver.start();
    closers.push(() => pictures.stop());
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const fields = { source: "frigate", url, user: "frigate", apiUrl: pictures.url };
    await use({ ...fields, topic: "frigate" }, { password: "front-door-9" });
    const client = await connectAsync(url, { username: "frigate", password: "front-door-9" });
    closers.push(() => client.endAsync());
    const update = report.frigateUpdate({ plate: PLATE, at: Date.now() });
    await until(() => {
      void client.publishAsync("frigate/tracked_object_update", update, { qos: 1 });
      return live[0];
    }, "a passage");
    assert.equal(live.length, 1, "the same update again says nothing");
    await client.publishAsync("frigate/events", report.frigateEndMessage(), { qos: 1 });
    const { passage } = await until(() => live[1], "the end");
    assert.deepEqual([passage?.state, passage?.cameraId], ["final", "driveway"]);
    assert.match(
      pictures.requests[0]?.path ?? "",
      /^\/api\/events\/1700000000\.1-abc\/snapshot\.jpg/,
    );
  });

  it("listens to nobody without a secret, and to no address that is none", async () => {
    const problems = async (fields: object, secrets: object): Promise<string> => {
      await use({ path: "x", ...fields }, secrets);
      const calls = helper.log().getCalls() as { args: { level: number; msg: unknown }[] }[];
      const errors = calls.filter(({ args }) => args[0]?.level === 20);
      await helper.unload();
      return String(errors.at(-1)?.args[0]?.msg);
    };
    assert.match(await problems({ source: "rekor" }, {}), /secret/);
    assert.match(await problems({ source: "rekor" }, { secret: "short" }), /12 characters/);
    assert.match(await problems({ source: "hikvision", url: "ftp://x" }, {}), /http:/);
    assert.match(await problems({ source: "frigate", url: "http://x" }, {}), /mqtt:/);
    for (const url of ["mqtt://broker", "mqtt://frigate@broker"]) {
      assert.match(await problems({ source: "frigate", url }, {}), /user and password/);
    }
    assert.match(await problems({ source: "dahua", how: "push", url: "" }, {}), /address/);
    const answer = await fetch(`${base}camera-events/x`, { method: "POST" });
    assert.notEqual(answer.status, 200);
  });
});
