import { createInterface } from "node:readline";
import { BarrierError } from "../../core/barrier/ports";
import { steadyNow } from "../clock/steady";
import { createDriver, type DriverSpec } from "./drivers";
import type { GuardOrder } from "./guard";

/** How late our parent may be with the end of a pulse. */
const GRACE_MS = 700;
/** Between tries to drop the output, and when to give up on a device that is gone. */
const RETRY_MS = 500;
const GIVE_UP_MS = 10 * 60_000;

let spec: DriverSpec | null = null;
/** By our own steady clock: nobody who sets the time makes a pulse longer. */
let until: number | null = null;
let timer: NodeJS.Timeout | null = null;

/** Drops the output until the device confirms it. */
async function drop(): Promise<void> {
  const end = steadyNow() + GIVE_UP_MS;
  while (spec && steadyNow() < end) {
    const driver = createDriver(spec, false);
    try {
      await driver.safe();
      return;
    } catch (error) {
      // A mistake mends itself in no time: nothing was energised by it either.
      if (error instanceof BarrierError && error.code === "configuration") return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    } finally {
      await driver.dispose().catch(() => undefined);
    }
  }
}

function watch(at: number): void {
  if (timer) clearTimeout(timer);
  timer = setTimeout(
    () => {
      until = null;
      void drop();
    },
    Math.max(0, at + GRACE_MS - steadyNow()),
  );
}

function obey(line: string): void {
  const order = JSON.parse(line) as GuardOrder;
  if (order.order === "spec") spec = order.spec;
  if (order.order === "arm") {
    until = steadyNow() + order.ms;
    watch(until);
    process.stdout.write("armed\n");
  }
  if (order.order === "disarm") {
    until = null;
    if (timer) clearTimeout(timer);
  }
}

/** Our parent is gone: end what it began, at the time it had in mind, then go too. */
async function orphaned(): Promise<void> {
  if (timer) clearTimeout(timer);
  if (until !== null) {
    const wait = Math.max(0, until - steadyNow());
    await new Promise((resolve) => setTimeout(resolve, wait));
    await drop();
  }
  process.exit(0);
}

process.on("SIGINT", () => undefined);
process.stdout.on("error", () => undefined);
const lines = createInterface({ input: process.stdin });
lines.on("line", obey);
lines.on("close", () => void orphaned());
