import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { server as jsmodbus } from "jsmodbus";
import { SerialPort } from "serialport";
import { createDriver } from "../../adapters/barriers/drivers";
import { modbusOptions, type ModbusFields } from "../../adapters/barriers/modbus-fields";
import { BarrierError, type BarrierDriver } from "../../core/barrier/ports";
import { until } from "../fixtures/barrier-kit";
import { ModbusBoard } from "../fixtures/modbus-board";

const open: BarrierDriver[] = [];

function driver(fields: ModbusFields): BarrierDriver {
  const made = createDriver({ kind: "modbus", options: modbusOptions(fields) });
  open.push(made);
  return made;
}

const codeOf = (error: unknown): string => (error instanceof BarrierError ? error.code : "?");

describe("barrier over Modbus TCP", () => {
  let board: ModbusBoard;
  let port: number;

  beforeEach(async () => {
    board = new ModbusBoard();
    port = await board.listen();
  });
  afterEach(async () => {
    for (const made of open.splice(0)) await made.dispose();
    await board.stop();
  });

  const tcp = (extra: ModbusFields = {}): BarrierDriver =>
    driver({ preset: "waveshare", host: "127.0.0.1", port, timeoutMs: 1_000, ...extra });

  it("lets the board time the pulse, with the raw value of the manual", async () => {
    const relay = tcp({ address: 3 });
    await relay.safe();
    const { confirmed } = await relay.open(700);
    assert.equal(confirmed, true);
    assert.deepEqual(board.writes.at(-1), { code: 5, address: 0x0203, value: 7 });
    assert.equal(board.coils[3], true);
    assert.equal((await relay.status()).energised, true);
    await until(() => board.coils[3] === false);
    assert.equal(board.writes.length, 2, "one off at start, one pulse");
  });

  it("holds and releases", async () => {
    const relay = tcp();
    await relay.hold();
    assert.equal(board.coils[0], true);
    await relay.release();
    assert.equal(board.coils[0], false);
  });

  it("times the pulse itself where the board cannot, and closes on a coil of its own", async () => {
    const relay = tcp({ preset: "coil", closeAddress: 1 });
    await relay.open(200);
    assert.equal(board.coils[0], true);
    await until(() => board.coils[0] === false);
    await relay.close(200);
    assert.equal(board.coils[1], true);
    await until(() => board.coils[1] === false);
  });

  it("reads inputs, inverted where asked", async () => {
    const relay = tcp({ inputLines: '{"loop": 2, "closed": "!5"}' });
    board.inputs[2] = true;
    const { inputs } = await relay.status();
    assert.deepEqual(inputs, {
      opened: null,
      closed: true,
      loop: true,
      photocell: null,
      fault: null,
    });
  });

  it("says what is wrong: range, no answer, nobody there", async () => {
    const beyond = tcp({ address: 9 });
    await assert.rejects(beyond.open(500), (error: Error) => {
      assert.equal(codeOf(error), "refused");
      assert.match(error.message, /out of the device's range/);
      return true;
    });
    board.mute = true;
    const silent = tcp({ timeoutMs: 200 });
    await assert.rejects(silent.status(), (error) => codeOf(error) === "timeout");
    board.mute = false;
    assert.equal((await silent.status()).energised, false, "and works again afterwards");
    await board.unplug();
    const gone = tcp({ timeoutMs: 300 });
    const lost = (error: unknown): boolean => ["unreachable", "timeout"].includes(codeOf(error));
    await assert.rejects(gone.open(500), lost);
    await assert.rejects(gone.open(500), (error) => codeOf(error) === "unreachable");
  });

  it("drops the output once the network is back after a cut in mid-pulse", async () => {
    const relay = tcp({ preset: "coil", timeoutMs: 300 });
    const troubles: string[] = [];
    relay.listen?.((event) => event.type === "trouble" && troubles.push(event.detail));
    await relay.open(300);
    await board.unplug();
    await until(() => troubles.length > 0);
    assert.equal(board.coils[0], true);
    await board.listen(port);
    await until(() => board.coils[0] === false);
  });

  it("comes back by the board's own clock when the network is cut in mid-pulse", async () => {
    const relay = tcp();
    await relay.open(500);
    await board.unplug();
    await until(() => board.coils[0] === false);
  });

  it("shares one connection among barriers, one request at a time", async () => {
    const relays = [0, 1, 2, 3].map((address) => tcp({ address }));
    await Promise.all(relays.map((relay) => relay.open(500)));
    assert.deepEqual(board.coils.slice(0, 5), [true, true, true, true, false]);
  });

  it("works with an independent implementation of Modbus", async () => {
    const net = createServer();
    const coils = Buffer.alloc(4);
    const holding = Buffer.alloc(64);
    new jsmodbus.TCP(net, { coils, holding, discrete: Buffer.alloc(4), input: Buffer.alloc(4) });
    await new Promise<void>((resolve) => net.listen(0, "127.0.0.1", resolve));
    const { port: other } = net.address() as AddressInfo;
    const relay = driver({ preset: "coil", host: "127.0.0.1", port: other, address: 2 });
    await relay.hold();
    assert.equal(coils[0], 0b100);
    await relay.release();
    assert.equal(coils[0], 0);
    const registers = { preset: "register-relay", host: "127.0.0.1", port: other, address: 3 };
    const second = driver(registers);
    await second.hold();
    assert.equal(holding.readUInt16BE(6), 0x0100);
    await second.release();
    assert.equal(holding.readUInt16BE(6), 0x0200);
    for (const made of open.splice(0)) await made.dispose();
    await new Promise<void>((resolve) => net.close(() => resolve()));
  });
});

describe("barrier over Modbus RTU", () => {
  let folder: string;
  let socat: ChildProcess;
  const near = (): string => join(folder, "near");
  const far = (): string => join(folder, "far");

  before(async function () {
    if (spawnSync("socat", ["-V"]).status !== 0) {
      this.skip(); // no socat on this machine
    }
    folder = mkdtempSync(join(tmpdir(), "plategate-rtu-"));
    const pty = (link: string): string => `pty,raw,echo=0,link=${link}`;
    socat = spawn("socat", [pty(near()), pty(far())]);
    await until(() => existsSync(near()) && existsSync(far()));
  });
  after(() => {
    socat?.kill();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const made of open.splice(0)) await made.dispose();
  });

  it("drives a board, with its raw flash-on and its inputs", async () => {
    const board = new ModbusBoard(7);
    await board.attach(far());
    const relay = driver({
      transport: "rtu",
      path: near(),
      unit: 7,
      address: 1,
      inputLines: { loop: 0 },
    });
    await relay.safe();
    await relay.open(600);
    assert.deepEqual(board.writes.at(-1), { code: 5, address: 0x0201, value: 6 });
    board.inputs[0] = true;
    const { energised, inputs } = await relay.status();
    assert.equal(energised, true);
    assert.equal(inputs.loop, true);
    await until(() => board.coils[1] === false);
    await board.stop();
  });

  it("reports a board that does not answer", async () => {
    const relay = driver({ transport: "rtu", path: near(), unit: 3, timeoutMs: 300 });
    await assert.rejects(relay.open(500), (error) => codeOf(error) === "timeout");
    const nowhere = driver({ transport: "rtu", path: join(folder, "none"), timeoutMs: 300 });
    await assert.rejects(nowhere.open(500), (error) => codeOf(error) === "unreachable");
  });

  it("works with an independent implementation of Modbus", async () => {
    const serial = new SerialPort({ path: far(), baudRate: 9600, autoOpen: false });
    await new Promise<void>((resolve, reject) => {
      serial.open((error) => (error ? reject(error) : resolve()));
    });
    const coils = Buffer.alloc(4);
    const spare = { discrete: Buffer.alloc(4), holding: Buffer.alloc(4), input: Buffer.alloc(4) };
    new jsmodbus.RTU(serial, { coils, ...spare });
    const relay = driver({ preset: "coil", transport: "rtu", path: near(), address: 4 });
    await relay.hold();
    assert.equal(coils[0], 0b10000);
    await relay.release();
    assert.equal(coils[0], 0);
    await new Promise<void>((resolve) => serial.close(() => resolve()));
  });
});

describe("Modbus fields", () => {
  const wrong = (fields: ModbusFields, text: RegExp): void => {
    assert.throws(
      () => modbusOptions({ host: "h", ...fields }),
      (error: Error) => codeOf(error) === "configuration" && text.test(error.message),
    );
  };
  it("refuses what cannot be right, naming the field", () => {
    wrong({ host: "" }, /host/);
    wrong({ address: 32 }, /address must be .* 0 to 31/);
    wrong({ preset: "register-relay", address: 0 }, /1 to 32/);
    wrong({ unit: 248 }, /unit/);
    wrong({ address: 1, closeAddress: 1 }, /same address/);
    wrong({ inputLines: '{"door": 1}' }, /"door"/);
    wrong({ inputLines: "loop=1" }, /not JSON/);
    wrong({ preset: "none" }, /no preset/);
    wrong({ transport: "rtu", path: "" }, /serial port/);
    wrong({ onValue: "0x10000" }, /value for on/);
  });
  it("takes raw values and addresses in hexadecimal", () => {
    const fields = {
      preset: "custom",
      address: "0x0100",
      onValue: "0x0100",
      flashAddress: "0x0300",
    };
    const { output, flash } = modbusOptions({ host: "h", ...fields });
    assert.deepEqual(output, { kind: "coil", address: 256, on: 256, off: 0 });
    assert.deepEqual(flash, { address: 0x0300, unitMs: 100 });
  });
});
