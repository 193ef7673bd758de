"""Export a checkpoint to ONNX, check it against PyTorch in onnxruntime-node, and time it.

    python3 -m training.detector.export --weights training/runs/detector/last.pt --out models/plate-detector.onnx

Nothing is folded: every parameter keeps its name, so that the file is also a checkpoint (``train --init x.onnx``).
onnxruntime folds batch norms itself when it loads the file.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch

from ..common import ort
from .model import Exported, PlateDetector, load_weights

INPUT, OUTPUT = "image", "detections"


def export(net: PlateDetector, path: Path) -> None:
    """Write the shipped form: uint8 [1,H,W,3] -> float32 [1,N,13]."""
    model = Exported(net.eval()).eval()
    torch.onnx.export(
        model,
        torch.zeros(1, 64, 96, 3, dtype=torch.uint8),
        str(path),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_axes={INPUT: {1: "height", 2: "width"}, OUTPUT: {1: "cells"}},
        opset_version=13,
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        keep_initializers_as_inputs=False,
    )
    names = {i.name for i in onnx.load(str(path)).graph.initializer}
    lost = [k for k in model.state_dict() if k not in names and not k.endswith("num_batches_tracked")]
    if lost:
        raise RuntimeError(f"parameters lost their names in the export: {lost}")


def compare(net: PlateDetector, path: Path, seed: int = 0) -> float:
    """Largest difference (scores, and pixels / 100) between PyTorch and onnxruntime on random pictures of several shapes."""
    rng = np.random.default_rng(seed)
    pictures = [rng.integers(0, 256, (1, h, w, 3), dtype=np.uint8) for h, w in ((64, 96), (448, 768), (768, 448), (32, 32))]
    got, _ = ort.run(path, INPUT, pictures, OUTPUT)
    model = Exported(net.eval())
    worst = 0.0
    with torch.no_grad():
        for picture, out in zip(pictures, got):
            want = model(torch.from_numpy(picture)).numpy()
            scale = np.array([1.0] + [0.01] * 12, np.float32)
            worst = max(worst, float((np.abs(out - want) * scale).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", type=Path, default=Path("models/plate-detector.onnx"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    net = PlateDetector()
    load_weights(net, args.weights)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    export(net, args.out)
    worst = compare(net, args.out)
    print(f"{args.out}: {args.out.stat().st_size} bytes, largest difference from PyTorch {worst:.2g}")
    if worst > 2e-3:
        raise SystemExit("onnxruntime and PyTorch disagree")
    for h, w in ((384, 640), (448, 768), (544, 960), (736, 1280)):
        _, ms = ort.run(args.out, INPUT, [np.full((1, h, w, 3), 90, np.uint8)], OUTPUT, repeats=12)
        print(f"{w}x{h}: {np.median(ms[0][2:]):.1f} ms, one thread (least {min(ms[0]):.1f})")


if __name__ == "__main__":
    main()
