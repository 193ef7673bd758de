"""Temperature of the character confidences and the thresholds of "unreadable", chosen on the calibration part only (Thai: on renderings).

    python3 -m training.reader.calibrate --model RUNS/reader1/last.pt --out RUNS/reader1/calibration.json

The temperature minimises the log loss of "this character is right" over the characters of reads that align with the truth.
A read is rejected below a mean or a minimum confidence: the pair is chosen that keeps most right reads, a wrong
one kept costing `--penalty` right ones; patches without a plate count as wrong reads when something is read in them."""
import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import decode, sets
from .config import CHARSETS, DATASETS
from .evaluate import logits_of, open_model


def character_outcomes(crops, logits, charset, temperature):
    """(confidence, right) of every character read; a read of another length is aligned by the cheapest edits."""
    out = []
    for c, l in zip(crops, logits):
        text, conf = decode.shipped(l, charset, temperature)
        out.extend(zip(conf, matches(decode.fold(text), decode.fold(c[4]))))
    return np.array(out, float).reshape(-1, 2)


def matches(read, truth):
    """For each character of `read`, whether the best alignment with `truth` pairs it with its like."""
    n, m = len(read), len(truth)
    d = np.zeros((n + 1, m + 1), int)
    d[:, 0], d[0, :] = range(n + 1), range(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (read[i - 1] != truth[j - 1]))
    ok, i, j = [False] * n, n, m
    while i and j:
        if d[i, j] == d[i - 1, j - 1] + (read[i - 1] != truth[j - 1]):
            ok[i - 1] = read[i - 1] == truth[j - 1]
            i, j = i - 1, j - 1
        elif d[i, j] == d[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return ok


def log_loss(outcomes):
    p = np.clip(outcomes[:, 0], 1e-4, 1 - 1e-4)
    return float(-np.mean(np.where(outcomes[:, 1] > 0, np.log(p), np.log(1 - p))))


def reliability(outcomes, edges=(0, .5, .7, .8, .9, .95, .98, .99, 1.0001)):
    """[(from, to, characters, mean confidence, share right)]."""
    table = []
    for lo, hi in zip(edges, edges[1:]):
        m = (outcomes[:, 0] >= lo) & (outcomes[:, 0] < hi)
        if m.any():
            table.append([lo, min(hi, 1), int(m.sum()), round(float(outcomes[m, 0].mean()), 4), round(float(outcomes[m, 1].mean()), 4)])
    return table


def choose_reject(reads, penalty):
    """reads: [(mean, min, right)] -> (mean, min) with the most right reads kept, a wrong one kept costing `penalty`; of equals the strictest."""
    a = np.array(reads, float)
    best, pick = -1e9, (0.0, 0.0)
    for m in (0, .4, .5, .6, .65, .7, .75, .8, .85, .9, .93, .95):
        for k in (0, .2, .25, .3, .35, .4, .45, .5, .55, .6, .7, .8):
            keep = (a[:, 0] >= m) & (a[:, 1] >= k)
            value = a[keep, 2].sum() - penalty * (1 - a[keep, 2]).sum()
            if value >= best:
                best, pick = value, (m, k)
    return pick


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--model", required=True)
    a.add_argument("--script", default="latin", choices=sorted(CHARSETS))
    a.add_argument("--data", default=DATASETS)
    a.add_argument("--out", type=Path, required=True)
    a.add_argument("--penalty", type=float, default=1.5, help="cost of a wrong read that is kept, in right reads lost")
    a = a.parse_args()
    torch.set_num_threads(1)
    charset = CHARSETS[a.script]
    model = open_model(a.model, a.script)
    crops = sets.crops("calib", a.data) if a.script == "latin" else sets.synthetic(a.script, 500, 99)
    logits = logits_of(model, [c[2] for c in crops])
    losses = {t: log_loss(character_outcomes(crops, logits, charset, t)) for t in np.round(np.arange(.6, 3.01, .1), 2)}
    temperature = float(min(losses, key=losses.get))
    reads = []
    for c, l in zip(crops, logits):
        text, conf = decode.shipped(l, charset, temperature)
        if text:
            reads.append((np.mean(conf), min(conf), decode.fold(text) == decode.fold(c[4])))
    empty = 0
    for l in logits_of(model, sets.non_plates(a.data)):
        text, conf = decode.shipped(l, charset, temperature)
        empty += len(text) < 2
        if len(text) >= 2:
            reads.append((np.mean(conf), min(conf), False))
    mean, low = choose_reject(reads, a.penalty)
    r = np.array(reads, float)
    keep = (r[:, 0] >= mean) & (r[:, 1] >= low)
    out = dict(temperature=temperature, reject={"mean": mean, "min": low}, calibration_crops=len(crops), kept=int(keep.sum()),
               precision=float(r[keep, 2].mean()), right_kept=float(r[keep, 2].sum() / max(1, r[:, 2].sum())), non_plates_empty=empty,
               reliability=reliability(character_outcomes(crops, logits, charset, temperature)))
    a.out.write_text(json.dumps(out, indent=1))
    print(json.dumps(out))


if __name__ == "__main__":
    main()
