"""What scenes are made of, decoded once and kept in memory: photographs, backgrounds, drawings."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..common.datasets import Photo

#: the smallest width (pixels, in the photograph) that a set labels; what is narrower may be there without a label
LABELLED_FROM = {"romanian-lp": 60.0}


@dataclass
class Source:
    """A decoded photograph: its pyramid (each level half the one before), boxes x1,y1,x2,y2 [n,4], labelled width, and
    boxes x1,y1,x2,y2 of what may or may not be a plate."""

    levels: list[np.ndarray]
    boxes: np.ndarray
    labelled_from: float = 0.0
    weight: float = 1.0
    unsure: tuple = ()


def load_photo(photo: Photo) -> Source | None:
    """Decode a photograph with its pyramid."""
    image = cv2.imread(str(photo.path), cv2.IMREAD_COLOR)
    if image is None:
        return None
    boxes = np.array([p.xyxy for p in photo.plates], np.float32).reshape(-1, 4)
    source = make_source(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), boxes, LABELLED_FROM.get(photo.set, 0.0))
    source.unsure = tuple((x, y, x + w, y + h) for x, y, w, h in photo.unsure)
    return source


def make_source(image: np.ndarray, boxes: np.ndarray, labelled_from: float = 0.0) -> Source:
    levels = [image]
    while max(levels[-1].shape[:2]) > 200:
        h, w = levels[-1].shape[:2]
        levels.append(cv2.resize(levels[-1], (w // 2, h // 2), interpolation=cv2.INTER_AREA))
    return Source(levels, boxes, labelled_from)


def load_backgrounds(folder: Path, most: int = 400, longest: int = 1400) -> list[Source]:
    """Pictures below a folder (at most ``most``, evenly spread; of one name only the largest), as sources without plates."""
    paths = [p for p in Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")]
    # wallpapers come in several resolutions, one folder each
    largest: dict = {}
    for p in sorted(paths, key=lambda p: p.stat().st_size):
        largest[p.parent if "images" in p.parent.name else p] = p
    paths = sorted(largest.values())
    found = []
    for path in paths[:: max(1, len(paths) // most)]:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None or min(image.shape[:2]) < 200:
            continue
        k = longest / max(image.shape[:2])
        if k < 1:
            image = cv2.resize(image, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
        found.append(make_source(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.zeros((0, 4), np.float32)))
    return found


def load_stickers(folder: Path, most: int = 1500, longest: int = 320) -> list[np.ndarray]:
    """Drawings with transparency below a folder, uint8 [h,w,4] RGBA: logos, symbols, clip art."""
    paths = sorted(Path(folder).rglob("*.png"))
    found = []
    for path in paths[:: max(1, len(paths) // most)]:
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3 or image.shape[2] != 4 or min(image.shape[:2]) < 16 or image.dtype != np.uint8:
            continue
        k = longest / max(image.shape[:2])
        if k < 1:
            image = cv2.resize(image, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
        found.append(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA))
    return found
