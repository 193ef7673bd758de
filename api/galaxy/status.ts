import { z } from "zod";
import { identify } from "../../core/access/identify";
import { indexOf, watchHits } from "../../core/access/index-lists";
import type { AccessSnapshot, Vehicle } from "../../core/access/types";
import { NEWEST_FIRST } from "../../core/events/filters";
import { normalisePlate } from "../../core/plates/normalise";
import { ApiError } from "../errors";
import { may } from "../auth/permissions";
import { isoTime } from "../events/view";
import { json, operation } from "../operations";
import { text } from "../schemas";

type PlateStatus = "allowed" | "denied" | "watch" | "unknown";

/** `GET /plate_status` of reference 5: which list a plate is on. The gate decides by more than this. */
export const plateStatus = operation({
  id: "galaxy.plate_status",
  permission: "events.read",
  lookUp: "event.query",
  summary: "Which list a plate is on, and when it was seen last",
  method: "get",
  path: "/plate_status",
  input: { query: z.object({ plate: text(128).min(1) }) },
  replies: {
    200: {
      description: "The plate's status",
      body: z.object({
        plate: z.string(),
        status: z.enum(["allowed", "denied", "watch", "unknown"]),
        vehicle: z
          .looseObject({ id: z.string(), plate: z.string(), status: z.string() })
          .nullable()
          .describe("the owner only for who may see the lists"),
        last_seen: z.string().nullable(),
      }),
    },
  },
  async handle({ principal, services }, { query }) {
    const plate = normalisePlate(query.plate);
    if (plate === "") {
      const errors = [{ field: "plate", message: "must hold a letter or digit" }];
      throw new ApiError(422, "VALIDATION_ERROR", "Request validation failed", { errors });
    }
    const [lists, seen] = await Promise.all([
      services.access.snapshot(),
      services.events.list({ plate }, { ...NEWEST_FIRST, limit: 1 }),
    ]);
    const { status, vehicle } = judge(plate, lists, Date.now());
    const full = may(principal, "lists.write");
    const [last] = seen.items;
    return json({
      plate,
      status,
      vehicle: vehicle && {
        id: vehicle.id,
        plate: vehicle.plate,
        status: vehicle.status,
        valid_from: vehicle.validFrom === null ? null : isoTime(vehicle.validFrom),
        valid_until: vehicle.validUntil === null ? null : isoTime(vehicle.validUntil),
        ...(full ? { owner: vehicle.owner, groups: vehicle.groups } : {}),
      },
      last_seen: last ? isoTime(last.timestamp) : null,
    });
  },
});

/** Denied before watched before allowed: the worst that is known of a plate counts. */
function judge(
  plate: string,
  lists: AccessSnapshot,
  now: number,
): { status: PlateStatus; vehicle: Vehicle | null } {
  const index = indexOf(lists);
  const found = identify(index, plate, lists.settings.maxConfusables);
  const known = found.kind === "exact" || found.kind === "confusable" ? found.identity : null;
  const vehicle = known?.vehicle ?? null;
  const denied = watchHits(index.deny, index.table, plate, now).length > 0;
  if (denied || (vehicle && !isValid(vehicle, now))) return { status: "denied", vehicle };
  if (watchHits(index.watch, index.table, plate, now).length > 0)
    return { status: "watch", vehicle };
  return { status: vehicle ? "allowed" : "unknown", vehicle };
}

function isValid({ status, validFrom, validUntil }: Vehicle, now: number): boolean {
  return status === "active" && (validFrom ?? -Infinity) <= now && now <= (validUntil ?? Infinity);
}
