"""House fronts, drawn: rows of windows, shutters, balustrades and shop signs, on walls of plain colour or of texture pictures.

Facades seen from far were what a detector took for plates most often, and few free photographs show any.
"""
from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np

from .distractors import banner, blank_board, colour, contrast, grille

Rng = np.random.Generator
#: files that are not what the eye sees (normal, gloss and glow maps), and folders that may show plates
MAPS = ("_nm", "_sm", "_gm", "_rm")
SKIPPED = ("vehicles", "trak", "alien", "ufo")


def load_textures(package: Path, longest: int = 256) -> list[np.ndarray]:
    """Opaque pictures in a zip package of game textures (Debian's ``ufoai-textures``), uint8 [h,w,3] RGB."""
    found = []
    with zipfile.ZipFile(package) as z:
        for name in sorted(z.namelist()):
            stem, _, kind = name.rpartition(".")
            if kind not in ("jpg", "png") or stem.endswith(MAPS) or any(s in name for s in SKIPPED):
                continue
            image = cv2.imdecode(np.frombuffer(z.read(name), np.uint8), cv2.IMREAD_UNCHANGED)
            if image is None or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < 48 or image.std() < 6:
                continue
            k = min(longest / max(image.shape[:2]), 1.0)
            found.append(cv2.cvtColor(cv2.resize(image, None, fx=k, fy=k, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB))
    return found


def window(w: int, h: int, rng: Rng, frame: tuple[int, int, int]) -> np.ndarray:
    """A window of panes, or a shutter, [h,w,3]."""
    glass = np.array([int(v) for v in rng.integers(10, 200) + rng.integers(-15, 16, 3)]).clip(0, 255)
    image = np.empty((h, w, 3), np.uint8)
    image[:] = (glass * np.linspace(rng.uniform(0.6, 1.2), rng.uniform(0.6, 1.2), h)[:, None, None]).clip(0, 255)
    thick = max(1, int(min(w, h) * rng.uniform(0.03, 0.12)))
    if rng.random() < 0.3:
        for y in np.arange(0, h, max(2.0, h * rng.uniform(0.05, 0.15))):
            cv2.line(image, (0, int(y)), (w, int(y)), frame, 1)
    else:
        for i in range(1, int(rng.integers(1, 4))):
            x = int(w * i / 3)
            cv2.line(image, (x, 0), (x, h), frame, thick)
        for i in range(1, int(rng.integers(1, 5))):
            y = int(h * i / 4)
            cv2.line(image, (0, y), (w, y), frame, thick)
    cv2.rectangle(image, (0, 0), (w - 1, h - 1), frame, thick)
    return image


def balustrade(image: np.ndarray, x1: int, y1: int, x2: int, y2: int, rng: Rng) -> None:
    """Upright bars or little columns between two rails."""
    light, dark = colour(rng), colour(rng)
    if rng.random() < 0.5:
        cv2.rectangle(image, (x1, y1), (x2, y2), dark, -1)
    step = max(3.0, (y2 - y1) * rng.uniform(0.15, 0.6))
    for x in np.arange(x1, x2, step):
        cv2.line(image, (int(x), y1), (int(x), y2), light, max(1, int(step * rng.uniform(0.2, 0.5))))
    for y in (y1, y2):
        cv2.line(image, (x1, y), (x2, y), light, max(1, (y2 - y1) // 8))


def wall(h: int, w: int, textures: list[np.ndarray], rng: Rng) -> np.ndarray:
    """Plain, rough, or tiled with a texture, [h,w,3]."""
    if textures and rng.random() < 0.7:
        tile = textures[rng.integers(len(textures))]
        k = rng.uniform(0.3, 1.2)
        tile = cv2.resize(tile, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
        return np.tile(tile, (h // tile.shape[0] + 1, w // tile.shape[1] + 1, 1))[:h, :w].copy()
    image = np.empty((h, w, 3), np.uint8)
    image[:] = colour(rng)
    return cv2.add(image, rng.integers(0, rng.integers(2, 40), (h, w, 1), np.uint8).repeat(3, 2))


def front(h: int, w: int, textures: list[np.ndarray], rng: Rng) -> np.ndarray:
    """One house front, [h,w,3]: storeys of equal windows (drawn, or any texture in their place), ledges, balconies, signs."""
    image = wall(h, w, textures, rng)
    storeys, columns = int(rng.integers(2, 9)), int(rng.integers(2, 12))
    sh, cw = h / storeys, w / columns
    ww, wh = max(int(cw * rng.uniform(0.3, 0.85)), 6), max(int(sh * rng.uniform(0.3, 0.85)), 6)
    frame = colour(rng)
    some = textures[rng.integers(len(textures))] if textures and rng.random() < 0.4 else None
    for j in range(storeys):
        pane = window(ww, wh, rng, frame) if some is None else cv2.resize(some, (ww, wh), interpolation=cv2.INTER_AREA)
        top = int(j * sh + (sh - wh) / 2)
        for i in range(columns):
            left = int(i * cw + (cw - ww) / 2)
            image[top : top + wh, left : left + ww] = pane[: h - top, : w - left]
        if rng.random() < 0.3:
            balustrade(image, 0, int(top + wh * 0.7), w, int(top + wh), rng)
        if rng.random() < 0.3:
            cv2.line(image, (0, int(j * sh)), (w, int(j * sh)), contrast(rng, frame), max(1, int(sh * 0.05)))
    return image


def street(textures: list[np.ndarray], rng: Rng, height: int = 600, width: int = 960) -> np.ndarray:
    """Some house fronts side by side, each seen aslant, under a sky, with signs, [height,width,3]."""
    image = wall(height, width, [], rng)
    image[:] = cv2.GaussianBlur(image, (0, 0), 9)
    x = int(rng.uniform(-200, 0))
    while x < width:
        w = int(rng.uniform(120, 600))
        h = int(height * rng.uniform(0.5, 1.1))
        face = front(h, w, textures, rng)
        lean = rng.normal(0, 0.12, 4) * h
        bottom = height * rng.uniform(0.8, 1.05)
        quad = np.array([[x, bottom - h + lean[0]], [x + w, bottom - h + lean[1]], [x + w, bottom + lean[2] / 2], [x, bottom + lean[3] / 2]], np.float32)
        matrix = cv2.getPerspectiveTransform(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), quad)
        cv2.warpPerspective(face, matrix, (width, height), image, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT)
        x += w + int(max(rng.normal(0, 20), 0))
    for draw in (banner, banner, grille, blank_board):
        if rng.random() < 0.4:
            draw(image, rng)
    return image


def streets(packages: list[Path], n: int, seed: int) -> list[np.ndarray]:
    """``n`` streets with the textures of all packages; without any, walls are plain."""
    rng = np.random.default_rng((seed, 7))
    textures = [t for p in packages for t in load_textures(p)]
    return [street(textures, rng) for _ in range(n)]
