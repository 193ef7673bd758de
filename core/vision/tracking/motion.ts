import type { Box, Direction, Point } from "../../messages";
import { iou } from "../geometry";
import type { LaneLine } from "./settings";

/** Points of a path that are kept; the path is thinned when it is full. */
const MAX_POINTS = 64;
/** How fast the estimate of the speed follows what is seen. */
const SMOOTHING = 0.5;
/** Overlap with where it stopped that still counts as standing. */
const STANDING = 0.6;
/** Changes of the logarithm of size that show, or all but prove, that a plate comes nearer or leaves. */
const SIZE_TREND = 0.12;
const CLEAR_SIZE_TREND = 0.25;
/** Way up or down the picture, in plate heights, that shows a direction. */
const HEIGHT_TREND = 1;
/** A trend must be so many times its own standard error: boxes of detectors jitter. */
const SURE_TREND = 4;
/** Points of a path that a trend needs. */
const TREND_POINTS = 4;

interface PathPoint {
  x: number;
  y: number;
  height: number;
  logSize: number;
}

/** Where a plate was and is, and how it moves. Times in ms of the frame clock. */
export class Motion {
  box: Box;
  private seenAt: number;
  private velocity: Point = [0, 0];
  private readonly path: PathPoint[] = [];
  private standing: { box: Box; since: number };
  private crossed: ("first" | "second")[] = [];

  constructor(box: Box, time: number) {
    this.box = box;
    this.seenAt = time;
    this.standing = { box, since: time };
    this.extendPath(box);
  }

  /** Takes the plate's new place. `size` is the frame's, for lines given in fractions. */
  move(box: Box, time: number, lines: [LaneLine, LaneLine] | null, size: Point): void {
    const elapsed = time - this.seenAt;
    const from = centre(this.box);
    const to = centre(box);
    if (elapsed > 0) {
      this.velocity = [0, 1].map((axis) => {
        const now = ((to[axis] ?? 0) - (from[axis] ?? 0)) / elapsed;
        return (this.velocity[axis] ?? 0) * (1 - SMOOTHING) + now * SMOOTHING;
      }) as Point;
    }
    if (lines) this.noteCrossings(from, to, lines, size);
    if (iou(box, this.standing.box) < STANDING) this.standing = { box, since: time };
    this.box = box;
    this.seenAt = time;
    this.extendPath(box);
  }

  /** Where the plate should be now; it is not thought to go on for more than a second. */
  predicted(time: number): Box {
    const elapsed = Math.min(1000, Math.max(0, time - this.seenAt));
    const [x, y, w, h] = this.box;
    return [x + this.velocity[0] * elapsed, y + this.velocity[1] * elapsed, w, h];
  }

  /** How long the plate has been where it is, in ms, up to when it was last seen. */
  get standingMs(): number {
    return this.seenAt - this.standing.since;
  }

  /**
   * Which way the vehicle goes: by the order in which it crossed the two lines; else
   * by the plate growing or shrinking clearly; else by its way down or up the picture;
   * else by a small but steady change of its size.
   */
  direction(lines: [LaneLine, LaneLine] | null): Direction {
    if (lines) return this.directionByLines();
    if (this.path.length < TREND_POINTS) return "unknown";
    const growth = trend(this.path.map((point) => point.logSize));
    if (Math.abs(growth) > CLEAR_SIZE_TREND) return growth > 0 ? "towards" : "away";
    const height = average(this.path.map((point) => point.height));
    const fall = trend(this.path.map((point) => point.y)) / Math.max(1, height);
    if (Math.abs(fall) > HEIGHT_TREND) return fall > 0 ? "towards" : "away";
    if (Math.abs(growth) > SIZE_TREND) return growth > 0 ? "towards" : "away";
    return "unknown";
  }

  private directionByLines(): Direction {
    const [first, second] = this.crossed;
    if (!first || !second || first === second) return "unknown";
    return first === "first" ? "towards" : "away";
  }

  private noteCrossings(from: Point, to: Point, lines: [LaneLine, LaneLine], size: Point): void {
    const names = ["first", "second"] as const;
    const order = lines
      .map((line, i) => ({ name: names[i] ?? "first", at: crossing(from, to, line, size) }))
      .filter((entry): entry is { name: "first" | "second"; at: number } => entry.at !== null)
      .sort((a, b) => a.at - b.at);
    for (const { name } of order) {
      if (this.crossed.at(-1) !== name) this.crossed = [...this.crossed.slice(-1), name];
    }
  }

  private extendPath(box: Box): void {
    const [x, y] = centre(box);
    const point = { x, y, height: box[3], logSize: Math.log(Math.sqrt(box[2] * box[3]) || 1) };
    const last = this.path.at(-1);
    const still =
      last &&
      Math.hypot(x - last.x, y - last.y) < 0.1 * box[3] &&
      Math.abs(point.logSize - last.logSize) < 0.03;
    if (still) return;
    this.path.push(point);
    if (this.path.length > MAX_POINTS) {
      const thinned = this.path.filter((_, i) => i % 2 === 0 || i === this.path.length - 1);
      this.path.splice(0, this.path.length, ...thinned);
    }
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The change from the first to the last of evenly spaced values by least squares; 0
 * where it is not {@link SURE_TREND} times its standard error.
 */
function trend(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = average(values);
  const spread = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  const slope = values.reduce((sum, v, i) => sum + (i - middle) * (v - mean), 0) / spread;
  const rest = values.reduce((sum, v, i) => sum + (v - mean - slope * (i - middle)) ** 2, 0);
  const error = Math.sqrt(rest / (values.length - 2) / spread);
  return Math.abs(slope) > SURE_TREND * error ? slope * (values.length - 1) : 0;
}

/** The middle of a box. */
export function centre([x, y, w, h]: Box): Point {
  return [x + w / 2, y + h / 2];
}

/** Where on its way from one point to another something crosses a line, 0..1; null where it does not. */
function crossing(from: Point, to: Point, [a, b]: LaneLine, size: Point): number | null {
  const [ax, ay] = [a[0] * size[0], a[1] * size[1]];
  const [lx, ly] = [b[0] * size[0] - ax, b[1] * size[1] - ay];
  const [mx, my] = [to[0] - from[0], to[1] - from[1]];
  const cross = mx * ly - my * lx;
  if (cross === 0) return null;
  const alongMove = ((ax - from[0]) * ly - (ay - from[1]) * lx) / cross;
  const alongLine = ((ax - from[0]) * my - (ay - from[1]) * mx) / cross;
  const hit = alongMove >= 0 && alongMove <= 1 && alongLine >= 0 && alongLine <= 1;
  return hit ? alongMove : null;
}
