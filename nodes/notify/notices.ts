import { blankNotice, kindOf } from "../../core/notify/notice";
import type { Notice } from "../../core/notify/types";
import type { PlategateMessage } from "../shared/kit";

/** A notice, and what tells it from another: the same again is sent once. */
export interface KeyedNotice {
  notice: Notice;
  key?: string;
}

/**
 * What a message tells: watch hits before a barrier's outcome before a decision
 * before a text.
 * @param now ms since the epoch
 * @throws Error where there is nothing to tell
 */
export function noticesOf(message: PlategateMessage, now: number): KeyedNotice[] {
  const { watchHits, barrier, decision, passage, payload } = message;
  const about: Partial<Notice> = passage
    ? {
        eventId: passage.id,
        plate: passage.text || null,
        laneId: passage.laneId,
        cameraId: passage.cameraId,
        confidence: passage.confidence,
        region: passage.region,
        direction: passage.direction,
      }
    : {};
  if (watchHits && watchHits.length > 0) {
    return watchHits.map((hit) => ({
      notice: {
        ...blankNotice("watch_hit", hit.seenAt),
        ...about,
        eventId: hit.passageId,
        plate: hit.plate,
        laneId: hit.laneId,
        cameraId: hit.cameraId,
        text: [hit.description, `${hit.pattern} (${hit.priority})`].filter(Boolean).join(" – "),
      },
      key: `watch ${hit.entryId} ${hit.passageId}`,
    }));
  }
  if (barrier) {
    const { barrierId, command, result, reason, state, passageId, requestedAt } = barrier;
    const text = [`${command}: ${result}`, reason, state].filter(Boolean).join(", ");
    return [
      {
        notice: {
          ...blankNotice("barrier", requestedAt),
          ...about,
          eventId: passageId,
          barrierId,
          text,
        },
        key: `barrier ${barrierId} ${command} ${requestedAt} ${result}`,
      },
    ];
  }
  if (decision) {
    const { result, reason, plate, vehicle, laneId, cameraId, decidedAt, passageId } = decision;
    return [
      {
        notice: {
          ...blankNotice(kindOf({ decision: result, reason }), decidedAt),
          ...about,
          eventId: passageId,
          plate: plate || null,
          laneId,
          cameraId,
          decision: result,
          reason,
          vehiclePlate: vehicle?.plate ?? null,
        },
        key: `decision ${passageId} ${result} ${reason}`,
      },
    ];
  }
  const text = typeof payload === "string" ? payload.slice(0, 4000) : "";
  if (text === "") {
    throw new Error("nothing to tell: no msg.watchHits, barrier, decision, or text in msg.payload");
  }
  return [{ notice: { ...blankNotice("message", now), ...about, text } }];
}
