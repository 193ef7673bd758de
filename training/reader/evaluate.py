"""Measure a reader on real crops: exact, folded, character errors, per set; contact sheets of the misses.

    python3 -m training.reader.evaluate --model models/plate-reader-latin.onnx --part val --sheets RUNS/misses
"""
import argparse
import json
import math
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import torch

from . import decode, sets, weights
from .config import CHARSETS, DATASETS
from .train import build


def logits_of(model, images, batch=64):
    """float32 [N,80,C] of uint8 [64,160,3] crops, in float32 arithmetic as shipped."""
    out = []
    model.eval()
    with torch.no_grad():
        for i in range(0, len(images), batch):
            out.append(model(torch.from_numpy(np.stack(images[i:i + batch])))[0].numpy())
    return np.concatenate(out) if out else np.zeros((0, 80, 1), np.float32)


def interval(k, n):
    """95 % Wilson interval of k successes in n."""
    if n == 0:
        return 0.0, 1.0
    p, z = k / n, 1.96
    c, h = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (c - h) / (1 + z * z / n), (c + h) / (1 + z * z / n)


def failure(read, truth):
    """Class of a miss: what the cheapest edit from truth to read is."""
    if read == "":
        return "nothing read"
    if len(read) == len(truth):
        n = sum(a != b for a, b in zip(read, truth))
        if n <= 2:
            return f"{n} of the characters confused"
    if decode.distance(read, truth) == 1:
        if len(read) > len(truth):
            return "one character too many"
        return "first or last character missing" if truth in (truth[0] + read, read + truth[-1]) else "one character inside missing"
    return "several errors"


def measure(crops, logits, charset, temperature=1.0):
    """Rows [(crop, read text, [confidence])] and metrics per set."""
    rows = [(c, *decode.shipped(l, charset, temperature)) for c, l in zip(crops, logits)]
    table = {}
    for name in dict.fromkeys(c[0] for c in crops):
        mine = [r for r in rows if r[0][0] == name]
        n = len(mine)
        e = sum(t == c[4] for c, t, _ in mine)
        f = sum(decode.fold(t) == decode.fold(c[4]) for c, t, _ in mine)
        err = sum(decode.distance(t, c[4]) for c, t, _ in mine)
        kinds = Counter(failure(decode.fold(t), decode.fold(c[4])) for c, t, _ in mine if decode.fold(t) != decode.fold(c[4]))
        table[name] = dict(n=n, failures=dict(kinds.most_common()), exact=e / n, folded=f / n, interval=[round(v, 3) for v in interval(f, n)],
                           cer=err / max(1, sum(len(c[4]) for c, _, _ in mine)))
    return rows, table


def sheet(rows, path, cols=8, limit=96):
    """Contact sheet: the picture, what was read (with the lowest confidence), what is true."""
    rows = rows[:limit]
    if not rows:
        return
    cw, ch = 190, 122
    out = np.full((math.ceil(len(rows) / cols) * ch, cols * cw, 3), 255, np.uint8)
    for i, (c, t, conf) in enumerate(rows):
        im = c[3][..., ::-1]
        k = min((cw - 4) / im.shape[1], 88 / im.shape[0])
        im = cv2.resize(im, (max(1, int(im.shape[1] * k)), max(1, int(im.shape[0] * k))), interpolation=cv2.INTER_AREA)
        y, x = i // cols * ch, i % cols * cw
        out[y:y + im.shape[0], x:x + im.shape[1]] = im
        cv2.putText(out, f"{t} {min(conf, default=0):.2f}", (x, y + 102), 0, .45, (0, 0, 220), 1, cv2.LINE_AA)
        cv2.putText(out, c[4], (x, y + 117), 0, .45, (0, 120, 0), 1, cv2.LINE_AA)
    cv2.imwrite(str(path), out)


def open_model(path, script):
    """The reader of a checkpoint or .onnx, ready to run."""
    model, _ = build(script)
    left = weights.init(model, path)
    if left:
        raise SystemExit(f"{path} does not fit: {left}")
    return model.eval()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--model", required=True)
    a.add_argument("--script", default="latin", choices=sorted(CHARSETS))
    a.add_argument("--part", default="val", choices=["train", "calib", "val"])
    a.add_argument("--data", default=DATASETS)
    a.add_argument("--sets", nargs="*", default=sets.MEASURED)
    a.add_argument("--limit", type=int, default=0, help="at most so many crops a set, evenly picked")
    a.add_argument("--synthetic", type=int, default=0, help="also so many freshly rendered plates")
    a.add_argument("--sheets", type=Path, help="folder for contact sheets and metrics.json")
    a.add_argument("--temperature", type=float, default=1.0)
    a = a.parse_args()
    torch.set_num_threads(1)
    crops = []
    for s in a.sets if a.script == "latin" else ():
        c = sets.crops(a.part, a.data, [s], a.script)
        crops += c[::max(1, len(c) // a.limit)] if a.limit else c
    if a.synthetic:
        crops += sets.synthetic(a.script, a.synthetic, 77)
    rows, table = measure(crops, logits_of(open_model(a.model, a.script), [c[2] for c in crops]), CHARSETS[a.script], a.temperature)
    for name, m in table.items():
        print(f"{name:30} n {m['n']:5}  exact {m['exact']:.3f}  folded {m['folded']:.3f} {m['interval']}  cer {m['cer']:.4f}", flush=True)
    if a.sheets:
        a.sheets.mkdir(parents=True, exist_ok=True)
        (a.sheets / "metrics.json").write_text(json.dumps(table, indent=1))
        for name in table:
            miss = [r for r in rows if r[0][0] == name and decode.fold(r[1]) != decode.fold(r[0][4])]
            rng = np.random.default_rng(0)
            sheet([miss[i] for i in rng.permutation(len(miss))], a.sheets / f"{name}.png")


if __name__ == "__main__":
    main()
