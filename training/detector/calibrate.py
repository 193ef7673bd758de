"""Fit the score's calibration and the operating points, on the ``calib`` part only; put the model into models/.

    python3 -m training.detector.calibrate --weights training/runs/detector/last.pt --out models/plate-detector.onnx

* calibration: score = sigmoid(a * logit + b), fitted so that of the detections scored 0.9 nine in ten are plates
  (overlap at least 0.5); stored in the model as the buffer ``calibration``;
* threshold ``gate`` (precision first): the most recall at a precision of 0.97; ``road`` (recall first): the best F2.
"""
from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from ..common.datasets import DEFAULT_ROOT
from ..common.register import register
from . import evaluate
from .data import photo_part
from .export import compare, export
from .infer import INPUT_SIDE, LARGEST_SCALE, NMS_IOU, OnnxRunner
from .model import PlateDetector, load_weights


def detections(outcomes: list[evaluate.Outcome]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and whether each is a plate, of all detections that count."""
    scores = np.concatenate([o.rows[:, 0][o.hits != -2] for o in outcomes])
    right = np.concatenate([o.hits[o.hits != -2] > 0 for o in outcomes])
    return scores.astype(np.float64), right


def fit(scores: np.ndarray, right: np.ndarray, rounds: int = 200) -> tuple[float, float]:
    """Platt scaling (a, b) by Newton steps on the log loss, with a small pull towards (1, 0)."""
    x = np.log(np.clip(scores, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(scores, 1e-6, 1 - 1e-6))
    theta = np.array([1.0, 0.0])
    design = np.stack((x, np.ones_like(x)), 1)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-design @ theta))
        gradient = design.T @ (p - right) + 0.5 * (theta - (1.0, 0.0))
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 0.5 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        theta = theta - step
        if np.abs(step).max() < 1e-7:
            break
    return float(theta[0]), float(theta[1])


def rescale(outcomes: list[evaluate.Outcome], a: float, b: float) -> None:
    """Give the outcomes their calibrated scores (the order, and so what is suppressed, stays)."""

    def new(p):
        p = np.clip(p, 1e-6, 1 - 1e-6)
        return 1 / (1 + np.exp(-(a * (np.log(p) - np.log1p(-p)) + b)))

    for o in outcomes:
        o.rows[:, 0] = new(o.rows[:, 0])
        o.plates = [(w, float(new(s)) if s > 0 else 0.0, iou) for w, s, iou in o.plates]


def thresholds(outcomes: list[evaluate.Outcome], least: float = 0.1, precision: float = 0.97) -> dict[str, float]:
    """Operating points on calibrated outcomes: ``gate`` finds the most at a precision of at least ``precision`` (a little over
    the project's 0.95, for the part is small), ``road`` has the best F2. Where no threshold is so precise, the most precise."""

    def f2(s: dict) -> float:
        return 5 * s["precision"] * s["recall"] / max(4 * s["precision"] + s["recall"], 1e-9)

    points = [(float(t), evaluate.summary(outcomes, float(t))) for t in np.round(np.arange(least, 0.96, 0.01), 2)]
    precise = [q for q in points if q[1]["precision"] >= precision] or [max(points, key=lambda q: q[1]["precision"])]
    return {"gate": max(precise, key=lambda q: q[1]["recall"])[0], "road": max(points, key=lambda q: f2(q[1]))[0]}


def reliability(scores: np.ndarray, right: np.ndarray, edges=(0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.001)) -> list[dict]:
    """Per score bin: how many detections, their mean score, the share that are plates."""
    rows = []
    for low, high in zip(edges, edges[1:]):
        inside = (scores >= low) & (scores < high)
        n = int(inside.sum())
        rows.append({"from": low, "to": min(high, 1.0), "n": n, "score": float(scores[inside].mean()) if n else None, "plates": float(right[inside].mean()) if n else None})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--data", default=DEFAULT_ROOT)
    parser.add_argument("--out", type=Path, default=Path("models/plate-detector.onnx"))
    parser.add_argument("--side", type=int, default=INPUT_SIDE)
    parser.add_argument("--largest", type=float, default=LARGEST_SCALE)
    args = parser.parse_args()
    torch.set_num_threads(1)
    net = PlateDetector()
    load_weights(net, args.weights)
    net.calibration.copy_(torch.tensor([1.0, 0.0]))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        export(net, plain)
        by_set = evaluate.run(OnnxRunner(str(plain), args.side, args.largest), photo_part("calib", args.data), smallest=24.0)
    outcomes = [o for s in by_set.values() for o in s]
    a, b = fit(*detections(outcomes))
    rescale(outcomes, a, b)
    points = thresholds(outcomes)
    net.calibration.copy_(torch.tensor([a, b]))
    export(net, args.out)
    worst = compare(net, args.out)
    if worst > 2e-3:
        raise SystemExit(f"onnxruntime and PyTorch disagree by {worst}")
    fields = {
        "role": "detector",
        "stride": 32,
        "inputSide": args.side,
        "largestScale": args.largest,
        "thresholds": points,
        "nmsIou": NMS_IOU,
    }
    register(args.out, "plate-detector", fields, args.out.parent)
    print(json.dumps({"a": a, "b": b, **points}))
    for t in points.values():
        print(t, evaluate.summary(outcomes, t))
    for row in reliability(*detections(outcomes)):
        print(row)


if __name__ == "__main__":
    main()
