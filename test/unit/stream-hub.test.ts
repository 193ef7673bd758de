import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { DatabaseStreamLog } from "../../adapters/database/repositories/stream-log";
import { EventBus } from "../../adapters/events/bus";
import { EventFeed } from "../../adapters/events/feed";
import type { Principal } from "../../api/auth/permissions";
import { StreamHub } from "../../api/stream/hub";
import { until } from "../fixtures/barrier-kit";
import { testDatabase, type TestDatabase } from "../fixtures/databases";

describe("the hub of event streams", function () {
  this.timeout(30_000);
  let made: TestDatabase;
  let hub: StreamHub;
  let server: WebSocketServer;
  let address: string;
  const pings = new Map<string, number>();

  before(async () => {
    made = (await testDatabase("sqlite")) as TestDatabase;
    const log = new DatabaseStreamLog(made.database);
    const warn = (message: string) => assert.fail(message);
    const parts = { log: () => Promise.resolve(log), bus: new EventBus(), clock: Date.now, warn };
    hub = new StreamHub(new EventFeed({ ...parts, shared: false }), { heartbeatMs: 50, warn });
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    server.on("connection", (socket, { url = "" }) => {
      const principal: Principal = {
        kind: "user",
        id: url,
        name: url,
        role: null,
        permissions: new Set(["stream"]),
        credentialId: null,
      };
      const recheck = () => Promise.resolve(principal);
      hub.add(socket, { stream: "test", principal, recheck, render: () => null });
    });
    await once(server, "listening");
    address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    hub.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
    await made.drop();
  });

  const client = async (name: string, autoPong: boolean): Promise<WebSocket> => {
    const socket = new WebSocket(`${address}/${name}`, { autoPong });
    socket.on("ping", () => pings.set(name, (pings.get(name) ?? 0) + 1));
    await once(socket, "open");
    return socket;
  };

  it("cuts off who does not answer its pings, and keeps who does", async () => {
    const answers = await client("answers", true);
    const silent = await client("silent", false);
    const [code] = (await once(silent, "close")) as [number];
    assert.equal(code, 1006, "cut off, without a close that it would not answer");
    assert.equal(pings.get("silent"), 1);
    const heard = pings.get("answers") ?? 0;
    await until(() => (pings.get("answers") ?? 0) >= heard + 3);
    assert.equal(answers.readyState, WebSocket.OPEN);
    assert.equal(hub.size, 1);
    answers.close();
    await until(() => hub.size === 0);
  });
});
