import { readFileSync } from "node:fs";
import { BarrierError } from "../../core/barrier/ports";
import type { GpioLines } from "./gpio-driver";
import { checkLines } from "./gpio-tools";
import type { GpioOptions } from "./gpio-types";

/** What is used of the package onoff, which is not installed by default. */
interface OnoffGpio {
  writeSync(value: 0 | 1): void;
  readSync(): 0 | 1;
  unexport(): void;
}
type OnoffConstructor = new (
  gpio: number,
  direction: "in" | "low" | "high",
  options?: { activeLow: boolean },
) => OnoffGpio;

/**
 * Lines by sysfs, for systems that still have it: onoff takes the global number,
 * which is the chip's base plus the line.
 */
export class OnoffLines implements GpioLines {
  private readonly outputs = new Map<number, OnoffGpio>();
  private readonly inputs = new Map<number, OnoffGpio>();

  constructor(private readonly options: GpioOptions) {}

  on(line: number): Promise<void> {
    return attempt(() => this.output(line).writeSync(1));
  }

  off(line: number): Promise<void> {
    return attempt(() => this.output(line).writeSync(0));
  }

  read(lines: number[]): Promise<boolean[]> {
    return attempt(() => lines.map((line) => this.input(line).readSync() === 1));
  }

  /** Looks for the package, and for the chip that begins at the base. */
  check(lines: number[]): Promise<void> {
    const { chipBase } = this.options;
    return attempt(() => {
      loadOnoff();
      const name = `gpiochip${chipBase}`;
      const count = Number(readFileSync(`/sys/class/gpio/${name}/ngpio`, "utf8"));
      checkLines(name, count, lines);
    });
  }

  /** Outputs stay exported, at off: an unexported line may float. */
  dispose(): Promise<void> {
    return attempt(() => {
      for (const input of this.inputs.values()) input.unexport();
      this.inputs.clear();
      this.outputs.clear();
    });
  }

  private output(line: number): OnoffGpio {
    const known = this.outputs.get(line);
    if (known) return known;
    const { activeLow, chipBase } = this.options;
    // The level that means off, from the first moment: "high" where low is active.
    const made = new (loadOnoff())(chipBase + line, activeLow ? "high" : "low", { activeLow });
    this.outputs.set(line, made);
    return made;
  }

  private input(line: number): OnoffGpio {
    const known = this.inputs.get(line);
    if (known) return known;
    const made = new (loadOnoff())(this.options.chipBase + line, "in");
    this.inputs.set(line, made);
    return made;
  }
}

function loadOnoff(): OnoffConstructor {
  try {
    const name = "onoff"; // not a dependency: it needs a compiler
    return (require(name) as { Gpio: OnoffConstructor }).Gpio;
  } catch {
    const text = "the package onoff is not installed: npm i onoff in the Node-RED directory";
    throw new BarrierError("configuration", text);
  }
}

/** Runs a synchronous call; what it throws becomes a rejection that says what to do. */
function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      resolve(work());
    } catch (error) {
      if (error instanceof BarrierError) reject(error);
      else reject(new BarrierError("refused", sysfsError(error)));
    }
  });
}

function sysfsError(error: unknown): string {
  const { code, message, path = "" } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" && path.endsWith("/ngpio")) {
    return "no GPIO chip begins at this base: see ls /sys/class/gpio, or use libgpiod's tools";
  }
  const noLine = code === "EINVAL" || (code === "ENOENT" && /\/gpio\d+\//.test(path));
  if (noLine) return "no such GPIO line: check the line and the chip's base";
  if (code === "EACCES") return "no right to use GPIO: add the user to the group gpio";
  if (code === "ENOENT") return "this system has no sysfs GPIO: use libgpiod's tools";
  return message;
}
