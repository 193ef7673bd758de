/**
 * Statements on their own pass together; a transaction that the main thread leads
 * has the writing connection to itself. First come, first served.
 */
export class TransactionGate {
  private inside = 0;
  private occupied = false;
  private readonly queue: { alone: boolean; enter: () => void }[] = [];

  /** Waits for the connection alone. @returns to call when done */
  alone(): Promise<() => void> {
    return this.enter(true);
  }

  /** Waits until no transaction has the connection. @returns to call when done */
  together(): Promise<() => void> {
    return this.enter(false);
  }

  private enter(alone: boolean): Promise<() => void> {
    return new Promise((resolve) => {
      let left = false;
      const leave = () => {
        if (left) return;
        left = true;
        if (alone) this.occupied = false;
        else this.inside--;
        this.admit();
      };
      this.queue.push({ alone, enter: () => resolve(leave) });
      this.admit();
    });
  }

  private admit(): void {
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      if (this.occupied || (next.alone && this.inside > 0)) return;
      this.queue.shift();
      if (next.alone) this.occupied = true;
      else this.inside++;
      next.enter();
    }
  }
}
