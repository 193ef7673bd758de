import type { BarrierDriver } from "../../core/barrier/ports";
import type { GpioOptions } from "./gpio-types";
import type { HttpDriverOptions } from "./http-types";
import type { ModbusOptions } from "./modbus-types";
import { HttpDriver } from "./http-driver";
import type { OutputGuard } from "./output-timer";

/** A driver as plain data: what a node, the command line and the guard process build it from. */
export type DriverSpec =
  | { kind: "http"; options: HttpDriverOptions }
  | { kind: "gpio"; options: GpioOptions }
  | { kind: "modbus"; options: ModbusOptions };

/**
 * Builds a driver. What a kind needs is loaded here and not before, so that one
 * that is missing takes nothing else with it.
 * @param guarded false in the guard process itself
 * @throws BarrierError "configuration"
 */
export function createDriver(spec: DriverSpec, guarded = true): BarrierDriver {
  const guard = guarded ? guardFor(spec) : null;
  switch (spec.kind) {
    case "http":
      return new HttpDriver(spec.options, guard);
    case "gpio": {
      const { GpioDriver } = require("./gpio-driver") as typeof import("./gpio-driver");
      return new GpioDriver(spec.options, guard);
    }
    case "modbus": {
      const { ModbusDriver } = require("./modbus-driver") as typeof import("./modbus-driver");
      return new ModbusDriver(spec.options, guard);
    }
  }
}

function guardFor(spec: DriverSpec): OutputGuard | null {
  // A device without an off request holds nothing that could be dropped.
  if (spec.kind === "http" && !spec.options.off) return null;
  const { ProcessGuard } = require("./guard") as typeof import("./guard");
  return new ProcessGuard(spec);
}
