"""Things that look like plates and are none: hard negatives, drawn at once.

Every function draws into uint8 [H,W,3] RGB in place. Kept apart from plates by what a plate never is: several
lines of prose, words in lower case, round or triangular boards, long banners, bars without text, lamps.
"""
from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator
WORDS = (
    "the of and to in is was for that on open closed sale parking exit entry no stop bus taxi hotel pizza bank coffee "
    "market street road avenue welcome police ambulance school hospital rent service station garage repair discount "
    "turbo diesel hybrid quattro sport deluxe motors auto dealer www com call now free new best price one way only"
).split()
FACES = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def colour(rng: Rng) -> tuple[int, int, int]:
    """Any colour, often grey, black or white."""
    if rng.random() < 0.4:
        v = int(rng.choice((rng.integers(0, 60), rng.integers(190, 256), rng.integers(0, 256))))
        return (v, v, v)
    return tuple(int(v) for v in rng.integers(0, 256, 3))


def contrast(rng: Rng, other: tuple[int, int, int]) -> tuple[int, int, int]:
    """A colour that can be read on ``other``."""
    for _ in range(8):
        c = colour(rng)
        if abs(sum(c) - sum(other)) > 250:
            return c
    return (0, 0, 0) if sum(other) > 380 else (255, 255, 255)


def words(rng: Rng, n: int) -> str:
    """``n`` words, in lower, upper or mixed case."""
    text = " ".join(rng.choice(WORDS) for _ in range(n))
    return (text, text.upper(), text.title())[rng.choice(3, p=(0.4, 0.3, 0.3))]


def _put(image: np.ndarray, text: str, x: float, y: float, height: float, ink, rng: Rng) -> None:
    face = FACES[rng.integers(len(FACES))]
    scale = height / 22.0
    cv2.putText(image, text, (int(x), int(y)), face, scale, ink, max(1, int(scale * rng.uniform(1, 3))), cv2.LINE_AA)


def banner(image: np.ndarray, rng: Rng) -> None:
    """A long shop sign or a bare line of words."""
    h, w = image.shape[:2]
    size = np.exp(rng.uniform(np.log(5), np.log(h / 6)))
    text = words(rng, int(rng.integers(2, 6)))
    x, y = rng.uniform(-0.2, 0.7) * w, rng.uniform(0.05, 1) * h
    back = colour(rng)
    if rng.random() < 0.6:
        cv2.rectangle(image, (int(x - size), int(y - 1.6 * size)), (int(x + len(text) * size), int(y + size)), back, -1)
    _put(image, text, x, y, size, contrast(rng, back), rng)


def page(image: np.ndarray, rng: Rng) -> None:
    """A board, poster or screen with several lines."""
    h, w = image.shape[:2]
    bw, bh = rng.uniform(0.15, 0.9) * w, rng.uniform(0.15, 0.9) * h
    x, y = rng.uniform(-0.2, 0.9) * w, rng.uniform(-0.2, 0.9) * h
    back = colour(rng)
    ink = contrast(rng, back)
    cv2.rectangle(image, (int(x), int(y)), (int(x + bw), int(y + bh)), back, -1)
    line = np.exp(rng.uniform(np.log(4), np.log(max(bh / 4, 5))))
    at = y + 1.5 * line
    left = x + rng.uniform(0.02, 0.2) * bw
    while at < y + bh:
        n = max(1, int((bw / (line * 4.5)) * rng.uniform(0.2, 1.0)))
        _put(image, words(rng, min(n, 12)), left, at, line * rng.uniform(0.6, 0.9), ink, rng)
        at += line * rng.uniform(1.3, 2.2)


def road_sign(image: np.ndarray, rng: Rng) -> None:
    """A round, triangular, octagonal or lozenge-shaped board with a number, a word or an arrow."""
    h, w = image.shape[:2]
    r = np.exp(rng.uniform(np.log(6), np.log(min(h, w) / 4)))
    x, y = rng.uniform(0, w), rng.uniform(0, h)
    sides = int(rng.choice((3, 4, 8, 40)))
    start = rng.choice((0.0, np.pi / sides)) + (np.pi / 4 if sides == 4 and rng.random() < 0.3 else 0)
    turn = start + np.arange(sides) * 2 * np.pi / sides
    ring = np.stack((x + r * np.cos(turn), y + r * np.sin(turn)), 1)
    rim, back = colour(rng), colour(rng)
    cv2.fillPoly(image, [ring.astype(np.int32)], rim, cv2.LINE_AA)
    cv2.fillPoly(image, [((ring - (x, y)) * 0.8 + (x, y)).astype(np.int32)], back, cv2.LINE_AA)
    ink = contrast(rng, back)
    if rng.random() < 0.6:
        text = str(rng.integers(1, 13) * 10) if rng.random() < 0.5 else rng.choice(WORDS).upper()[:5]
        _put(image, text, x - 0.35 * r * len(text) / 2, y + 0.25 * r, 0.6 * r, ink, rng)
    else:
        a, b = rng.uniform(-0.5, 0.5, 2) * r, rng.uniform(-0.5, 0.5, 2) * r
        cv2.arrowedLine(image, (int(x + a[0]), int(y + a[1])), (int(x + b[0]), int(y + b[1])), ink, max(1, int(r / 8)))


def grille(image: np.ndarray, rng: Rng) -> None:
    """A block of bars or a mesh, as of a radiator, a vent, a fence or a blind."""
    h, w = image.shape[:2]
    bw = np.exp(rng.uniform(np.log(20), np.log(w * 0.8)))
    bh = bw * rng.uniform(0.1, 0.8)
    x, y = rng.uniform(-0.1, 0.9) * w, rng.uniform(-0.1, 0.9) * h
    dark, light = colour(rng), colour(rng)
    cv2.rectangle(image, (int(x), int(y)), (int(x + bw), int(y + bh)), dark, -1)
    step = rng.uniform(3, 14)
    thick = max(1, int(step * rng.uniform(0.2, 0.6)))
    upright, level = rng.random() < 0.5, rng.random() < 0.6
    if upright or not level:
        for at in np.arange(x, x + bw, step):
            cv2.line(image, (int(at), int(y)), (int(at), int(y + bh)), light, thick)
    if level:
        for at in np.arange(y, y + bh, step):
            cv2.line(image, (int(x), int(at)), (int(x + bw), int(at)), light, thick)


def lamp(image: np.ndarray, rng: Rng) -> None:
    """A glowing or glassy blob, often in a pair."""
    h, w = image.shape[:2]
    rx = np.exp(rng.uniform(np.log(4), np.log(w / 8)))
    ry = rx * rng.uniform(0.2, 1.0)
    x, y = rng.uniform(0, w), rng.uniform(0, h)
    c = (255, 250, 230) if rng.random() < 0.5 else colour(rng)
    gap = rng.uniform(3, 8) * rx
    for at in (x, x + gap) if rng.random() < 0.6 else (x,):
        cv2.ellipse(image, (int(at), int(y)), (int(rx) + 1, int(ry) + 1), 0, 0, 360, colour(rng), -1, cv2.LINE_AA)
        cv2.ellipse(image, (int(at), int(y)), (int(rx * 0.7) + 1, int(ry * 0.7) + 1), 0, 0, 360, c, -1, cv2.LINE_AA)


def blank_board(image: np.ndarray, rng: Rng) -> None:
    """Rectangles without text: windows, bricks, empty boards, reflectors, sometimes in rows."""
    h, w = image.shape[:2]
    bw = np.exp(rng.uniform(np.log(8), np.log(w / 3)))
    bh = bw * rng.uniform(0.15, 1.2)
    x, y = rng.uniform(0, w), rng.uniform(0, h)
    fill, edge = colour(rng), colour(rng)
    nx, ny = (int(rng.integers(1, 5)), int(rng.integers(1, 4))) if rng.random() < 0.5 else (1, 1)
    for i in range(nx):
        for j in range(ny):
            p = (int(x + i * bw * 1.3), int(y + j * bh * 1.3))
            q = (int(p[0] + bw), int(p[1] + bh))
            cv2.rectangle(image, p, q, fill, -1)
            cv2.rectangle(image, p, q, edge, int(rng.integers(1, 4)))
            if rng.random() < 0.3:
                cv2.line(image, p, q, edge, 1, cv2.LINE_AA)


def bare_word(image: np.ndarray, rng: Rng) -> None:
    """One word without a board, as a badge or lettering on a car."""
    h, w = image.shape[:2]
    size = np.exp(rng.uniform(np.log(5), np.log(h / 8)))
    _put(image, words(rng, 1), rng.uniform(0, 0.9) * w, rng.uniform(0.05, 1) * h, size, colour(rng), rng)


KINDS = (banner, page, road_sign, grille, lamp, blank_board, bare_word)


def texture(h: int, w: int, rng: Rng) -> np.ndarray:
    """An empty ground: a gradient, clouds of noise, or bricks, [h,w,3]."""
    a, b = np.array(colour(rng), np.float32), np.array(colour(rng), np.float32)
    kind = rng.integers(3)
    if kind == 0:
        t = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
        t = np.broadcast_to(t, (h, w, 1)) if rng.random() < 0.7 else np.zeros((h, w, 1), np.float32)
    else:
        t = np.zeros((h, w), np.float32)
        for k in (3, 8, 24, 64)[: 2 + rng.integers(3)]:
            t += cv2.resize(rng.random((k, k)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC) * (3 / k) ** 0.5
        t = np.clip(t / 2, 0, 1)[..., None]
    image = np.clip(a * (1 - t) + b * t, 0, 255).astype(np.uint8)
    if kind == 2:
        bw, bh = rng.uniform(10, 80), rng.uniform(5, 40)
        for j, y in enumerate(np.arange(0, h, bh)):
            cv2.line(image, (0, int(y)), (w, int(y)), colour(rng), 1)
            for x in np.arange((j % 2) * bw / 2, w, bw):
                cv2.line(image, (int(x), int(y)), (int(x), int(y + bh)), (90, 90, 90), 1)
    return image


def drawing(h: int, w: int, rng: Rng) -> np.ndarray:
    """A picture of nothing real: texture, shapes and signs, as of screens, drawings and posters."""
    image = texture(h, w, rng)
    for _ in range(rng.integers(0, 12)):
        c = colour(rng)
        p = [tuple(int(v) for v in rng.uniform(-0.1, 1.1, 2) * (w, h)) for _ in range(3)]
        kind = rng.integers(4)
        if kind == 0:
            cv2.rectangle(image, p[0], p[1], c, -1 if rng.random() < 0.5 else 2)
        elif kind == 1:
            cv2.line(image, p[0], p[1], c, int(rng.integers(1, 12)), cv2.LINE_AA)
        elif kind == 2:
            cv2.circle(image, p[0], int(rng.uniform(2, w / 4)), c, -1 if rng.random() < 0.5 else 2, cv2.LINE_AA)
        else:
            cv2.fillPoly(image, [np.array(p, np.int32)], c, cv2.LINE_AA)
    scatter(image, rng, int(rng.integers(1, 7)))
    return image


def scatter(image: np.ndarray, rng: Rng, n: int) -> None:
    """Draw ``n`` distractors of random kinds."""
    for _ in range(n):
        KINDS[rng.integers(len(KINDS))](image, rng)


def stick(image: np.ndarray, sticker: np.ndarray, rng: Rng) -> None:
    """Blend a drawing [h,w,4] RGBA in, anywhere, a twentieth to the whole of the picture wide."""
    H, W = image.shape[:2]
    k = np.exp(rng.uniform(np.log(0.05), np.log(1.0))) * W / max(sticker.shape[:2])
    stretch = np.exp(rng.normal(0, 0.15))
    size = (max(int(sticker.shape[1] * k * stretch), 4), max(int(sticker.shape[0] * k), 4))
    drawn = cv2.resize(sticker, size, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
    x, y = int(rng.uniform(-0.3 * size[0], W - 0.7 * size[0])), int(rng.uniform(-0.3 * size[1], H - 0.7 * size[1]))
    x1, y1, x2, y2 = max(x, 0), max(y, 0), min(x + size[0], W), min(y + size[1], H)
    if x2 <= x1 or y2 <= y1:
        return
    part = drawn[y1 - y : y2 - y, x1 - x : x2 - x].astype(np.float32)
    alpha = part[..., 3:] / 255 * rng.uniform(0.6, 1.0)
    under = image[y1:y2, x1:x2]
    under[:] = (under * (1 - alpha) + part[..., :3] * alpha).astype(np.uint8)
