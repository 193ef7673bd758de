import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentFlow, type FlowNode } from "../../cli/app/environment-flow";
import { installFlows } from "../../cli/app/flows";
import { gpioOptions, type GpioFields } from "../../adapters/barriers/gpio-fields";
import { modbusOptions, type ModbusFields } from "../../adapters/barriers/modbus-fields";

const barriersOf = (env: Record<string, string>): FlowNode[] =>
  environmentFlow(env).filter(({ type }) => type.startsWith("barrier-"));

describe("barriers of the environment's variables (reference 1)", () => {
  it("are none without BARRIER_TYPE, and an error with one that there is not", () => {
    assert.deepEqual(environmentFlow({}), []);
    assert.deepEqual(environmentFlow({ BARRIER_TYPE: "http" }), []);
    assert.throws(() => environmentFlow({ BARRIER_TYPE: "steam" }), /gpio, http or modbus/);
  });

  it("post to /open of each address that is given, and keep it out of the flow", () => {
    const url = "http://barrier1.local/api";
    const found = barriersOf({ BARRIER_TYPE: "http", BARRIER_HTTP_ENTRY_URL: url });
    assert.equal(found.length, 1);
    assert.deepEqual(
      [found[0]?.type, found[0]?.barrierId, found[0]?.preset, found[0]?.url],
      ["barrier-http", "entry", "generic", "${BARRIER_HTTP_ENTRY_URL}"],
    );
    assert.equal(found[0]?.auth, "none");
    const key = { BARRIER_HTTP_API_KEY: "of-the-barrier" };
    const [keyed] = barriersOf({ BARRIER_TYPE: "http", BARRIER_HTTP_ENTRY_URL: url, ...key });
    assert.equal(keyed?.auth, "bearer");
    assert.doesNotMatch(JSON.stringify(keyed), /of-the-barrier/);
  });

  it("are two lines, 17 and 27 unless said otherwise", () => {
    const [entry, exit] = barriersOf({ BARRIER_TYPE: "GPIO", BARRIER_EXIT_PIN: "22" });
    assert.equal(gpioOptions(entry as GpioFields).line, 17);
    assert.equal(exit?.pin, "${BARRIER_EXIT_PIN}");
    assert.equal(exit?.barrierId, "exit");
  });

  it("are the coils 1 and 2 of a board on a serial port, or on TCP", () => {
    const [entry, exit] = barriersOf({ BARRIER_TYPE: "modbus" });
    const options = [entry, exit].map((node) => modbusOptions(node as ModbusFields));
    assert.deepEqual(
      options.map(({ output }) => output.address),
      [1, 2],
    );
    assert.equal(options[0]?.connection.transport, "rtu");
    const [tcp] = barriersOf({ BARRIER_TYPE: "modbus", BARRIER_MODBUS_HOST: "board" });
    assert.deepEqual([tcp?.transport, tcp?.host], ["tcp", "${BARRIER_MODBUS_HOST}"]);
  });

  it("get the decisions of the tab Cameras for their lane, and tell it what they did", () => {
    const cameras = JSON.parse(readFileSync("flows/cameras.json", "utf8")) as FlowNode[];
    const own = environmentFlow({ BARRIER_TYPE: "gpio" });
    const byType = (nodes: FlowNode[], type: string) => nodes.find((node) => node.type === type);
    for (const [from, to] of [
      [cameras, own],
      [own, cameras],
    ] as const) {
      const target = byType(to, "link in");
      assert.deepEqual(byType(from, "link out")?.links, [target?.id]);
      assert.deepEqual(target?.links, [byType(from, "link out")?.id]);
    }
    const lanes = byType(own, "switch");
    const barriers = own.filter(({ type }) => type === "barrier-gpio");
    assert.deepEqual(
      lanes?.wires,
      barriers.map(({ id }) => [id]),
    );
  });

  it("come into the flows, change and go with the variables, unless somebody changed them", () => {
    const folder = mkdtempSync(join(tmpdir(), "plategate-flows-"));
    const shipped = join(folder, "shipped");
    mkdirSync(shipped);
    writeFileSync(join(shipped, "api-x.json"), '[{"id":"0123456789abcdef","type":"tab"}]');
    const target = join(folder, "flows.json");
    const types = (): string[] =>
      (JSON.parse(readFileSync(target, "utf8")) as FlowNode[]).map(({ type }) => type);
    const start = (env: Record<string, string>): string[] =>
      installFlows(shipped, folder, false, environmentFlow(env));
    try {
      start({ BARRIER_TYPE: "gpio" });
      assert.equal(types().filter((type) => type === "barrier-gpio").length, 2);
      start({ BARRIER_TYPE: "modbus" });
      assert.ok(!types().includes("barrier-gpio"));
      assert.equal(types().filter((type) => type === "barrier-modbus").length, 2);
      start({});
      assert.deepEqual(types(), ["tab"]);
      start({ BARRIER_TYPE: "gpio" });
      const text = readFileSync(target, "utf8");
      writeFileSync(target, text.replace('"pulseMs": 5000', '"pulseMs": 900'));
      assert.deepEqual(start({}), ["environment"], "it is the integrator's now");
      assert.ok(types().includes("barrier-gpio"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
