import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import WebSocket from "ws";
import { StreamClient, type ClientOptions } from "../../api/stream/client";
import { upgraded } from "../../api/stream/upgrade";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { DatabaseStreamLog } from "../../adapters/database/repositories/stream-log";
import { EventBus } from "../../adapters/events/bus";
import { EventFeed } from "../../adapters/events/feed";
import { until } from "../fixtures/barrier-kit";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent } from "../fixtures/events";

describe("a listener of the event stream", function () {
  this.timeout(60_000);
  let made: TestDatabase;
  let bus: EventBus;
  let feed: EventFeed;
  let release: () => void;
  let server: Server;
  let accepted: { client: StreamClient; socket: WebSocket }[];
  let options: Partial<ClientOptions>;
  let listening: WebSocket | null;

  beforeEach(async () => {
    made = (await testDatabase("sqlite")) as TestDatabase;
    bus = new EventBus();
    const log = new DatabaseStreamLog(made.database);
    feed = new EventFeed({
      ...{ log: () => Promise.resolve(log), bus, shared: false, clock: Date.now },
      warn: (message) => assert.fail(message),
    });
    release = await feed.acquire();
    accepted = [];
    options = {};
    server = createServer();
    server.on("upgrade", (request, socket, head) => {
      void upgraded(request, socket, head).then((made) => {
        const source = {
          seq: () => feed.seq,
          after: (seq: number, limit: number) => feed.after(seq, limit),
        };
        const render: ClientOptions["render"] = ({ event }) => JSON.stringify(event);
        const failed = (error: unknown) => assert.ifError(error);
        const client = new StreamClient(made, source, { render, ...options }, failed);
        feed.on("item", (item) => client.offer(item));
        accepted.push({ client, socket: made });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    release();
    listening?.terminate();
    for (const { socket } of accepted) socket.terminate();
    server.closeAllConnections();
    server.close();
    await made.drop();
  });

  const connect = async (): Promise<{ socket: WebSocket; ids: string[]; closed: number[] }> => {
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    listening = socket;
    const ids: string[] = [];
    const closed: number[] = [];
    socket.on("message", (data: Buffer) => {
      ids.push((JSON.parse(data.toString()) as { id: string }).id);
    });
    socket.on("close", (code) => closed.push(code));
    await new Promise((resolve) => socket.once("open", resolve));
    await until(() => accepted.length > 0);
    return { socket, ids, closed };
  };
  const events = () => new DatabaseEvents(made.database);
  /** Stores events of some 20 KB each and tells of them. */
  const publish = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) {
      const event = anEvent(`e${i}`, { metadata: { filling: "x".repeat(20_000) } });
      const change = await events().save(event, Date.now());
      assert.ok(change);
      bus.publish(change, (error) => assert.ifError(error));
    }
    await until(() => feed.seq === to, 20_000);
  };
  const wanted = (count: number) => Array.from({ length: count }, (_, i) => `e${i}`);

  it("that is slow holds no more than a bound, and gets everything once in the end", async () => {
    const { socket, ids } = await connect();
    await publish(0, 5);
    await until(() => ids.length === 5);
    socket.pause();
    await publish(5, 600);
    const waiting = accepted[0]?.socket.bufferedAmount ?? Infinity;
    assert.ok(waiting < 4_000_000, `${waiting} of 12 MB wait in memory`);
    socket.resume();
    await until(() => ids.length === 600, 20_000);
    await publish(600, 605);
    await until(() => ids.length === 605, 20_000);
    assert.deepEqual(ids, wanted(605));
  });

  it("that takes nothing for too long is closed with 1013", async () => {
    options = { slowMs: 200 };
    const { socket, closed } = await connect();
    socket.pause();
    await publish(0, 600);
    await until(() => accepted[0]?.socket.readyState !== WebSocket.OPEN, 20_000);
    socket.resume();
    await until(() => closed.length === 1, 20_000);
    assert.deepEqual(closed, [1013]);
  });

  it("that comes back long after the places were forgotten goes on with what is new", async () => {
    await publish(0, 3);
    await made.database.db.deleteFrom("stream_log").where("seq", "<=", 3).execute();
    options = { from: 1 };
    const { ids } = await connect();
    await publish(3, 5);
    await until(() => ids.length === 2);
    assert.deepEqual(ids, ["e3", "e4"]);
  });
});
