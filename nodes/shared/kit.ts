import type { Node, NodeAPI, NodeMessageInFlow, NodeStatusFill, NodeStatusShape } from "node-red";
import type { PlategateParts } from "../../core/messages";

/** A message as it travels between Plategate's nodes. */
export type PlategateMessage = NodeMessageInFlow & PlategateParts;

/** Values for the placeholders of a status text. */
export type StatusParams = Record<string, string | number>;

export type Send = (message: PlategateMessage | (PlategateMessage | null)[]) => void;

/** A node's status: shown only when it changes, its text a key of the node's locale. */
export class NodeStatus {
  private last = "";

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {}

  /**
   * Shows `<type>.status.<key>` of the node's catalogue.
   * @param params values for the text's placeholders
   */
  set(fill: NodeStatusFill, shape: NodeStatusShape, key: string, params?: StatusParams): void {
    const path = `${this.node.type}.status.${key}`;
    const text = params ? this.RED._(path, params) : path;
    const now = `${fill}|${shape}|${text}`;
    if (now === this.last) return;
    this.last = now;
    this.node.status({ fill, shape, text });
  }

  ok(key: string, params?: StatusParams): void {
    this.set("green", "dot", key, params);
  }

  busy(key: string, params?: StatusParams): void {
    this.set("blue", "ring", key, params);
  }

  warn(key: string, params?: StatusParams): void {
    this.set("yellow", "ring", key, params);
  }

  error(key: string, params?: StatusParams): void {
    this.set("red", "ring", key, params);
  }

  clear(): void {
    if (this.last === "") return;
    this.last = "";
    this.node.status({});
  }
}

/**
 * Runs `work` for each message, calls `done` exactly once and turns whatever is
 * thrown, also asynchronously, into `done(error)` so that a Catch node sees it
 * and Node-RED does not exit.
 */
export function onInput(
  node: Node,
  work: (message: PlategateMessage, send: Send) => Promise<void> | void,
): void {
  node.on("input", (message, send, done) => {
    void (async () => {
      try {
        await work(message, send);
        done();
      } catch (error) {
        done(asError(error));
      }
    })();
  });
}

/** Releases what the node opened; awaited by Node-RED, also when it fails. */
export function onClose(node: Node, release: (removed: boolean) => Promise<void> | void): void {
  node.on("close", (removed: boolean, done: () => void) => {
    void (async () => {
      try {
        await release(removed);
      } catch (error) {
        node.error(asError(error));
      } finally {
        done();
      }
    })();
  });
}

/** Any thrown value as an Error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A configuration field as a finite number, or the default where it is empty or none. */
export function numberField(value: unknown, fallback: number): number {
  if (value === undefined || value === null || value === "") return fallback;
  const number = Number(value);
  return Number.isFinite(number) ? number : fallback;
}
