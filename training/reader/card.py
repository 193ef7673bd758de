"""Write a reader's card (models/<id>.md) from its metrics, its calibration and the notes beside this file.

    python3 -m training.reader.card --script latin --metrics RUNS/reader1/misses/metrics.json --calibration RUNS/reader1/calibration.json --samples 300000
"""
import argparse
import json
from collections import Counter
from pathlib import Path

from .config import CHARSETS, HEIGHT, MARGIN, WIDTH
from .model import count
from .train import build

ABOUT = {"openalpr-seg-us": "US and Canada, sharp, validation part", "kaggle-cc0-cars": "world, web photographs, validation part",
         "openalpr-br-crops": "Brazil, road cameras, validation part (some labels wrong)", "unlicensed-reported-ocr-us": "New York streets, never trained on",
         "unlicensed-vn-hr-crops": "Vietnam, mostly two rows, never trained on", "unlicensed-italian-20": "Italy, close-ups, never trained on",
         "unlicensed-gran-canaria": "Spain, streets, never trained on", "romanian-lp": "Romania, dash camera, machine-read texts, validation part",
         "openimages-lp-350": "world, machine-read texts, validation part", "unlicensed-web-cars-225": "India, web, machine-read texts, never trained on",
         "synthetic": "our own renderings, unseen plates"}


def table(metrics):
    rows = ["| set | plates | exact | exact, O=0 and I=1 (95 % interval) | character errors |", "| --- | --- | --- | --- | --- |"]
    for name, m in metrics.items():
        rows.append(f"| `{name}` ({ABOUT.get(name, '')}) | {m['n']} | {m['exact']:.3f} | {m['folded']:.3f} ({m['interval'][0]:.3f} to {m['interval'][1]:.3f}) | {m['cer']:.4f} |")
    return "\n".join(rows)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--script", default="latin", choices=sorted(CHARSETS))
    a.add_argument("--metrics", type=Path, required=True)
    a.add_argument("--calibration", type=Path)
    a.add_argument("--samples", type=int, required=True)
    a.add_argument("--models", type=Path, default=Path("models"))
    a = a.parse_args()
    model, regions = build(a.script)
    notes = (Path(__file__).parent / f"notes-{a.script}.md").read_text()
    cal = json.loads(a.calibration.read_text()) if a.calibration else None
    out = [f"# plate-reader-{a.script}", "",
           f"Reads a rectified plate. Input `image` uint8 [N,{HEIGHT},{WIDTH},3] RGB: the plate's corners pushed outward by {MARGIN[0]:.0%} of its width and "
           f"{MARGIN[1]:.0%} of its height, stretched to {WIDTH}×{HEIGHT}. Output `logits` [N,80,{len(CHARSETS[a.script]) + 1}] for CTC (blank first; 40 steps of the upper "
           f"row, then 40 of the lower) and `regions` [N,{len(regions)}]. {count(model):,} parameters, Apache-2.0. Trained on {a.samples:,} samples; "
           "made by `training/reader` (README there), resumable from the file itself.", "", "## How well it reads", "",
           table(json.loads(a.metrics.read_text())), ""]
    kinds = Counter()
    for m in json.loads(a.metrics.read_text()).values():
        kinds.update(m.get("failures", {}))
    if kinds:
        out += ["## Failures over all sets (O=0 and I=1 folded)", "", "| class | reads |", "| --- | --- |"] + [f"| {k} | {n} |" for k, n in kinds.most_common()] + [""]
    if cal:
        out += ["## Confidence", "", f"Temperature {cal['temperature']}, chosen on {cal['calibration_crops']} crops of the calibration part. A read with a mean below "
                f"{cal['reject']['mean']} or a minimum below {cal['reject']['min']} is called unreadable: of the calibration reads kept {cal['precision']:.1%} are right, and "
                f"{cal['right_kept']:.1%} of the right ones are kept.", "", "| confidence | characters | mean confidence | share right |", "| --- | --- | --- | --- |"]
        out += [f"| {lo} to {hi} | {n} | {c:.3f} | {r:.3f} |" for lo, hi, n, c, r in cal["reliability"]] + [""]
    (a.models / f"plate-reader-{a.script}.md").write_text("\n".join(out) + "\n" + notes)


if __name__ == "__main__":
    main()
