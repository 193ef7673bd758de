import type { Request } from "express";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { z } from "zod";
import type { StreamItem } from "../../core/events/stream";
import { ApiError } from "../errors";
import { eventView, pictureLinks } from "../events/view";
import { originOf, type SignedLinks } from "../http/links";
import { parseInput } from "../http/validate";
import { text } from "../schemas";
import type { ApiServices } from "../services";
import type { StreamHub } from "./hub";
import { authorizeStream, streamCredentials, upgraded } from "./upgrade";

const ids = z.array(text(128)).max(50);
const querySchema = z.object({
  camera_id: ids,
  zone_id: ids,
  last_event_id: text(128).nullable(),
});

/** `WS /events/stream` of reference 2. */
export class EngineStream {
  /** Texts of the newest event, one per address under which clients reach us. */
  private readonly texts = new Map<string, string>();
  private newest = -1;

  constructor(
    private readonly services: ApiServices,
    private readonly hub: StreamHub,
  ) {}

  /**
   * Lets a client in, or not.
   * @throws ApiError before the upgrade: 400, 401, 403, 429
   */
  async accept(request: Request, socket: Duplex, head: Buffer): Promise<void> {
    const { searchParams } = new URL(request.url, "http://localhost");
    const credentials = streamCredentials(request, searchParams);
    const { auth } = this.services;
    const principal = await authorizeStream(auth, request, credentials);
    const query = this.queryOf(request, searchParams);
    const from = await this.placeAfter(query.last_event_id);
    if (!this.hub.hasRoom(principal)) {
      throw new ApiError(429, "RATE_LIMIT_EXCEEDED", "This user has too many open streams");
    }
    const render = this.renderer(request, query);
    const listening = await upgraded(request, socket, head);
    this.hub.add(listening, {
      stream: "engine",
      principal,
      recheck: () => auth.authenticate(credentials),
      render,
      ...(from === null ? {} : { from }),
    });
  }

  private queryOf(request: IncomingMessage, params: URLSearchParams): z.infer<typeof querySchema> {
    const given = {
      camera_id: params.getAll("camera_id").filter((id) => id !== ""),
      zone_id: params.getAll("zone_id").filter((id) => id !== ""),
      last_event_id:
        params.get("last_event_id") || request.headers["last-event-id"]?.toString() || null,
    };
    return parseInput(querySchema, given, 400);
  }

  /** Where a client that names its last event goes on. @throws ApiError 400 for an unknown one */
  private async placeAfter(lastEventId: string | null): Promise<number | null> {
    if (lastEventId === null) return null;
    const place = await this.services.store.feed.placeOf(lastEventId);
    if (place !== null) return place;
    throw ApiError.invalid("This event is not known, so nobody can say what came after it", [
      { field: "last_event_id", message: "is not the id of an event of the last 7 days" },
    ]);
  }

  private renderer(
    request: Request,
    query: z.infer<typeof querySchema>,
  ): (item: StreamItem) => string | null {
    const origin = originOf(request);
    const { camera_id: cameras, zone_id: zones } = query;
    const wanted = (of: string[], id: string | null): boolean =>
      of.length === 0 || (id !== null && of.includes(id));
    return (item) => {
      const { event } = item;
      if (!wanted(cameras, event.cameraId) || !wanted(zones, event.zoneId)) return null;
      return this.text(item, origin, request, this.services.links);
    };
  }

  /** The same text for all who reach us under one address: it is made once. */
  private text(item: StreamItem, origin: string, request: Request, links: SignedLinks): string {
    if (item.seq !== this.newest) this.texts.clear();
    this.newest = item.seq;
    let made = this.texts.get(origin);
    if (made === undefined) {
      const data = eventView(item.event, pictureLinks(request, links));
      made = JSON.stringify({ type: "event", data });
      this.texts.set(origin, made);
    }
    return made;
  }
}
