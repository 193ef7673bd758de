"""Read labelled picture sets: any folder with ``labels.csv`` and ``images/``.

``labels.csv`` has the columns ``file,x,y,w,h,text,split,text_source``: one row a plate, the box in pixels
of the stored picture (x, y = upper left corner), ``text`` upper case ``0-9A-Z`` or empty where unknown.
A picture without a plate has one row with an empty box. In a set of plate crops the box is the whole picture.
"""
from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from pathlib import Path

#: Where the sets are unless told otherwise.
DEFAULT_ROOT = os.environ.get("PLATEGATE_DATASETS", "../shared/datasets")
#: Where runs (checkpoints, logs, contact sheets) go unless told otherwise.
DEFAULT_RUNS = os.environ.get("PLATEGATE_TRAIN_RUNS", "training/runs")
#: Sets whose name starts so have no licence for their data: validation only.
UNLICENSED_PREFIX = "unlicensed-"


@dataclass(frozen=True)
class Plate:
    """One labelled plate: ``box`` = (x, y, w, h) in pixels; ``text`` '' where unknown."""

    box: tuple[float, float, float, float]
    text: str = ""
    text_source: str = ""

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        x, y, w, h = self.box
        return (x, y, x + w, y + h)


@dataclass(frozen=True)
class Photo:
    """One picture of a set with its plates (none for a negative)."""

    set: str
    file: str
    path: Path
    plates: tuple[Plate, ...] = ()
    #: boxes x, y, w, h of what may or may not be a plate: neither taught nor counted
    unsure: tuple[tuple[float, float, float, float], ...] = ()


@dataclass
class PictureSet:
    """A folder with ``labels.csv``."""

    name: str
    folder: Path
    photos: list[Photo] = field(default_factory=list)

    @property
    def licensed(self) -> bool:
        """True where the source states a licence, so that models for release may train on it."""
        return not self.name.startswith(UNLICENSED_PREFIX)

    @property
    def is_crops(self) -> bool:
        """True for sets of plate crops: one plate a picture, every box starting at 0, 0."""
        return bool(self.photos) and all(
            len(p.plates) == 1 and p.plates[0].box[0] == 0 and p.plates[0].box[1] == 0 for p in self.photos
        )


def read_set(folder: str | os.PathLike) -> PictureSet:
    """Read one set. Rows whose picture is missing are skipped; boxes under 1 px are dropped."""
    folder = Path(folder)
    by_file: dict[str, list[Plate]] = {}
    with open(folder / "labels.csv", newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            plates = by_file.setdefault(row["file"], [])
            if not (row.get("x") and row.get("w")):
                continue
            box = tuple(float(row[k]) for k in ("x", "y", "w", "h"))
            if box[2] < 1 or box[3] < 1:
                continue
            plates.append(Plate(box, (row.get("text") or "").strip().upper(), row.get("text_source") or ""))
    images = folder / "images"
    here = set(os.listdir(images)) if images.is_dir() else set()
    photos = [Photo(folder.name, name, images / name, tuple(p)) for name, p in sorted(by_file.items()) if name in here]
    return PictureSet(folder.name, folder, photos)


def find_sets(root: str | os.PathLike = DEFAULT_ROOT) -> dict[str, PictureSet]:
    """Every set below ``root`` (each folder with ``labels.csv``), by name."""
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(f"no data sets at {root}: give --data or set PLATEGATE_DATASETS")
    return {d.name: read_set(d) for d in sorted(root.iterdir()) if (d / "labels.csv").is_file()}
