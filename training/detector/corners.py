"""How well corners are found: no photograph has them labelled, so rendered plates are pasted on val photographs."""
from __future__ import annotations

from pathlib import Path

import numpy as np

from ..common.degrade import degrade
from .data import photo_part, plate_pool
from .geometry import bounds
from .infer import Runner, iou_matrix
from .scenes import Studio
from .sources import load_photo

SIDE = 512


def corner_errors(runner: Runner, root: str, pool: Path | None, n: int = 160, seed: int = 99) -> dict:
    """Share of pasted plates found at IoU 0.5, and corner distances in plate heights (median, 90th percentile)."""
    rng = np.random.default_rng(seed)
    photos = [p for p in photo_part("val", root) if not p.plates]
    photos = [photos[i] for i in rng.permutation(len(photos))[:60]]
    sources = [s for s in map(load_photo, photos) if s is not None]
    studio = Studio(sources, plate_pool(pool, 200, seed + 1))
    scenes = []
    while sum(len(s.boxes) for s in scenes) < n:
        scene = studio.view(sources[rng.integers(len(sources))], SIDE, rng)
        studio.paste_plates(scene, rng, 3)
        scene.image = degrade(scene.image, rng, 0.5, blur=3.0)
        scenes.append(scene)
    errors: list[float] = []
    found = total = 0
    for start in range(0, len(scenes), 40):
        some = scenes[start : start + 40]
        for scene, rows in zip(some, runner([s.image for s in some])):
            for corners, known in zip(scene.corners, scene.known):
                box = bounds(corners)
                if not known or box[2] - box[0] < 32:
                    continue
                total += 1
                best = _best(rows, box)
                if best is None:
                    continue
                found += 1
                height = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
                errors.extend(np.linalg.norm(best[5:13].reshape(4, 2) - corners, axis=1) / height)
    return {
        "plates": total,
        "found": found / max(total, 1),
        "median": float(np.median(errors)) if errors else 0.0,
        "p90": float(np.percentile(errors, 90)) if errors else 0.0,
    }


def _best(rows: np.ndarray, box: np.ndarray) -> np.ndarray | None:
    """The detection scored at least 0.2 that overlaps ``box`` most, if by half."""
    rows = rows[rows[:, 0] >= 0.2]
    if not len(rows):
        return None
    overlap = iou_matrix(rows[:, 1:5], box[None])[:, 0]
    return rows[overlap.argmax()] if overlap.max() >= 0.5 else None
