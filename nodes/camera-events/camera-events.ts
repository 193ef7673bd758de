import type { Node, NodeAPI, NodeDef } from "node-red";
import { keptPicture } from "../../adapters/vision/kept-picture";
import type { Passage } from "../../core/messages";
import { PushedPassages, type Taken } from "../../core/pushed/passages";
import type { PushedImages, PushedRead } from "../../core/pushed/types";
import { asError, NodeStatus, onClose } from "../shared/kit";
import { openIntake } from "./intake";
import { intakeOf, pushOptions, type EventsFields, type EventsSecrets } from "./options";

type EventsConfig = NodeDef & EventsFields;

/** Reads whose pictures are being looked at; a lane has a handful. */
const MAX_WAITING = 200;
const SETTLE_EVERY_MS = 1_000;

/** Plates that cameras and services have read, as passages: live ones first output, late ones second. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType<Node<EventsSecrets>, EventsConfig, object, EventsSecrets>(
    "camera-events",
    function (this: Node<EventsSecrets>, config: EventsConfig) {
      RED.nodes.createNode(this, config);
      const desk = new Desk(this, new NodeStatus(RED, this), config);
      onClose(this, () => desk.close());
      try {
        desk.open(RED, this.credentials ?? {});
      } catch (error) {
        desk.fail(asError(error));
      }
    },
    { credentials: { password: { type: "password" }, secret: { type: "password" } } },
  );
};

class Desk {
  private passages: PushedPassages | null = null;
  private work: Promise<void> = Promise.resolve();
  private waiting = 0;
  private shut: (() => Promise<void>) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private lastProblem = "";

  constructor(
    private readonly node: Node,
    private readonly status: NodeStatus,
    private readonly config: EventsConfig,
  ) {}

  open(RED: NodeAPI, secrets: EventsSecrets): void {
    const options = pushOptions(this.config);
    const intake = intakeOf(this.config, secrets, this.node.id);
    this.passages = new PushedPassages(options);
    this.timer = setInterval(() => this.settle(), SETTLE_EVERY_MS);
    this.timer.unref();
    this.shut = openIntake(RED, options.source, intake, {
      read: (read, images) => this.take(read, images),
      state: (state, reason) => this.show(state, reason),
      broken: (reason) => this.problem(reason),
    });
  }

  fail(error: Error): void {
    this.status.error("misconfigured");
    this.node.error(error.message);
  }

  async close(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.shut?.();
    await this.work;
    this.status.clear();
  }

  /** One read after the other, in the order in which they came. @returns false where too many wait */
  private take(read: PushedRead, images: PushedImages): boolean {
    if (this.waiting >= MAX_WAITING) {
      this.problem("too many reads at once: some are lost");
      return false;
    }
    const arrived = Date.now();
    this.waiting += 1;
    this.work = this.work
      .then(async () => {
        const own = {
          frame: images.frame ?? read.images.frame,
          crop: images.crop ?? read.images.crop,
        };
        const kept = { frame: await this.kept(own.frame), crop: await this.kept(own.crop) };
        const cleared = { ...read, images: { frame: null, crop: null } };
        const taken = this.passages?.take(cleared, kept, arrived);
        if (taken?.kind === "passage") this.tell(taken);
      })
      .catch((error: unknown) => this.problem(asError(error).message))
      .finally(() => (this.waiting -= 1));
    return true;
  }

  /** A picture that is none costs the picture alone. */
  private async kept(picture: Buffer | null): Promise<Buffer | null> {
    if (!picture) return null;
    try {
      return await keptPicture(picture);
    } catch (error) {
      this.problem(`a picture cannot be used: ${asError(error).message}`);
      return null;
    }
  }

  private settle(): void {
    for (const { passage, late } of this.passages?.settle(Date.now()) ?? [])
      this.send(passage, late);
  }

  private tell({ passage, late, clock }: Extract<Taken, { kind: "passage" }>): void {
    this.send(passage, late);
    if (clock === "fine") return;
    this.status.warn("clock");
    this.problem(
      "reads come without a time, or with one to come, and open nothing: set the camera's clock, or choose the time of arrival",
    );
  }

  private send(passage: Passage, late: boolean): void {
    const message = { passage, payload: passage.text, late };
    this.node.send(late ? [null, message] : [message, null]);
    if (late) this.status.warn("late", { plate: passage.text || "?" });
    else this.status.ok("read", { plate: passage.text || "?" });
  }

  private show(state: string, reason: string): void {
    if (state === "live" || state === "listening") {
      this.lastProblem = "";
      this.status.ok(state);
    } else if (state === "connecting") {
      this.status.busy(state);
    } else {
      this.status.error(state);
      this.problem(reason);
    }
  }

  /** The same trouble once until all is well. */
  private problem(text: string): void {
    if (text !== this.lastProblem) this.node.warn(text);
    this.lastProblem = text;
  }
}
