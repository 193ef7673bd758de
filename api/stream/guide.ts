import type { Request } from "express";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import type { StoredEvent } from "../../core/events/event";
import { bucketFloor } from "../../core/events/statistics";
import { ANYONE } from "../auth/guard";
import type { Principal } from "../auth/permissions";
import { ApiError } from "../errors";
import { isoTime, pictureLinks, type PictureLink } from "../events/view";
import { allowsOrigin } from "../http/origins";
import { callerAddress, isCrossOrigin } from "../http/request";
import type { ApiServices } from "../services";
import type { StreamHub } from "./hub";
import { authorizeStream, streamCredentials, upgraded } from "./upgrade";

/** Figures are sent at most this often, in milliseconds (API-DECISIONS, Guide). */
const FIGURES_EVERY_MS = 5_000;
/** A client that does not read its pongs gets no more of them, in bytes that wait. */
const MOST_WAITING = 64 * 1024;

const PONG = JSON.stringify({ type: "pong", message: "alive" });

/** `WS /ws` of reference 1: pongs, each final event, and figures when they change. */
export class GuideStream {
  private readonly listening = new Set<WebSocket>();
  private timer: NodeJS.Timeout | null = null;
  private sentAt = 0;
  private readonly changed = (): void => this.schedule();

  constructor(
    private readonly services: ApiServices,
    private readonly hub: StreamHub,
    private readonly warn: (message: string) => void,
  ) {
    services.store.feed.on("item", this.changed);
  }

  /**
   * Lets a client in, or not.
   * @throws ApiError before the upgrade: 401, 403, 429
   */
  async accept(request: Request, socket: Duplex, head: Buffer): Promise<void> {
    const { searchParams } = new URL(request.url, "http://localhost");
    const credentials = streamCredentials(request, searchParams);
    const { auth, links, publicDialects } = this.services;
    refuseForeignPage(request, this.services);
    const open = publicDialects.has("guide") ? anyoneAt(callerAddress(request)) : null;
    const principal = open ?? (await authorizeStream(auth, request, credentials));
    if (!this.hub.hasRoom(principal)) {
      throw new ApiError(429, "RATE_LIMIT_EXCEEDED", "This user has too many open streams");
    }
    const link = pictureLinks(request, links);
    const listening = await upgraded(request, socket, head);
    this.listening.add(listening);
    listening.on("message", (_data: RawData, isBinary: boolean) => {
      if (!isBinary && listening.bufferedAmount < MOST_WAITING) listening.send(PONG);
    });
    this.hub.add(listening, {
      stream: "guide",
      principal,
      recheck: () => (open ? Promise.resolve(open) : auth.authenticate(credentials)),
      render: ({ event }) => JSON.stringify({ type: "new_event", data: guideEvent(event, link) }),
      onGone: () => this.listening.delete(listening),
    });
  }

  close(): void {
    this.services.store.feed.off("item", this.changed);
    if (this.timer) clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.timer || this.listening.size === 0) return;
    const wait = Math.max(0, this.sentAt + FIGURES_EVERY_MS - Date.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.sentAt = Date.now();
      this.sendFigures().catch((error: unknown) =>
        this.warn(`figures for /ws: ${error instanceof Error ? error.message : String(error)}`),
      );
    }, wait);
    this.timer.unref();
  }

  private async sendFigures(): Promise<void> {
    const { events, timeZone } = this.services;
    const from = bucketFloor("day", timeZone)(Date.now());
    const [total, today] = await Promise.all([
      events.count({}),
      events.statistics({ filter: { from }, interval: "day", timeZone }),
    ]);
    const data = {
      total_events: total,
      today_events: today.totalEvents,
      unique_plates_today: today.uniquePlates,
      opened_today: today.byDecision.open ?? 0,
      denied_today: today.byDecision.deny ?? 0,
      timestamp: isoTime(Date.now()),
    };
    const text = JSON.stringify({ type: "stats_update", data });
    for (const socket of this.listening) {
      if (socket.bufferedAmount < MOST_WAITING) socket.send(text);
    }
  }
}

/**
 * While the dialect is open to all, a socket would hand plates to any page that is open in
 * a browser on the network: CORS does not hold back sockets.
 * @throws ApiError 403
 */
function refuseForeignPage({ headers }: Request, services: ApiServices): void {
  const { publicDialects, origins } = services;
  if (!publicDialects.has("guide") || !isCrossOrigin(headers)) return;
  if (allowsOrigin(origins, headers.origin ?? "")) return;
  throw ApiError.forbidden("Requests from another site are refused");
}

/** Whoever listens while the dialect is open to all; connections are bounded per address. */
function anyoneAt(address: string): Principal {
  return { ...ANYONE, id: `guide:${address}`, permissions: new Set(["stream"] as const) };
}

/** An event in the words of reference 1: confidence in per cent, what the barrier did. */
function guideEvent(event: StoredEvent, link: PictureLink): Record<string, unknown> {
  return {
    id: event.id,
    plate_number: event.plateText,
    event_type: event.laneId === "entry" || event.laneId === "exit" ? event.laneId : null,
    camera_id: event.cameraId,
    lane_id: event.laneId,
    confidence: event.confidence === null ? null : Math.round(event.confidence * 10_000) / 100,
    vehicle_found: event.vehicleId !== null,
    vehicle_id: event.vehicleId,
    barrier_action: actionOf(event),
    decision: event.decision,
    reason: event.reason,
    image_url: link(event, "frame"),
    crop_url: link(event, "crop"),
    timestamp: isoTime(event.timestamp),
  };
}

function actionOf({ decision, barrier }: StoredEvent): "opened" | "denied" | null {
  if (barrier?.command === "open" && barrier.result === "done") return "opened";
  if (decision === null) return null;
  return decision === "open" ? "opened" : "denied";
}
