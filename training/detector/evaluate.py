"""Measure a detector on the parts it was not trained on; contact sheets of what went wrong.

    python3 -m training.detector.evaluate --weights models/plate-detector.onnx --out training/runs/detector/eval

Plates under ``--smallest`` pixels wide, and detections that small, count neither for nor against; so do detections
narrower than what a set labels (``scenes.LABELLED_FROM``). Precision counts every other detection without a plate.
"""
from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch

from ..common import splits
from ..common.datasets import DEFAULT_ROOT, Photo
from .data import photo_part
from .infer import INPUT_SIDE, LARGEST_SCALE, OnnxRunner, Runner, iou_matrix
from .model import PlateDetector, load_weights
from .sources import LABELLED_FROM


@dataclass
class Outcome:
    """One picture: detections [n,13] in its pixels, IoU of each with its plate (-1: none, -2: does not count),
    and per counted plate the width, best score (0: missed) and IoU."""

    photo: Photo
    rows: np.ndarray
    hits: np.ndarray
    plates: list[tuple[float, float, float]] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)


def match(photo: Photo, rows: np.ndarray, iou: float = 0.5, smallest: float = 24.0) -> Outcome:
    """Give each plate the best-scored detection that overlaps it by ``iou``."""
    truth = np.array([p.xyxy for p in photo.plates], np.float32).reshape(-1, 4)
    hits = np.full(len(rows), -1.0)
    owner = np.full(len(truth), -1)
    overlaps = iou_matrix(rows[:, 1:5], truth) if len(truth) and len(rows) else np.zeros((len(rows), len(truth)))
    for i in range(len(rows)):
        free = np.where(owner < 0, overlaps[i], 0) if len(truth) else np.zeros(0)
        if len(free) and free.max() >= iou:
            owner[free.argmax()] = i
            hits[i] = free.max()
    least = max(smallest, LABELLED_FROM.get(photo.set, 0.0))
    widths = truth[:, 2] - truth[:, 0]
    outcome = Outcome(photo, rows, hits)
    for j, w in enumerate(widths):
        if w < smallest:
            if owner[j] >= 0:
                hits[owner[j]] = -2
            continue
        k = owner[j]
        outcome.plates.append((float(w), float(rows[k, 0]) if k >= 0 else 0.0, float(hits[k]) if k >= 0 else 0.0))
        if k < 0:
            outcome.missed.append(j)
    small = (rows[:, 3] - rows[:, 1]) < least
    if len(truth) and len(rows):  # a loose hit on a plate too small to count
        near_small = (overlaps[:, widths < smallest] > 0.1).any(1)
        hits[(hits == -1) & near_small] = -2
    hits[(hits == -1) & small] = -2
    if photo.unsure and len(rows):
        doubtful = np.array([(x, y, x + w, y + h) for x, y, w, h in photo.unsure], np.float32)
        hits[(hits == -1) & (iou_matrix(rows[:, 1:5], doubtful) > 0.2).any(1)] = -2
    return outcome


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % confidence interval of a share k of n."""
    if n == 0:
        return (0.0, 1.0)
    z, p = 1.96, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (max(middle - half, 0.0), min(middle + half, 1.0))


def summary(outcomes: list[Outcome], threshold: float) -> dict:
    """Figures of a set at one score threshold; ``stricter`` is the same at IoU 0.7 among the hits at 0.5."""
    plates = [p for o in outcomes for p in o.plates]
    found = [p for p in plates if p[1] >= threshold]
    alarms = sum(int(((o.hits == -1) & (o.rows[:, 0] >= threshold)).sum()) for o in outcomes)
    tight = sum(p[2] >= 0.7 for p in found)
    out = {
        "pictures": len(outcomes),
        "plates": len(plates),
        "false_alarms": alarms,
        "false_alarms_per_picture": alarms / max(len(outcomes), 1),
    }
    if plates:
        total = max(len(found) + alarms, 1)
        out.update(
            recall=len(found) / len(plates),
            recall_ci=wilson(len(found), len(plates)),
            recall_07=tight / len(plates),
            precision=len(found) / total,
            precision_ci=wilson(len(found), total),
            precision_07=tight / total,
            mean_iou=float(np.mean([p[2] for p in found])) if found else 0.0,
        )
    return out


def run(runner: Runner, photos: list[Photo], smallest: float) -> dict[str, list[Outcome]]:
    """Detect on every picture; outcomes by set."""
    by_set: dict[str, list[Outcome]] = {}
    for i in range(0, len(photos), 48):
        some = photos[i : i + 48]
        images = [cv2.cvtColor(cv2.imread(str(p.path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB) for p in some]
        for photo, rows in zip(some, runner(images)):
            by_set.setdefault(photo.set, []).append(match(photo, rows, smallest=smallest))
    return by_set


def _tile(photo: Photo, focus: np.ndarray, outcome: Outcome, note: str, side: int = 240) -> np.ndarray:
    """A square around ``focus`` (x1,y1,x2,y2): truth yellow, detections green (hit), red (alarm), with the score."""
    image = cv2.imread(str(photo.path), cv2.IMREAD_COLOR)
    cx, cy = (focus[0] + focus[2]) / 2, (focus[1] + focus[3]) / 2
    reach = max(focus[2] - focus[0], focus[3] - focus[1]) * 1.1 + 12
    k = side / (2 * reach)
    matrix = np.array([[k, 0, side / 2 - cx * k], [0, k, side / 2 - cy * k]])
    tile = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA, borderValue=(90, 90, 90))
    at = lambda x, y: (int(x * k + matrix[0, 2]), int(y * k + matrix[1, 2]))
    for p in photo.plates:
        cv2.rectangle(tile, at(*p.xyxy[:2]), at(*p.xyxy[2:]), (0, 255, 255), 1)
    for row, hit in zip(outcome.rows, outcome.hits):
        if row[0] < 0.1:
            continue
        ink = (0, 200, 0) if hit > 0 else (0, 0, 255) if hit == -1 else (255, 0, 255)
        quad = np.array([at(row[5 + 2 * i], row[6 + 2 * i]) for i in range(4)])
        cv2.polylines(tile, [quad], True, ink, 1)
        cv2.putText(tile, f"{row[0]:.2f}", (at(row[1], row[2])[0], max(at(row[1], row[2])[1] - 3, 24)), 0, 0.4, ink, 1)
    cv2.rectangle(tile, (0, 0), (side, 13), (0, 0, 0), -1)
    cv2.putText(tile, f"{note} {photo.set[:14]} {photo.file[-16:]}", (2, 10), 0, 0.32, (255, 255, 255), 1)
    return tile


def sheet(tiles: list[np.ndarray], path: Path, columns: int = 8, most: int = 64) -> None:
    """Write tiles of one size as a contact sheet; no file when there are none."""
    path.unlink(missing_ok=True)
    if not tiles:
        return
    tiles = tiles[:most]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 88])


def failures(by_set: dict[str, list[Outcome]], threshold: float, out: Path) -> None:
    """Contact sheets: misses, false alarms, loose boxes, and hits (to judge the corners)."""
    misses, alarms, loose, hits = [], [], [], []
    for name, outcomes in by_set.items():
        kept_alarms = []
        for o in outcomes:
            for j in o.missed:
                misses.append(_tile(o.photo, np.array(o.photo.plates[j].xyxy), o, "miss"))
            for row, hit in zip(o.rows, o.hits):
                if row[0] < threshold:
                    continue
                if hit == -1:
                    kept_alarms.append((-row[0], _tile(o.photo, row[1:5], o, "alarm")))
                elif 0 < hit < 0.7:
                    loose.append((hit, _tile(o.photo, row[1:5], o, f"iou {hit:.2f}")))
                elif hit > 0 and len(hits) < 400 and hash(o.photo.file) % 4 == 0:
                    hits.append(_tile(o.photo, row[1:5], o, "hit"))
        alarms += kept_alarms
        low = [o for o in outcomes for p in o.plates if 0 < p[1] < threshold]
        misses += [_tile(o.photo, o.rows[0, 1:5], o, "low") for o in low if len(o.rows)]
    sheet(misses, out / "misses.jpg", most=96)
    sheet([t for _, t in sorted(alarms, key=lambda a: a[0])], out / "alarms.jpg", most=96)
    sheet([t for _, t in sorted(loose, key=lambda a: a[0])], out / "loose.jpg")
    step = max(1, len(hits) // 64)
    sheet(hits[::step], out / "hits.jpg")


def print_table(table: dict[str, dict]) -> None:
    print(f"{'set':32}{'pict':>5}{'plates':>7}{'recall':>8}{'r@0.7':>7}{'prec':>7}{'mIoU':>7}{'alarms':>7}{'/pict':>7}")
    for name, s in table.items():
        r = [s.get(k) for k in ("recall", "recall_07", "precision", "mean_iou")]
        cells = "".join(f"{v:>{w}.3f}" if v is not None else " " * w for v, w in zip(r, (8, 7, 7, 7)))
        print(f"{name:32}{s['pictures']:5}{s['plates']:7}{cells}{s['false_alarms']:7}{s['false_alarms_per_picture']:7.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True, help=".pt of a run or .onnx")
    parser.add_argument("--data", default=DEFAULT_ROOT)
    parser.add_argument("--part", default="val", choices=splits.PARTS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--side", type=int, default=INPUT_SIDE)
    parser.add_argument("--largest", type=float, default=LARGEST_SCALE, help="most that a small picture is enlarged")
    parser.add_argument("--threshold", type=float, default=0.4)
    parser.add_argument("--smallest", type=float, default=24.0)
    parser.add_argument("--every", type=int, default=1, help="only each n-th picture, for a quick look")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.weights.endswith(".onnx"):
        runner: Runner = OnnxRunner(args.weights, args.side, args.largest)
    else:
        net = PlateDetector()
        load_weights(net, args.weights)
        runner = Runner(net, args.side, args.largest)
    photos = photo_part(args.part, args.data)[:: args.every]
    by_set = run(runner, photos, args.smallest)
    table = {name: summary(o, args.threshold) for name, o in by_set.items()}
    print_table(table)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "metrics.json").write_text(json.dumps({"threshold": args.threshold, "side": args.side, "sets": table}, indent=1))
        failures(by_set, args.threshold, args.out)


if __name__ == "__main__":
    main()
