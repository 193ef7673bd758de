import type { BarrierInputs } from "../../core/barrier/ports";

export type ModbusConnection =
  | { transport: "tcp"; host: string; port: number }
  | {
      transport: "rtu";
      path: string;
      baudRate: number;
      parity: "none" | "even" | "odd";
      stopBits: 1 | 2;
      dataBits: 7 | 8;
    };

/** An output: a coil (FC05) or a holding register (FC06), with the raw values it takes. */
export interface ModbusOutput {
  kind: "coil" | "register";
  /** As in the telegram: from 0. */
  address: number;
  on: number;
  off: number;
}

export interface ModbusOptions {
  connection: ModbusConnection;
  unit: number;
  timeoutMs: number;
  output: ModbusOutput;
  close?: ModbusOutput;
  /**
   * The device times the pulse: FC05 at `address` (plus the distance of the close
   * output for a close) with the time in units of `unitMs` as its raw value.
   */
  flash?: { address: number; unitMs: number };
  /** Read the output back after a write and with the status. */
  readBack: boolean;
  inputs: {
    kind: "discrete" | "coil";
    lines: Partial<Record<keyof BarrierInputs, { address: number; inverted: boolean }>>;
  };
}
