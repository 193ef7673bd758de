import type ModbusRTU from "modbus-serial";
import { BarrierError } from "../../core/barrier/ports";
import type { ModbusConnection } from "./modbus-types";

/** Closed after this long without use, so that others reach the device too. */
const IDLE_MS = 30_000;

/**
 * One connection, shared by all barriers behind it: requests go one at a time, as a
 * serial line demands, and a connection that failed is made anew.
 */
export class ModbusBus {
  private client: ModbusRTU | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | null = null;
  users = 0;

  constructor(private readonly connection: ModbusConnection) {}

  /**
   * Runs `work` with the bus to itself.
   * @throws BarrierError "unreachable", "timeout" or "refused" (a Modbus exception)
   */
  run<T>(unit: number, timeoutMs: number, work: (client: ModbusRTU) => Promise<T>): Promise<T> {
    const result = this.queue.then(() => this.exchange(unit, timeoutMs, work));
    this.queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.queue;
    this.drop();
  }

  private async exchange<T>(
    unit: number,
    timeoutMs: number,
    work: (client: ModbusRTU) => Promise<T>,
  ): Promise<T> {
    if (this.idle) clearTimeout(this.idle);
    try {
      const client = await this.connected(timeoutMs);
      client.setID(unit);
      client.setTimeout(timeoutMs);
      return await work(client);
    } catch (error) {
      const translated = modbusError(error, this.connection);
      // A late answer would be taken for the next request's: start afresh.
      if (translated.code !== "refused") this.drop();
      throw translated;
    } finally {
      this.idle = setTimeout(() => this.drop(), IDLE_MS);
      this.idle.unref();
    }
  }

  private async connected(timeoutMs: number): Promise<ModbusRTU> {
    if (this.client?.isOpen) return this.client;
    this.drop();
    const { default: Client } = require("modbus-serial") as typeof import("modbus-serial");
    const client = new Client();
    client.on("error", () => undefined); // the request that meets it reports it
    this.client = client;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const message = `${shownConnection(this.connection)} cannot be reached in time`;
      timer = setTimeout(() => reject(new BarrierError("unreachable", message)), timeoutMs);
    });
    try {
      await Promise.race([this.open(client), late]);
    } finally {
      clearTimeout(timer);
    }
    return client;
  }

  private open(client: ModbusRTU): Promise<void> {
    const { connection } = this;
    if (connection.transport === "tcp") {
      return client.connectTCP(connection.host, { port: connection.port });
    }
    const { path, baudRate, parity, stopBits, dataBits } = connection;
    return client.connectRTUBuffered(path, { baudRate, parity, stopBits, dataBits });
  }

  private drop(): void {
    if (this.idle) clearTimeout(this.idle);
    const { client } = this;
    this.client = null;
    if (!client) return;
    if (this.connection.transport === "tcp") client.destroy(() => undefined);
    else if (client.isOpen) client.close(() => undefined);
  }
}

const buses = new Map<string, ModbusBus>();

/** The bus of a connection; give it back with {@link releaseBus}. */
export function useBus(connection: ModbusConnection): ModbusBus {
  const key = busKey(connection);
  const bus = buses.get(key) ?? new ModbusBus(connection);
  buses.set(key, bus);
  bus.users += 1;
  return bus;
}

/** Closes the bus when nobody uses it any more. */
export async function releaseBus(connection: ModbusConnection, bus: ModbusBus): Promise<void> {
  bus.users -= 1;
  if (bus.users > 0) return;
  const key = busKey(connection);
  if (buses.get(key) === bus) buses.delete(key);
  await bus.close();
}

/** One serial line is one bus, whatever the other settings say. */
function busKey(connection: ModbusConnection): string {
  return connection.transport === "tcp"
    ? `tcp:${connection.host}:${connection.port}`
    : `rtu:${connection.path}`;
}

function shownConnection(connection: ModbusConnection): string {
  return connection.transport === "tcp" ? `${connection.host}:${connection.port}` : connection.path;
}

const EXCEPTIONS: Record<number, string> = {
  1: "the device does not know this function",
  2: "the address is out of the device's range",
  3: "the device does not take this value",
  4: "the device failed",
  6: "the device is busy",
  10: "the gateway has no path to the device",
  11: "the device behind the gateway does not answer",
};

function modbusError(error: unknown, connection: ModbusConnection): BarrierError {
  if (error instanceof BarrierError) return error;
  const target = shownConnection(connection);
  const { modbusCode, name, message } = error as Partial<Error> & { modbusCode?: number };
  if (typeof modbusCode === "number") {
    const text = EXCEPTIONS[modbusCode] ?? "the device refused";
    return new BarrierError("refused", `${target}: ${text} (exception ${modbusCode})`);
  }
  if (name === "TransactionTimedOutError") {
    return new BarrierError("timeout", `${target}: the device did not answer in time`);
  }
  return new BarrierError("unreachable", `${target}: ${message ?? String(error)}`);
}
