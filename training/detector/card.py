"""Measure the shipped detector on ``val`` and write the figures into its card, between the ``figures`` marks.

    python3 -m training.detector.card --out training/runs/detector/card

Everything outside the marks is written by hand. Also leaves ``metrics.json`` and contact sheets in ``--out``.
"""
from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np

from ..common import label_fixes, ort
from ..common.datasets import DEFAULT_ROOT
from . import evaluate
from .calibrate import detections, reliability
from .corners import corner_errors
from .data import photo_part
from .infer import OnnxRunner

MARKS = ("<!-- figures -->", "<!-- /figures -->")
BUCKETS = ((24, 48), (48, 96), (96, 192), (192, 10_000))


def share(value: float | None, interval: tuple[float, float] | None = None) -> str:
    """0.987 (0.95 to 1.00)."""
    if value is None:
        return ""
    return f"{value:.3f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")


def table(by_set: dict[str, list[evaluate.Outcome]], threshold: float) -> list[str]:
    """Rows of one operating point, a set each."""
    lines = [
        "| set (val part) | pictures | plates ≥ 24 px | recall at IoU 0.5 (95 %) | recall at 0.7 | precision at 0.5 (95 %) | precision at 0.7 | mean IoU of hits | false alarms | a picture |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, outcomes in by_set.items():
        s = evaluate.summary(outcomes, threshold)
        iou = f"{s['mean_iou']:.3f}" if "mean_iou" in s else ""
        cells = [
            f"`{name}`", s["pictures"], s["plates"] or "", share(s.get("recall"), s.get("recall_ci")), share(s.get("recall_07")),
            share(s.get("precision"), s.get("precision_ci")), share(s.get("precision_07")), iou,
            s["false_alarms"], f"{s['false_alarms_per_picture']:.3f}",
        ]
        lines.append("| " + " | ".join(str(c) for c in cells) + " |")
    return lines


def forgiven(by_set: dict[str, list[evaluate.Outcome]]) -> dict[str, list[evaluate.Outcome]]:
    """The same detections where those on plates without a label (``val-unlabelled.csv``) are no false alarms."""
    photos = {(p.set, p.file): p for p in label_fixes.with_unlabelled([o.photo for some in by_set.values() for o in some])}
    return {name: [evaluate.match(photos[o.photo.set, o.photo.file], o.rows) for o in some] for name, some in by_set.items()}


def true_alarms(by_set: dict[str, list[evaluate.Outcome]], thresholds: dict[str, float]) -> list[str]:
    """False alarms and precision at each operating point, detections on plates without a label left out."""
    names = sorted(thresholds)
    heads = "".join(f" {n}: false alarms | a picture | precision at 0.5 |" for n in names)
    lines = [f"| set (val part) |{heads}", "| --- |" + " --- | --- | --- |" * len(names)]
    for name, outcomes in by_set.items():
        cells = []
        for n in names:
            s = evaluate.summary(outcomes, thresholds[n])
            cells += [s["false_alarms"], f"{s['false_alarms_per_picture']:.3f}", share(s.get("precision"))]
        lines.append(f"| `{name}` | " + " | ".join(str(c) for c in cells) + " |")
    return lines


def buckets(by_set: dict[str, list[evaluate.Outcome]], threshold: float) -> list[str]:
    """Recall by the plate's width in the picture, over all sets."""
    plates = [p for outcomes in by_set.values() for o in outcomes for p in o.plates]
    lines = ["| plate width, px | plates | recall at IoU 0.5 (95 %) | mean IoU of hits |", "| --- | --- | --- | --- |"]
    for low, high in BUCKETS:
        inside = [p for p in plates if low <= p[0] < high]
        found = [p for p in inside if p[1] >= threshold]
        if inside:
            value = share(len(found) / len(inside), evaluate.wilson(len(found), len(inside)))
            mean = np.mean([p[2] for p in found]) if found else 0.0
            lines.append(f"| {low} to {high - 1 if high < 9999 else 'any'} | {len(inside)} | {value} | {mean:.3f} |")
    return lines


def figures(args, entry: dict) -> tuple[str, dict]:
    """The text between the marks, and the same figures as data."""
    model = str(args.models / entry["file"])
    runner = OnnxRunner(model, entry["inputSide"], entry["largestScale"])
    by_set = evaluate.run(runner, photo_part("val", args.data), smallest=24.0)
    lines: list[str] = []
    data: dict = {"sha256": entry["sha256"], "points": {}}
    for point, threshold in sorted(entry["thresholds"].items()):
        lines += [f"### Operating point `{point}` (score ≥ {threshold:.2f})", "", *table(by_set, threshold), ""]
        data["points"][point] = {n: evaluate.summary(o, threshold) for n, o in by_set.items()}
    lines += ["### Without the plates that have no label", ""]
    lines += ["As above, but detections on the plates of `training/common/val-unlabelled.csv` (by eye; rules there) are no false alarms.", ""]
    lines += [*true_alarms(forgiven(by_set), entry["thresholds"]), ""]
    road = entry["thresholds"]["road"]
    lines += ["### By size, all sets, `road`", "", *buckets(by_set, road), ""]
    rows = reliability(*detections([o for outcomes in by_set.values() for o in outcomes]))
    lines += ["### Reliability on val (detections of all sets)", "", "| score | detections | mean score | are plates (IoU ≥ 0.5) |", "| --- | --- | --- | --- |"]
    lines += [f"| {r['from']:.2f} to {min(r['to'], 1):.2f} | {r['n']} | {r['score']:.3f} | {r['plates']:.3f} |" for r in rows if r["n"]]
    errors = corner_errors(runner, args.data, args.pool)
    lines += ["", "### Corners", ""]
    lines += [
        f"{errors['plates']} rendered plates seen from the side, pasted on val photographs, at least 32 px wide: found {errors['found']:.3f}; "
        f"distance of a corner from the truth, in plate heights: median {errors['median']:.3f}, 90th percentile {errors['p90']:.3f}."
    ]
    times = []
    side = entry["inputSide"]
    for w, h in ((side, -(-side * 9 // 512) * 32), (side, -(-side * 3 // 128) * 32), (side, side)):
        _, ms = ort.run(model, "image", [np.full((1, h, w, 3), 90, np.uint8)], "detections", repeats=15)
        times.append(f"{w}x{h} {min(ms[0]):.0f} ms")
    lines += ["", "### Time", "", f"Network alone in onnxruntime, one thread, least of 15: {', '.join(times)}."]
    data.update(reliability=rows, corners=errors)
    evaluate.print_table(data["points"]["gate"])
    evaluate.print_table(data["points"]["road"])
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        evaluate.failures(by_set, road, args.out)
    return "\n".join(lines), data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--data", default=DEFAULT_ROOT)
    parser.add_argument("--pool", type=Path, help="folder of rendered plates, for the corners")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    manifest = json.loads((args.models / "manifest.json").read_text("utf-8"))
    entry = next(m for m in manifest["models"] if m["id"] == "plate-detector")
    text, data = figures(args, entry)
    if args.out:
        (args.out / "metrics.json").write_text(json.dumps(data, indent=1))
    card = Path(args.models.parent) / entry["card"]
    old = card.read_text("utf-8")
    pattern = re.escape(MARKS[0]) + ".*?" + re.escape(MARKS[1])
    card.write_text(re.sub(pattern, lambda _: f"{MARKS[0]}\n{text}\n{MARKS[1]}", old, flags=re.S), "utf-8")


if __name__ == "__main__":
    main()
