"""Train a reader: synthetic pool + real crops, resumable.

    python3 -m training.synth.pool RUNS/pool-latin --once &
    python3 -m training.reader.train --run RUNS/reader1 --pool RUNS/pool-latin --samples 600000
"""
import argparse
import math
import os
import time
from pathlib import Path

import torch
from torch.utils.data import DataLoader

from ..common import precision
from ..common.memory import keep_memory
from ..common.progress import Progress
from . import decode, sets, weights
from .config import CHARSETS, DATASETS, HEIGHT, WIDTH
from .data import Batches
from .loss import reading_loss
from .model import Reader, count


def build(script):
    """A reader of a script with its region names."""
    from ..synth import REGIONS
    regions = REGIONS if script == "latin" else ["TH"]
    return Reader(len(CHARSETS[script]) + 1, len(regions)), regions


def exact(model, crops, charset, dtype=torch.float32, batch=64):
    """Share of crops read exactly (folded O=0, I=1)."""
    import numpy as np
    model.eval()
    ok = 0
    with torch.no_grad(), precision.autocast(dtype):
        for i in range(0, len(crops), batch):
            part = crops[i:i + batch]
            lo, _ = model(torch.from_numpy(np.stack([c[2] for c in part])))
            ok += sum(decode.fold(decode.greedy(x.numpy(), charset)[0]) == decode.fold(c[4]) for x, c in zip(lo, part))
    return ok / max(1, len(crops))


def save(path, **state):
    torch.save(state, str(path) + ".part")
    os.replace(str(path) + ".part", path)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--run", type=Path, required=True)
    a.add_argument("--pool", required=True)
    a.add_argument("--script", default="latin", choices=sorted(CHARSETS))
    a.add_argument("--data", default=DATASETS)
    a.add_argument("--samples", type=int, default=600000)
    a.add_argument("--hours", type=float, help="length of the run in hours instead of samples")
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--lr", type=float, default=2e-3)
    a.add_argument("--real", type=float, default=.15, help="share of real crops")
    a.add_argument("--frame", type=float, default=1.0, help="weight of the frame loss at the start (falls to a tenth)")
    a.add_argument("--hard", type=float, default=1.0, help="strength of the degradations")
    a.add_argument("--init", help=".onnx or checkpoint to start from")
    a.add_argument("--keep", type=float, default=.998, help="decay of the weights' average per step (less for a short run)")
    a.add_argument("--freeze", action="store_true", help="keep the first two stages as they are")
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--workers", type=int, default=1)
    a.add_argument("--seed", type=int, default=1)
    a = a.parse_args()
    keep_memory()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    log = Progress(a.run)
    model, regions = build(a.script)
    model = model.to(memory_format=torch.channels_last)
    ema = {k: v.clone() for k, v in model.state_dict().items()}
    opt = torch.optim.AdamW(model.parameters(), a.lr, weight_decay=.02, betas=(.9, .98))
    seen, spent, last = 0, 0.0, a.run / "last.pt"      # spent: seconds, over all resumptions
    if last.exists():
        s = torch.load(last, map_location="cpu")
        model.load_state_dict(s["model"])
        opt.load_state_dict(s["opt"])
        ema, seen, spent = s["ema"], s["seen"], s.get("spent", 0.0)
    elif a.init:
        print("left as initialised:", weights.init(model, a.init))
        ema = {k: v.clone() for k, v in model.state_dict().items()}
    if a.freeze:
        model.freeze()
    real = sets.training_crops(a.script, a.data) if a.real > 0 and a.script == "latin" else None
    calib = sets.crops("calib", a.data, ["openalpr-seg-us", "openalpr-br-crops", "kaggle-cc0-cars", "romanian-lp"])[:320] if real else []
    dtype, seconds = precision.fastest(model, torch.full((8, HEIGHT, WIDTH, 3), 128, dtype=torch.uint8))
    log.note(arithmetic=str(dtype), seconds=seconds, parameters=count(model), real=len(real) if real else 0, calib=len(calib), seen=seen)
    data = Batches(a.pool, a.batch, a.seed + seen, a.script, real, a.real if real else 0, a.hard, regions,
                   sets.non_plates(a.data, 600, 5, "train"))
    loader = iter(DataLoader(data, batch_size=None, num_workers=a.workers, prefetch_factor=4))
    tested, saved, told, began, first, mean = time.time(), time.time(), time.time(), time.time(), seen, None
    done = 0.0
    while done < 1:
        lr = a.lr * min(1, (seen - first + a.batch) / ((20 if first or a.init else 200) * a.batch)) * (.02 + .98 * .5 * (1 + math.cos(math.pi * done)))
        for g in opt.param_groups:
            g["lr"] = lr
        batch = next(loader)
        model.train()
        with precision.autocast(dtype):
            logits, reg = model(batch["image"])
        loss, ctc = reading_loss(logits, reg, batch, a.frame * max(.1, 1 - seen / 80000))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        seen += a.batch
        d = min(a.keep, 1 - 1 / (1 + (seen - first) / a.batch / 10)) if first == 0 else a.keep
        with torch.no_grad():
            for k, v in model.state_dict().items():
                ema[k].lerp_(v, 1 - d) if v.dtype.is_floating_point else ema[k].copy_(v)
        mean = ctc if mean is None else .98 * mean + .02 * ctc
        now = time.time()
        done = (spent + now - began) / 3600 / a.hours if a.hours else seen / a.samples
        if now - told > 20:
            told = now
            log.note(seen=seen, ctc=mean, lr=lr, rate=(seen - first) / (now - began))
        if now - saved > 180 or done >= 1:
            saved = now
            save(last, model=model.state_dict(), ema=ema, opt=opt.state_dict(), seen=seen, spent=spent + now - began, script=a.script, regions=regions)
        if calib and (now - tested > 240 or done >= 1):
            tested = now
            keep = {k: v.clone() for k, v in model.state_dict().items()}
            model.load_state_dict(ema)
            log.note(seen=seen, calib_exact=exact(model, calib, CHARSETS[a.script], dtype))
            model.load_state_dict(keep)


if __name__ == "__main__":
    main()
