"""Write a reader as .onnx after the contract (uint8 [N,64,160,3] -> logits [N,80,C], regions [N,R]) and register it.

    python3 -m training.reader.export --run RUNS/reader1 --script latin

Parameter names are kept (no folding), so that training can resume from the file. Run from the project's root: the check
runs the file in onnxruntime-node and compares."""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from ..common import ort
from ..common.register import register
from . import patterns, weights
from .config import CHARSETS, HEIGHT, MARGIN, WIDTH
from .train import build


def write(model, path):
    """Export in inference mode without folding; fails when a parameter's name is lost."""
    import onnx
    model.eval()
    torch.onnx.export(model, torch.zeros((2, HEIGHT, WIDTH, 3), dtype=torch.uint8), str(path), opset_version=13,
                      input_names=["image"], output_names=["logits", "regions"], do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE, keep_initializers_as_inputs=False,
                      dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}, "regions": {0: "n"}})
    have = {i.name for i in onnx.load(str(path)).graph.initializer}
    lost = [k for k in model.state_dict() if not k.endswith("num_batches_tracked") and k not in have]
    if lost:
        raise SystemExit(f"names lost in the export: {lost}")


def check(model, path, images):
    """Largest difference of logits between torch and onnxruntime-node, and its median milliseconds for one crop."""
    with torch.no_grad():
        want = model(torch.from_numpy(images))[0].numpy()
    got, ms = ort.run(path, "image", [images[i:i + 1] for i in range(len(images))], "logits", repeats=8)
    return float(np.abs(np.concatenate(got) - want).max()), float(np.median([t for m in ms for t in m[1:]]))


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--run", type=Path, required=True)
    a.add_argument("--script", default="latin", choices=sorted(CHARSETS))
    a.add_argument("--models", type=Path, default=Path("models"))
    a.add_argument("--calibration", type=Path, help="JSON of training.reader.calibrate")
    a.add_argument("--no-check", action="store_true")
    a = a.parse_args()
    torch.set_num_threads(1)
    ident = f"plate-reader-{a.script}"
    path = a.models / f"{ident}.onnx"
    a.models.mkdir(parents=True, exist_ok=True)
    model, regions = build(a.script)
    left = weights.init(model, a.run / "last.pt" if a.run.is_dir() else a.run)
    if left:
        raise SystemExit(f"checkpoint does not fit: {left}")
    write(model, path)
    if not a.no_check:
        rng = np.random.default_rng(0)
        diff, ms = check(model, path, rng.integers(0, 255, (4, HEIGHT, WIDTH, 3), dtype=np.uint8))
        print(f"largest difference of a logit {diff:.5f}; {ms:.2f} ms a crop, one thread")
        if diff > .02:
            raise SystemExit("the export differs")
    cal = {"temperature": 1.0, "reject": {"mean": .7, "min": .4}}
    if a.calibration and a.calibration.exists():
        cal.update({k: v for k, v in json.loads(a.calibration.read_text()).items() if k in cal})
    fields = dict(role="reader", script=a.script, width=WIDTH, height=HEIGHT, margin=list(MARGIN), charset=CHARSETS[a.script], decoder="ctc",
                  regions=regions, version=time.strftime("%Y-%m-%d"), **cal)
    if a.script == "latin":
        fields["patterns"] = patterns.shares()
    e = register(path, ident, fields, a.models)
    print(e["bytes"], "bytes", e["sha256"])


if __name__ == "__main__":
    main()
