import { BarrierError } from "../../core/barrier/ports";
import type { GpioOptions } from "./gpio-types";
import { wholeNumber } from "./http-fields";
import { inputLines } from "./modbus-fields";

export interface GpioFields {
  method?: string;
  chip?: string;
  chipBase?: string | number;
  pin?: string | number;
  closePin?: string | number;
  activeLow?: boolean;
  /** {"loop": 22, "closed": "!23"} */
  inputLines?: string | Record<string, string | number>;
}

const METHODS = ["auto", "v1", "v2", "onoff"] as const;
/** Higher line numbers are typing mistakes. */
const HIGHEST_LINE = 511;

/**
 * Turns the fields into what the driver wants.
 * @throws BarrierError "configuration", naming the field
 */
export function gpioOptions(fields: GpioFields): GpioOptions {
  const method = METHODS.find((known) => known === (fields.method || "auto"));
  if (!method) throw wrong(`method must be one of ${METHODS.join(", ")}`);
  const chip = fields.chip?.trim() || "gpiochip0";
  if (!/^[\w./-]+$/.test(chip) || chip.startsWith("-")) throw wrong("the chip is no chip's name");
  if (fields.pin === undefined || fields.pin === "") throw wrong("the open line is empty");
  const line = wholeNumber(fields.pin, 0, "open line", 0, HIGHEST_LINE);
  const inputs = Object.fromEntries(
    Object.entries(inputLines(fields.inputLines, "inputs", HIGHEST_LINE)).map(([name, found]) => [
      name,
      { line: found.address, inverted: found.inverted },
    ]),
  );
  const closing = fields.closePin !== undefined && fields.closePin !== "";
  const closeLine = closing ? wholeNumber(fields.closePin, 0, "close line", 0, HIGHEST_LINE) : null;
  checkTwice([line, ...(closeLine === null ? [] : [closeLine]), ...linesOf(inputs)]);
  return {
    method,
    chip,
    chipBase: wholeNumber(fields.chipBase, 0, "chip base", 0, 100_000),
    line,
    ...(closeLine === null ? {} : { closeLine }),
    activeLow: fields.activeLow === true,
    inputs,
  };
}

function linesOf(inputs: GpioOptions["inputs"]): number[] {
  return Object.values(inputs).map(({ line }) => line);
}

function checkTwice(lines: number[]): void {
  const twice = lines.find((line, index) => lines.indexOf(line) !== index);
  if (twice !== undefined) throw wrong(`line ${twice} is used twice`);
}

function wrong(message: string): BarrierError {
  return new BarrierError("configuration", message);
}
