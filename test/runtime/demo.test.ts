import assert from "node:assert/strict";
import sharp from "sharp";
import { acquireStore } from "../../adapters/store/store";
import {
  discard,
  startApplication,
  stopProcess,
  waitFor,
  type RunningApplication,
} from "../fixtures/application";
import { descendants, hasProc, holdings, isAlive } from "../fixtures/processes";

interface Passage {
  id: string;
  plate: string;
  decision: string | null;
  reason: string | null;
  barrier: { id: string; result: string } | null;
  time_to_open_ms: number | null;
  frame_url: string | null;
  crop_url: string | null;
}

describe("the demo gate", function () {
  this.timeout(300_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_DEMO: "1" } });
  });
  after(() => discard(app));

  const passages = async (): Promise<Passage[]> =>
    ((await (await app.get("/api/v1/passages")).json()) as { items: Passage[] }).items;
  const passageOf = (plate: string, ready: (passage: Passage) => boolean): Promise<Passage> =>
    waitFor(
      async () => (await passages()).find((one) => one.plate === plate && ready(one)),
      120_000,
      () => `a passage of ${plate}:\n${app.output()}`,
    );

  it("opens for the car on the list, through the relay", async () => {
    const passage = await passageOf("KX48PLG", ({ barrier }) => barrier !== null);
    assert.equal(passage.decision, "open");
    assert.equal(passage.reason, "allowed");
    assert.equal(passage.barrier?.result, "done");
    assert.ok(passage.time_to_open_ms !== null && passage.time_to_open_ms >= 0);
  });

  it("stays closed for the other, and says why", async () => {
    const passage = await passageOf("BGT7305", ({ decision }) => decision !== null);
    assert.equal(passage.decision, "deny");
    assert.equal(passage.reason, "unknown_plate");
    assert.equal(passage.barrier, null);
  });

  it("keeps the pictures of both", async () => {
    for (const plate of ["KX48PLG", "BGT7305"]) {
      const passage = await passageOf(plate, ({ frame_url, crop_url }) =>
        Boolean(frame_url && crop_url),
      );
      for (const url of [passage.frame_url, passage.crop_url]) {
        const response = await fetch(String(url)); // signed: an <img> shows it
        assert.equal(response.status, 200);
        const { width } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
        assert.ok(width > 40);
        const { origin, pathname } = new URL(String(url));
        assert.equal((await fetch(origin + pathname)).status, 401, "without its signature");
      }
    }
  });

  it("shows the camera's live picture", async () => {
    const list = (await (await app.get("/api/v1/live")).json()) as { items: { id: string }[] };
    const camera = list.items[0]?.id;
    assert.ok(camera);
    const response = await app.get(`/api/v1/cameras/${camera}/live.mjpg`);
    assert.match(response.headers.get("content-type") ?? "", /^multipart\/x-mixed-replace/);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    while ((text.match(/Content-Type: image\/jpeg/g) ?? []).length < 3) {
      const { value, done } = await reader.read();
      assert.equal(done, false);
      text += Buffer.from(value).toString("latin1");
    }
    await reader.cancel();
  });

  it("opens by hand for who may, and writes down who and why", async () => {
    const { items } = (await (await app.get("/api/v1/barriers")).json()) as {
      items: { id: string; state: string }[];
    };
    const gate = items[0]?.id;
    assert.ok(gate);
    const open = (body: object) =>
      app.get(`/api/v1/barriers/${gate}/open`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    assert.equal((await open({})).status, 422, "a reason is needed");
    const response = await open({ reason: "test of the button" });
    const outcome = (await response.json()) as { result: string };
    assert.equal(response.status, 200, JSON.stringify(outcome));
    assert.equal(outcome.result, "done");

    const lease = await acquireStore({ home: app.home, log: () => undefined });
    try {
      const { audit } = await lease.store.open();
      const entry = await waitFor(
        async () =>
          (await audit.list({ action: "barrier.open", actor: "admin" }, { skip: 0, limit: 1 }))
            .items[0],
        30_000,
        () => "the line in the audit log",
      );
      assert.equal(entry.subject, `barrier:${gate}`);
      assert.equal(entry.result, "ok");
      assert.match(entry.purpose ?? "", /test of the button/);
    } finally {
      await lease.release();
    }
  });

  it("leaks no worker, process, socket or route over twenty redeploys", async function () {
    if (!hasProc) return this.skip();
    const pid = app.process.pid ?? 0;
    const token = await editorToken(app.address);
    const deploy = async (): Promise<void> => {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const flows = await (await fetch(`${app.address}/admin/flows`, { headers })).text();
      const response = await fetch(`${app.address}/admin/flows`, {
        method: "POST",
        headers: { ...headers, "Node-RED-Deployment-Type": "full" },
        body: flows,
      });
      assert.equal(response.status, 204);
      await framesFlow(app);
    };
    // The first deploys open what is then kept (caches, pools).
    for (let count = 0; count < 3; count += 1) await deploy();
    const before = holdings(pid);
    for (let count = 0; count < 20; count += 1) await deploy();
    const after = await waitFor(
      () => {
        const now = holdings(pid);
        const same = now.threads <= before.threads && now.children.length <= before.children.length;
        return same && now.sockets <= before.sockets + 4 && now.pipes <= before.pipes + 2
          ? now
          : undefined;
      },
      30_000,
      () =>
        `holdings to be as before: ${JSON.stringify(before)} became ${JSON.stringify(holdings(pid))}`,
    );
    assert.deepEqual(after.children, before.children);
    assert.equal((await fetch(`${app.address}/healthz`)).status, 200);
  });

  it("leaves no process behind when it is killed", async function () {
    if (!hasProc) return this.skip();
    const children = descendants(app.process.pid ?? 0);
    assert.ok(
      children.some(({ name }) => name.startsWith("ffmpeg")),
      JSON.stringify(children),
    );
    await stopProcess(app.process, "SIGKILL");
    await waitFor(
      () => (children.some(({ pid }) => isAlive(pid)) ? undefined : true),
      30_000,
      () => `children to end: ${JSON.stringify(children.filter(({ pid }) => isAlive(pid)))}`,
    );
  });

  it("starts again on what the killed process left", async () => {
    app = await startApplication({ home: app.home, env: { PLATEGATE_DEMO: "1" } });
    const kept = await passages();
    assert.ok(kept.some(({ plate, decision }) => plate === "KX48PLG" && decision === "open"));
  });

  it("refuses a second program on the same home", async () => {
    await assert.rejects(startApplication({ home: app.home }), /in use by process/);
  });

  it("runs beside another instance", async () => {
    const other = await startApplication();
    try {
      assert.notEqual(other.address, app.address);
      assert.equal((await fetch(`${app.address}/healthz`)).status, 200);
    } finally {
      await discard(other);
    }
  });
});

async function editorToken(address: string): Promise<string> {
  const response = await fetch(`${address}/admin/auth/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      client_id: "node-red-admin",
      grant_type: "password",
      scope: "*",
      username: "admin",
      password: "correct horse battery staple",
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** Waits until the camera has sent a new frame. */
async function framesFlow(app: RunningApplication): Promise<void> {
  const since = Date.now();
  await waitFor(
    async () => {
      const response = await app.get("/api/v1/live");
      if (!response.ok) return undefined;
      const { items } = (await response.json()) as { items: { last_frame_at: string }[] };
      return items.some((one) => Date.parse(one.last_frame_at) > since) || undefined;
    },
    60_000,
    () => `frames after a redeploy:\n${app.output().slice(-3000)}`,
  );
}
