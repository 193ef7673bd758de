"""Train the detector; resumable.

    python3 -m training.detector.train --run training/runs/detector --samples 1000000
    python3 -m training.detector.train --run training/runs/detector            # goes on where it stopped
    python3 -m training.detector.train --run training/runs/next --init models/plate-detector.onnx

The learning rate follows a cosine over ``--samples`` (or ``--hours``). Every three minutes the run is saved to ``<run>/last.pt``
(weights, their moving average, optimiser, count); the average is what is evaluated and shipped.
"""
from __future__ import annotations

import argparse
import math
import os
import time
from pathlib import Path

import numpy as np
import torch

from ..common import precision
from ..common.datasets import DEFAULT_ROOT, DEFAULT_RUNS
from ..common.memory import keep_memory
from ..common.progress import Progress
from . import data
from .loss import loss
from .model import PlateDetector, load_weights


def rate(done: float, peak: float, warm: float = 0.01) -> float:
    """Learning rate at the fraction ``done`` of the run: linear warm-up, then cosine to 1 % of the peak."""
    if done < warm:
        return peak * (0.05 + 0.95 * done / warm)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min((done - warm) / (1 - warm), 1.0))))


def groups(net: torch.nn.Module, decay: float) -> list[dict]:
    """Weight decay for convolution kernels only."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": rest, "weight_decay": 0.0}]


@torch.no_grad()
def follow(average: dict[str, torch.Tensor], net: torch.nn.Module, keep: float) -> None:
    """Move the averaged weights towards the present ones."""
    for name, value in net.state_dict().items():
        if value.dtype.is_floating_point:
            average[name].lerp_(value, 1 - keep)
        else:
            average[name].copy_(value)


def save(path: Path, **state) -> None:
    """Write whole, then rename: a killed run leaves the last good file."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path(DEFAULT_RUNS) / "detector")
    parser.add_argument("--data", default=DEFAULT_ROOT, help="folder with the labelled sets")
    parser.add_argument("--backgrounds", type=Path, action="append", default=[], help="folder of pictures without plates, repeatable")
    parser.add_argument("--stickers", type=Path, action="append", default=[], help="folder of drawings with transparency, repeatable")
    parser.add_argument("--textures", type=Path, action="append", default=[], help="zip package of textures for drawn house fronts, repeatable")
    parser.add_argument("--init", help="start from these weights (.pt or .onnx)")
    parser.add_argument("--samples", type=int, default=1_000_000, help="length of the run")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--settle", action="store_true", help="for the last part of a run: pictures more like those in use")
    parser.add_argument("--corner-weight", type=float, default=1.0)
    parser.add_argument("--hours", type=float, help="length of the run in hours instead of samples")
    parser.add_argument("--keep", type=float, default=0.998, help="decay of the weights' average per step")
    parser.add_argument("--pool", type=Path, help="folder of rendered plates (training.synth.pool); without it they are rendered at the start")
    parser.add_argument("--plates", type=int, default=3000, help="rendered plates in the pool")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    progress = Progress(args.run)
    net = PlateDetector().to(memory_format=torch.channels_last)
    if args.init:
        load_weights(net, args.init)
    average = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(groups(net, 0.02), lr=args.rate, betas=(0.9, 0.99))
    done = step = 0
    spent = 0.0  # seconds, over all resumptions
    last = args.run / "last.pt"
    if last.exists():
        state = torch.load(last, map_location="cpu")
        net.load_state_dict(state["net"])
        average = state["average"]
        optimiser.load_state_dict(state["optimiser"])
        done, step, spent = state["samples"], state["step"], state["spent"]
        progress.note(event="resumed", samples=done)
    extra = data.extras(args.backgrounds, args.stickers, args.textures, args.run / "extras.pickle")
    # a resumed run must not see the same pictures again
    batches = data.loader(args.data, extra, data.plate_pool(args.pool, args.plates, args.seed + step), args.seed + step, args.workers, args.settle)
    net.train()
    dtype, seconds = precision.fastest(net, data.normalise(torch.full((2, 3, 224, 224), 128, dtype=torch.uint8)))
    progress.note(event="start", arithmetic=str(dtype), seconds=seconds, parameters=sum(p.numel() for p in net.parameters()), photos=len(batches.dataset.studio.photos))

    sums: dict[str, list[float]] = {}
    saved = noted = begun = time.time()
    before = done
    for pictures, targets in batches:
        finished = (spent + time.time() - begun) / 3600 / args.hours if args.hours else done / args.samples
        lr = rate(finished, args.rate)
        for group in optimiser.param_groups:
            group["lr"] = lr
        with precision.autocast(dtype):
            raws = net(data.normalise(pictures))
        total, parts = loss(raws, targets, args.corner_weight)
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        if torch.isfinite(norm):
            optimiser.step()
        step += 1
        done += len(targets)
        follow(average, net, min(args.keep, (1 + step) / (10 + step)))
        for key, value in {**parts, "norm": float(norm)}.items():
            sums.setdefault(key, []).append(value)
        now = time.time()
        if now - noted > 30:
            progress.note(samples=done, per_s=(done - before) / (now - noted), lr=lr, **{k: float(np.mean(v)) for k, v in sums.items()})
            sums, noted, before = {}, now, done
        if now - saved > 180 or finished >= 1:
            state = {"net": net.state_dict(), "average": average, "optimiser": optimiser.state_dict()}
            save(last, **state, samples=done, step=step, spent=spent + now - begun)
            saved = now
        if finished >= 1:
            break
    progress.note(event="end", samples=done)


if __name__ == "__main__":
    main()
