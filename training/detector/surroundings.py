"""What is around a pasted plate and is no part of it."""
from __future__ import annotations

import cv2
import numpy as np

from .geometry import Rng


def flank(image: np.ndarray, corners: np.ndarray, rng: Rng) -> None:
    """Things of a plate's height right beside it, which are no part of it: stickers, lamps, a panel of another shade, a country sign."""
    middle, across, down = corners.mean(0), corners[1] - corners[0], corners[3] - corners[0]
    tall, wide = float(np.hypot(*down)), max(float(np.hypot(*across)), 1.0)
    for side in ((-1,), (1,), (-1, 1))[rng.integers(3)]:
        w, h = tall * rng.uniform(0.4, 1.6), tall * rng.uniform(0.5, 1.05)
        at = middle + side * across * (0.5 + (tall * rng.uniform(0.04, 0.5) + w / 2) / wide)
        ink = tuple(int(v) for v in rng.integers(0, 256, 3))
        half = np.array([across / wide * w / 2, down / max(tall, 1.0) * h / 2], np.float32)
        if rng.random() < 0.5:
            shape = (at + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) @ half).astype(np.int32)
            cv2.fillPoly(image, [shape], ink, cv2.LINE_AA)
        else:
            turn = float(np.degrees(np.arctan2(across[1], across[0])))
            cv2.ellipse(image, tuple(int(v) for v in at), (max(int(w / 2), 1), max(int(h / 2), 1)), turn, 0, 360, ink, -1, cv2.LINE_AA)
        if rng.random() < 0.5:
            letters = "".join(rng.choice(list("ABCDEFGHKLMNPRSTUVXYZ0123456789"), int(rng.integers(1, 4))))
            size, thick = h / 45, max(1, int(h / 12))
            (tw, th), _ = cv2.getTextSize(letters, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
            cv2.putText(image, letters, (int(at[0] - tw / 2), int(at[1] + th / 2)), cv2.FONT_HERSHEY_SIMPLEX, size, tuple(255 - v for v in ink), thick, cv2.LINE_AA)


def mudguard(image: np.ndarray, corners: np.ndarray, rng: Rng) -> None:
    """What a motorcycle's plate hangs on: a dark shape wider at the top, a red lamp above."""
    middle, across, down = corners.mean(0), corners[1] - corners[0], corners[3] - corners[0]
    shape = [(-0.7, -0.9), (0.7, -0.9), (0.5, 0.7), (0.2, 1.6), (-0.2, 1.6), (-0.5, 0.7)]
    points = np.array([middle + across * x * rng.uniform(0.8, 1.3) + down * y * rng.uniform(0.8, 1.3) for x, y in shape])
    tone = int(rng.integers(5, 70))
    cv2.fillPoly(image, [points.astype(np.int32)], (tone, tone, tone), cv2.LINE_AA)
    lamp = middle - down * rng.uniform(0.8, 1.1)
    size = (max(int(np.hypot(*across) * rng.uniform(0.15, 0.4)), 1), max(int(np.hypot(*down) * rng.uniform(0.1, 0.25)), 1))
    ink = tuple(int(v) for v in rng.integers((120, 0, 0), (256, 90, 80)))
    cv2.ellipse(image, tuple(int(v) for v in lamp), size, float(np.degrees(np.arctan2(across[1], across[0]))), 0, 360, ink, -1, cv2.LINE_AA)
