import type { BarrierInputs } from "../../core/barrier/ports";

export interface GpioLine {
  line: number;
  inverted: boolean;
}

export interface GpioOptions {
  /** libgpiod's tools of version 1 or 2 ("auto" asks them), or sysfs by onoff. */
  method: "auto" | "v1" | "v2" | "onoff";
  /** For the tools: "gpiochip0". */
  chip: string;
  /** For sysfs: the number of the chip's first line, which is added to each line. */
  chipBase: number;
  line: number;
  closeLine?: number;
  /** A low level switches the relay on. */
  activeLow: boolean;
  inputs: Partial<Record<keyof BarrierInputs, GpioLine>>;
}
