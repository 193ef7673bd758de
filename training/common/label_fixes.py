"""Labels put right by eye in the train and calib parts: plates that were left unlabelled, boxes that were off.

``label-fixes.csv`` (``set,file,x,y,w,h,kind``): ``plate`` is a plate, in place of what is labelled there if anything is;
``unsure`` is something that should be neither taught as a plate nor as background. Found by looking at what a detector
took for plates without a label. The val part stays as it came.

``val-unlabelled.csv`` (``set,file,x,y,w,h``) lists plates of the val part that have no label, so that a card can give, *beside*
the figures on the labels as they came, the false alarms that are none. Rules, fixed before any of it was looked at: candidates
are what a detector scores 0.2 and more, at two input sizes, where it hits no label, shown in random order without scores; a candidate
is listed when by eye it is a registration plate on a vehicle (also masked, a dealer's or a show plate in a plate's place) and no
label covers it; lettering, badges, stickers, signs, reflections, lamps are not, nor is anything in doubt. A detection there counts
neither for nor against: recall is as it was.

``texts-by-eye.csv`` (``set,file,x,y,w,h,text``) gives plates of the train and calib parts that came without a text the one that an eye
reads; what is in doubt (O or 0 in a name among them, where it matters) is not in it, nor is a text that occurs in val.
"""
from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from .datasets import Photo, Plate

FILE = Path(__file__).with_name("label-fixes.csv")
TEXTS = Path(__file__).with_name("texts-by-eye.csv")
UNLABELLED = Path(__file__).with_name("val-unlabelled.csv")
Box = tuple[float, float, float, float]


def read(path: Path = FILE) -> dict[tuple[str, str], list[tuple[Box, str]]]:
    """Fixes by (set, file)."""
    fixes: dict[tuple[str, str], list[tuple[Box, str]]] = {}
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            box = tuple(float(row[k]) for k in ("x", "y", "w", "h"))
            fixes.setdefault((row["set"], row["file"]), []).append((box, row["kind"]))
    return fixes


def same(a: Box, b: Box) -> bool:
    """Whether two boxes x, y, w, h mean one plate: half of the smaller lies in the other."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return w > 0 and h > 0 and w * h > 0.5 * min(a[2] * a[3], b[2] * b[3])


def apply(photos: list[Photo], path: Path = FILE) -> list[Photo]:
    """The pictures with their labels put right; texts of replaced boxes are kept."""
    fixes = read(path)
    return [_fixed(p, fixes[p.set, p.file]) if (p.set, p.file) in fixes else p for p in photos]


def unlabelled(path: Path = UNLABELLED) -> dict[tuple[str, str], list[Box]]:
    """Plates of val without a label, by (set, file)."""
    found: dict[tuple[str, str], list[Box]] = {}
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            found.setdefault((row["set"], row["file"]), []).append(tuple(float(row[k]) for k in ("x", "y", "w", "h")))
    return found


def with_unlabelled(photos: list[Photo], path: Path = UNLABELLED) -> list[Photo]:
    """Pictures of val whose unlabelled plates count neither for nor against."""
    found = unlabelled(path)
    return [replace(p, unsure=(*p.unsure, *found.get((p.set, p.file), ()))) for p in photos]


def with_texts(photos: list[Photo], path: Path = TEXTS) -> list[Photo]:
    """The pictures with the texts read by eye where a plate came without one (``text_source`` "eye")."""
    texts: dict[tuple[str, str], list[tuple[Box, str]]] = {}
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            texts.setdefault((row["set"], row["file"]), []).append((tuple(float(row[k]) for k in ("x", "y", "w", "h")), row["text"]))
    return [_named(p, texts[p.set, p.file]) if (p.set, p.file) in texts else p for p in photos]


def _named(photo: Photo, texts: list[tuple[Box, str]]) -> Photo:
    def named(plate: Plate) -> Plate:
        text = next((t for box, t in texts if same(box, plate.box)), None)
        return replace(plate, text=text, text_source="eye") if text and not plate.text else plate

    return replace(photo, plates=tuple(named(p) for p in photo.plates))


def _fixed(photo: Photo, fixes: list[tuple[Box, str]]) -> Photo:
    plates, unsure = list(photo.plates), list(photo.unsure)
    for box, kind in fixes:
        old = next((p for p in plates if same(p.box, box)), None)
        if kind == "plate":
            plates = [p for p in plates if p is not old] + [replace(old, box=box) if old else Plate(box)]
        else:
            plates = [p for p in plates if p is not old]
            unsure.append(box)
    return replace(photo, plates=tuple(plates), unsure=tuple(unsure))
