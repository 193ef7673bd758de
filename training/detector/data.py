"""Batches of scenes for training, composed in a worker process."""
from __future__ import annotations

import pickle
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from ..common import label_fixes, splits
from ..common.datasets import Photo, find_sets
from . import lettering
from .loss import Target
from .scenes import Scene, Studio
from .sources import load_backgrounds, load_photo, load_stickers, make_source
from .streets import streets

#: crop size -> pictures in a batch, and how often
SIZES = ((224, 22, 0.40), (320, 11, 0.40), (448, 5, 0.20))
#: composing a scene costs nearly as much as learning from it: each batch comes back once, mirrored, this many batches later
ECHO_AFTER = 16


def photo_part(part: str, root: str) -> list[Photo]:
    """The pictures of a part that are photographs of scenes, not plate crops; train and calib with their labels put right."""
    scenes = [s.name for s in find_sets(root).values() if s.photos and not s.is_crops]
    found = splits.photos(part, root, scenes)
    return found if part == "val" else label_fixes.apply(found)


def photo_sources(root: str) -> list:
    """The licensed photo sets' training part, decoded. Each set weighs by the square root of its size."""
    photos = photo_part("train", root)
    sources = []
    count: dict[str, int] = {}
    for p in photos:
        count[p.set] = count.get(p.set, 0) + 1
    for p in photos:
        source = load_photo(p)
        if source is not None:
            source.weight = count[p.set] ** -0.5
            sources.append(source)
    return sources


def to_target(scene: Scene) -> Target:
    """Truth of a scene as tensors."""
    n = len(scene.boxes)
    return Target(
        boxes=torch.from_numpy(np.array(scene.boxes, np.float32).reshape(n, 4)),
        corners=torch.from_numpy(np.array(scene.corners, np.float32).reshape(n, 8)),
        known=torch.tensor(scene.known, dtype=torch.bool),
        ignore=torch.from_numpy(np.array(scene.ignore, np.float32).reshape(-1, 4)),
        unlabelled=scene.unlabelled,
    )


def mirror(pictures: Tensor, targets: list[Target], gain: float) -> tuple[Tensor, list[Target]]:
    """A batch left for right and ``gain`` times as bright; corners keep their order TL, TR, BR, BL."""
    size = pictures.shape[3]
    flipped = (pictures.flip(3).float() * gain).clamp(0, 255).byte().contiguous(memory_format=torch.channels_last)

    def box(b: Tensor) -> Tensor:
        return torch.stack((size - b[:, 2], b[:, 1], size - b[:, 0], b[:, 3]), 1) if len(b) else b

    mirrored = []
    for t in targets:
        corners = t.corners.view(-1, 4, 2)[:, [1, 0, 3, 2]].clone()
        corners[..., 0] = size - corners[..., 0]
        mirrored.append(Target(box(t.boxes), corners.view(-1, 8), t.known, box(t.ignore), t.unlabelled))
    return flipped, mirrored


class Batches(IterableDataset):
    """Endless batches: (uint8 [B,3,S,S], [Target])."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self.studio, self.seed = studio, seed

    def __iter__(self):
        cv2.setNumThreads(0)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((self.seed, info.id if info else 0))
        chances = np.array([s[2] for s in SIZES])
        waiting: list[tuple[Tensor, list[Target]]] = []
        while True:
            size, n, _ = SIZES[rng.choice(len(SIZES), p=chances / chances.sum())]
            scenes = [self.studio.scene(size, rng) for _ in range(n)]
            pictures = np.stack([s.image for s in scenes])
            batch = (torch.from_numpy(pictures).permute(0, 3, 1, 2), [to_target(s) for s in scenes])
            waiting.append(mirror(*batch, float(np.exp(rng.normal(0, 0.15)))))
            yield batch
            if len(waiting) > ECHO_AFTER:
                yield waiting.pop(0)


def normalise(pictures: Tensor) -> Tensor:
    """uint8 -> float in -1..1, channels last."""
    return (pictures.float() / 127.5 - 1).to(memory_format=torch.channels_last)


def plate_pool(folder: Path | None, n: int, seed: int, tallest: int = 120) -> list[np.ndarray]:
    """``n`` rendered plates, cut to their corners, [h,w,3] RGB: from a pool on disk or rendered now (30 ms each)."""
    import random

    if folder:
        from ..synth.pool import Pool

        pool = Pool(str(folder))
        chosen = np.random.default_rng(seed).permutation(len(pool))[:n]
        made = ((image, meta["corners"]) for image, meta in (pool.get(int(k)) for k in chosen))
    else:
        from ..synth.plate import render_plate

        source = random.Random(seed)
        made = ((p.image, p.corners) for p in (render_plate(source) for _ in range(n)))
    plates = []
    for image, corners in made:
        x1, y1 = np.maximum(corners.min(0).round().astype(int), 0)
        x2, y2 = corners.max(0).round().astype(int)
        face = image[y1:y2, x1:x2]
        k = tallest / face.shape[0]
        plates.append(cv2.resize(face, None, fx=k, fy=k, interpolation=cv2.INTER_AREA) if k < 1 else face.copy())
    return plates


#: drawn streets kept in memory (2.3 MB each); they count as two folders of backgrounds
STREETS = 120


def extras(backgrounds: list[Path], stickers: list[Path], textures: list[Path], cache: Path | None) -> tuple[list, list]:
    """Backgrounds (one list a folder, streets drawn with ``textures``) and stickers; this takes a minute, so they are kept in ``cache``."""
    key = tuple([str(p) for p in some] for some in (backgrounds, stickers, textures))
    if cache and cache.exists():
        with open(cache, "rb") as f:
            if pickle.load(f) == key:
                return pickle.load(f)
    drawn = [make_source(image, np.zeros((0, 4), np.float32)) for image in streets(textures, STREETS, 1)]
    found = ([*(load_backgrounds(b) for b in backgrounds), drawn, drawn], [s for folder in stickers for s in load_stickers(folder)])
    if cache:
        with open(cache, "wb") as f:
            pickle.dump(key, f)
            pickle.dump(found, f, protocol=5)
    return found


def loader(root: str, extra: tuple[list, list], plates: list[np.ndarray], seed: int, workers: int = 1, settle: bool = False) -> DataLoader:
    """A loader of endless batches; ``extra`` from ``extras``, ``settle`` as in ``Studio``."""
    backgrounds, drawings = extra
    # as many lettering stickers as clip art
    studio = Studio(photo_sources(root), plates, backgrounds, [*drawings, *lettering.stickers(max(len(drawings), 800), seed)], settle)
    return DataLoader(Batches(studio, seed), batch_size=None, num_workers=workers, prefetch_factor=6 if workers else 2)
