import { isHashed } from "../../core/events/hashing";
import type { ExporterFields } from "../../core/config/types";
import type { ImageStore } from "../../core/events/ports";
import type { Outcome } from "../../core/outbox/types";
import { readPicture } from "../images/read";
import { AuthenticatedOutbound } from "../outbound/auth";
import { lowerCase } from "../outbound/headers";
import { Outbound, type OutboundRequest } from "../outbound/outbound";
import { outcomeOfAnswer, outcomeOfError } from "../outbound/outcome";
import { webhookHeaders } from "../webhooks/signature";
import { credentials } from "./credentials";
import type { ExportItem, ExportSink } from "./sink";

/** POSTs each event as JSON (reference 2's `rest`). */
export class RestSink implements ExportSink {
  readonly concurrency = 4;
  readonly batch = 1;
  protected readonly headers: Record<string, string>;
  private readonly outbound = new Outbound();
  private readonly sender: AuthenticatedOutbound;

  constructor(protected readonly exporter: ExporterFields) {
    const { auth, headers } = credentials(exporter.auth);
    this.sender = new AuthenticatedOutbound(this.outbound, auth);
    this.headers = { ...lowerCase(exporter.headers), ...headers };
  }

  write(items: readonly ExportItem[], signal: AbortSignal): Promise<Outcome[]> {
    return Promise.all(items.map((item) => this.post(item, signal)));
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  protected async post(item: ExportItem, signal: AbortSignal): Promise<Outcome> {
    try {
      const { url, ...request } = await this.request(item);
      const answer = await this.sender.send(url, { ...request, method: "POST", signal });
      return outcomeOfAnswer(answer, { conflictIsDone: true });
    } catch (error) {
      if (error instanceof PictureAway) return { result: "unavailable", error: error.message };
      return outcomeOfError(error);
    }
  }

  protected request(item: ExportItem): Promise<OutboundRequest & { url: string }> {
    const body = JSON.stringify(item.data);
    const headers = this.signed(item.id, body, "application/json");
    return Promise.resolve({ url: this.exporter.url, headers, body });
  }

  /** The headers of a request, with the id that tells a second delivery and, where it is set, the signature. */
  protected signed(id: string, body: string | Buffer, type: string): Record<string, string> {
    const signing = this.exporter.config["signing_secret"];
    const signingSecret = typeof signing === "string" ? signing : "";
    const signature = webhookHeaders(id, body, { secret: "", signingSecret }, Date.now());
    return { "content-type": type, ...this.headers, ...signature, "idempotency-key": id };
  }
}

/** Sends events with their pictures to another Plategate's `/events/ingest`. */
export class PlategateSink extends RestSink {
  constructor(
    exporter: ExporterFields,
    private readonly images: Pick<ImageStore, "open">,
  ) {
    super(exporter);
  }

  /** Ingest takes plates alone: what was not readable, or is hidden by its hash, stays here. */
  protected override post(item: ExportItem, signal: AbortSignal): Promise<Outcome> {
    const plate = item.data["plate_text"];
    if (typeof plate !== "string" || plate === "" || isHashed(plate)) {
      return Promise.resolve({ result: "skipped", reason: "no readable plate" });
    }
    return super.post(item, signal);
  }

  protected override async request(item: ExportItem): Promise<OutboundRequest & { url: string }> {
    const form = new FormData();
    form.set("event", JSON.stringify(withEdge(item.data)));
    for (const name of ["frame", "crop"] as const) {
      const path = item.event?.[name];
      const picture = path ? await this.pictureAt(path) : null;
      if (!picture) continue;
      form.set(name, new Blob([new Uint8Array(picture)], { type: "image/jpeg" }), `${name}.jpg`);
    }
    const encoded = new Response(form);
    const body = Buffer.from(await encoded.arrayBuffer());
    const type = encoded.headers.get("content-type") ?? "multipart/form-data";
    const headers = this.signed(item.id, body, type);
    return { url: ingestUrl(this.exporter.url), headers, body, timeoutMs: 30_000 };
  }

  /** Null where it was deleted. */
  private async pictureAt(path: string): Promise<Buffer | null> {
    try {
      return await readPicture(this.images, path);
    } catch (error) {
      throw new PictureAway(`a picture cannot be read: ${String(error)}`, { cause: error });
    }
  }
}

/** The place of pictures is away: says nothing about the event. */
class PictureAway extends Error {}

/** What was decided here: ingest takes no decision of others, so it goes along as the event's metadata. */
const DECIDED = ["decision", "reason", "vehicle_plate", "barrier", "time_to_open_ms"] as const;

/** An event with what was decided here under `metadata.edge`; an edge before us is kept. */
function withEdge(data: Record<string, unknown>): Record<string, unknown> {
  const known = DECIDED.filter((name) => (data[name] ?? null) !== null);
  if (known.length === 0) return data;
  const edge = Object.fromEntries(known.map((name) => [name, data[name]]));
  const metadata = data["metadata"];
  return { ...data, metadata: { ...(typeof metadata === "object" ? metadata : {}), edge } };
}

/** The address as given where it names a path, else that of the ingest. */
export function ingestUrl(given: string): string {
  const url = new URL(given);
  if (url.pathname === "/") url.pathname = "/events/ingest";
  return url.href;
}
