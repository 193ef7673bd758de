import type { Direction } from "../messages";
import { blankRead, type PushedRead } from "./types";
import { numberOf, said, shareOf, timeOf } from "./values";

/**
 * Reads an `EventNotificationAlert` of ISAPI: the XML that comes over the alert stream
 * and to an HTTP host alike. @returns null for alerts that are no plate
 */
export function hikvisionRead(xml: string): PushedRead | null {
  if ((tag(xml, "eventType") ?? "").toUpperCase() !== "ANPR") return null;
  const text = tag(xml, "licensePlate") ?? "";
  // what the camera writes where it saw a vehicle without reading its plate
  const plate = /^(unknown|no ?plate)$/i.test(text) ? "" : text;
  const at = tag(xml, "dateTime");
  const channel = tag(xml, "channelID") ?? tag(xml, "dynChannelID") ?? "";
  const line = tag(xml, "line");
  const key = [channel, line, at, plate].join("|");
  const characters = believed(tag(xml, "plateCharBelieve"), plate.length);
  return {
    ...blankRead(key, plate),
    confidence: shareOf(tag(xml, "confidenceLevel"), 100),
    characters,
    region: tag(xml, "country"),
    direction: DIRECTIONS[(tag(xml, "direction") ?? "").toLowerCase()] ?? "unknown",
    at: timeOf(at),
    retransmitted: tag(xml, "isDataRetransmission") === "true",
    vehicle: said({
      line: numberOf(line),
      list: tag(xml, "vehicleListName"),
      type: tag(xml, "vehicleType"),
      color: tag(xml, "color"),
      plate_color: tag(xml, "plateColor"),
      speed: numberOf(tag(xml, "speed")),
    }),
    pictures: numberOf(tag(xml, "picNum")) ?? [...xml.matchAll(/<pictureInfo[\s>]/g)].length,
  };
}

const DIRECTIONS: Readonly<Record<string, Direction>> = { forward: "towards", reverse: "away" };

/** "99,98,…" per cent; null unless there is one for each character. */
function believed(text: string | null, length: number): number[] | null {
  if (!text) return null;
  const shares = text.split(",").map((one) => shareOf(one, 100));
  const whole = shares.length === length && shares.every((share) => share !== null);
  return whole ? shares : null;
}

/**
 * The text of the first element of this name; null where there is none, it is empty, or it
 * holds an entity of a document's own: no camera writes that, and its name is no plate.
 */
function tag(xml: string, name: string): string | null {
  const found = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?>([^<]*)<`).exec(xml)?.[1]?.trim();
  if (!found) return null;
  let foreign = false;
  const text = found.replace(/&(#x[0-9a-f]+|#\d+|[^\s;&]+);/gi, (_all, entity: string) => {
    const sign = signOf(entity);
    foreign ||= sign === null;
    return sign ?? "";
  });
  return foreign ? null : text;
}

function signOf(name: string): string | null {
  if (name.startsWith("#")) {
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  }
  return SIGNS.get(name.toLowerCase()) ?? null;
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);
