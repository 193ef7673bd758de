import type { Box, Direction } from "../messages";
import { blankRead, type PushedRead } from "./types";
import { numberOf, said } from "./values";

/**
 * Reads a text part of `snapManager.cgi?action=attachFileProc`: lines
 * `Events[0].TrafficCar.PlateNumber=…`. @returns null for heartbeats and other events
 */
export function dahuaRead(text: string): PushedRead | null {
  const fields = fieldsOf(text);
  const code = fields.get("EventBaseInfo.Code") ?? fields.get("Code");
  if (code !== undefined && !/^Traffic/i.test(code)) return null;
  const plate = plateOf(fields);
  if (plate === null) return null;
  const seconds = numberOf(fields.get("UTC"));
  const ms = numberOf(fields.get("UTCMS")) ?? 0;
  const group = fields.get("GroupID") ?? "";
  return {
    ...blankRead([group, seconds ?? "", group === "" ? ms : "", plate].join("|"), plate),
    region: fields.get("TrafficCar.Country") || null,
    direction: DIRECTIONS[(fields.get("JunctionDirection") ?? "").toLowerCase()] ?? "unknown",
    at: seconds === null ? null : seconds * 1000 + (ms >= 0 && ms < 1000 ? ms : 0),
    box: boxOf(fields),
    vehicle: said({
      lane: numberOf(fields.get("Lane")),
      color: fields.get("TrafficCar.VehicleColor") ?? null,
      plate_color: fields.get("TrafficCar.PlateColor") ?? null,
      size: fields.get("TrafficCar.VehicleSize") ?? null,
      speed: numberOf(fields.get("TrafficCar.Speed") ?? fields.get("Speed")),
    }),
    pictures: 1,
  };
}

const DIRECTIONS: Readonly<Record<string, Direction>> = { obverse: "towards", reverse: "away" };

/** Without "Events[0]." before the names; of several events the first. */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^\s*(?:Events\[0\]\.)?([\w.[\]]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value.trim());
  }
  return fields;
}

/** `Object.Text` is a plate only where the object is one. Null: this is about no plate. */
function plateOf(fields: Map<string, string>): string | null {
  const number = fields.get("TrafficCar.PlateNumber");
  if (number) return number;
  if (fields.get("Object.ObjectType") === "Plate") return fields.get("Object.Text") ?? "";
  return number ?? null;
}

/** Corners in 0..8191 of the picture's sides; kept only where they are whole. */
function boxOf(fields: Map<string, string>): Box | null {
  const numbers = [0, 1, 2, 3].map((i) => numberOf(fields.get(`Object.BoundingBox[${i}]`)));
  if (numbers.some((one) => one === null)) return null;
  const [left, top, right, bottom] = numbers as [number, number, number, number];
  return [left, top, right - left, bottom - top];
}
