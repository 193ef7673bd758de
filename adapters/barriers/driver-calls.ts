import type { DriveCall } from "../../core/barrier/machine-types";
import { BarrierError, type BarrierDriver, type OpenContext } from "../../core/barrier/ports";

/** A driver call that takes longer counts as failed, in milliseconds. */
const CALL_LIMIT_MS = 15_000;

/** Calls a driver: orders one at a time in their turn, everything within a limit of time. */
export class DriverCalls {
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly driver: BarrierDriver,
    private readonly pulseMs: number,
    private readonly limitMs = CALL_LIMIT_MS,
  ) {}

  /**
   * Gives an order after those before it.
   * @returns whether the device confirmed it; rejects with what went wrong
   */
  order(call: DriveCall, context?: OpenContext): Promise<boolean> {
    const given = this.tail.then(() => this.timed(this.give(call, context)));
    this.tail = given.then(
      () => undefined,
      () => undefined,
    );
    return given;
  }

  /** Reads output and inputs; does not wait for orders. */
  status(): ReturnType<BarrierDriver["status"]> {
    return this.timed(this.driver.status());
  }

  /** Resolves when all orders given so far have ended. */
  idle(): Promise<void> {
    return this.tail;
  }

  private async give(call: DriveCall, context?: OpenContext): Promise<boolean> {
    const { driver, pulseMs } = this;
    switch (call) {
      case "safe":
        await driver.safe();
        return true;
      case "open":
        return (await driver.open(pulseMs, context)).confirmed;
      case "close":
        return (await driver.close(pulseMs)).confirmed;
      case "hold":
        return (await driver.hold()).confirmed;
      case "release":
        return (await driver.release()).confirmed;
    }
  }

  private async timed<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const give = (): void => reject(new BarrierError("timeout", "the device did not answer"));
      timer = setTimeout(give, this.limitMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
