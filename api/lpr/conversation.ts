import { StoreError } from "../../core/events/errors";
import type { Permission } from "../auth/permissions";
import type { Throttle } from "../auth/throttle";
import type { CameraBook } from "./cameras";
import type { Intake } from "./intake";
import {
  languageOf,
  LprError,
  parseMessage,
  readSchema,
  registerSchema,
  textOf,
  type TextKey,
} from "./messages";
import { countedAs } from "./access";
import { DASHBOARD, mayDo, type Client } from "./socket";

/**
 * The manual's page listens without joining: who has said nothing of a camera for this
 * long, in milliseconds, only watches, and is shown the passages.
 */
const WATCHES_AFTER_MS = 1_000;

export interface TalkParts {
  cameras: CameraBook;
  intake: Intake;
  limits: Throttle;
  log: (message: string) => void;
}

type Answer = [event: "status" | "lpr_response" | "pong", body: Record<string, unknown>];
type Handler = (talk: Talk, data: unknown) => Promise<Answer> | Answer;

/** What a client may say: the right it needs and what comes of it. */
const EVENTS: Record<string, { right: Permission | null; handle: Handler }> = {
  camera_register: { right: "ingest", handle: (talk, data) => talk.register(data) },
  lpr_data: { right: "ingest", handle: (talk, data) => talk.read(data) },
  join_dashboard: { right: "stream", handle: (talk) => talk.join() },
  ping: { right: null, handle: () => ["pong", {}] },
};

/** One client's side of the LPR server. */
class Talk {
  private readonly language;
  private watching: NodeJS.Timeout | null = null;

  constructor(
    private readonly client: Client,
    private readonly parts: TalkParts,
  ) {
    this.language = languageOf(client.handshake.headers["accept-language"]);
  }

  start(): void {
    const { client, parts } = this;
    for (const [name, { right, handle }] of Object.entries(EVENTS)) {
      client.on(name, (...given: unknown[]) => void this.hear(right, handle, given));
    }
    client.on("disconnect", () => {
      this.leave();
      parts.cameras.left(client.id);
    });
    this.send("status", { status: "connected", message: this.say("connected") });
    if (!mayDo(client, "stream")) return;
    this.watching = setTimeout(() => void client.join(DASHBOARD), WATCHES_AFTER_MS);
    this.watching.unref();
  }

  register(data: unknown): Answer {
    const { camera_id, location } = parseMessage(registerSchema, data);
    this.leave();
    this.parts.cameras.heard(camera_id, this.client.id, location ?? null, Date.now());
    return ["status", { status: "registered", camera_id, message: this.say("registered") }];
  }

  async read(data: unknown): Promise<Answer> {
    const read = parseMessage(readSchema, data);
    const { cameras, intake } = this.parts;
    const id = read.camera_id ?? cameras.onlyOneOf(this.client.id);
    if (id === null) throw new LprError("VALIDATION_ERROR", "no_camera");
    this.leave();
    cameras.heard(id, this.client.id, read.location ?? null, Date.now());
    const { passage, event, warning } = await intake.take(id, read, Date.now());
    const decision = event?.decision ?? null;
    return [
      "lpr_response",
      {
        status: "success",
        record_id: passage.id,
        camera_id: id,
        plate_number: passage.text,
        ...(decision === null ? {} : { decision }),
        ...(warning === null ? {} : { warning: this.say(warning) }),
      },
    ];
  }

  async join(): Promise<Answer> {
    await this.client.join(DASHBOARD);
    return ["status", { status: "connected", message: this.say("joined") }];
  }

  /** A camera has no use for what others see, unless it asks for it. */
  private leave(): void {
    if (this.watching) clearTimeout(this.watching);
    void this.client.leave(DASHBOARD);
  }

  private async hear(right: Permission | null, handle: Handler, given: unknown[]): Promise<void> {
    const callback = given.find((one) => typeof one === "function") as
      ((body: object) => void) | undefined;
    const [data] = given;
    try {
      if (right !== null && !mayDo(this.client, right)) {
        throw new LprError("PERMISSION_DENIED", "forbidden");
      }
      // Programs on this machine are counted each by its connection.
      const caller = countedAs(this.client.data.principal, this.client.request);
      if (this.parts.limits.take(caller ?? this.client.id, Date.now()) > 0) {
        throw new LprError("RATE_LIMIT_EXCEEDED", "too_many");
      }
      this.parts.cameras.alive(this.client.id, Date.now());
      const [event, body] = await handle(this, data);
      const sent = this.send(event, body);
      callback?.(sent);
    } catch (error) {
      const sent = this.fail(error);
      callback?.({ status: "error", ...sent });
    }
  }

  private fail(error: unknown): Record<string, unknown> {
    const known = knownError(error);
    if (known !== error) {
      this.parts.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const message = [this.say(known.key), known.detail].filter(Boolean).join(": ");
    return this.send("error", { code: known.code, message });
  }

  private send(event: Answer[0] | "error", body: Record<string, unknown>): Record<string, unknown> {
    const whole = { ...body, timestamp: new Date().toISOString() };
    this.client.emit(event, whole);
    return whole;
  }

  private say(key: TextKey): string {
    return textOf(key, this.language);
  }
}

/** A store that takes nothing more is told as such; what is not known stays inside. */
function knownError(error: unknown): LprError {
  if (error instanceof LprError) return error;
  if (error instanceof StoreError && error.code !== "invalid") {
    return new LprError("SERVICE_UNAVAILABLE", "busy");
  }
  return new LprError("INTERNAL_ERROR", "failed");
}

/** Answers a client until it leaves. */
export function converse(client: Client, parts: TalkParts): void {
  new Talk(client, parts).start();
}
