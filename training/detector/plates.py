"""A pool of rendered plates for pasting (temporary renderer)."""
from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSansNarrow-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    "/usr/share/fonts/truetype/roadgeek/RG2014EM.ttf",
    "/usr/share/fonts/truetype/opendin/OSP-DIN.ttf",
    "/usr/share/fonts/opentype/ocr-b/OCRB.otf",
    "/usr/share/fonts/truetype/routed-gothic/routed-gothic.ttf",
]
COLOURS = [((245, 245, 245), (10, 10, 20), 10), ((240, 200, 30), (15, 15, 15), 3), ((15, 15, 15), (235, 235, 235), 2),
           ((190, 190, 195), (60, 60, 70), 2), ((30, 60, 160), (240, 240, 240), 1), ((190, 20, 30), (240, 240, 240), 1),
           ((20, 120, 60), (240, 240, 240), 1), ((240, 240, 250), (30, 40, 140), 2), ((240, 240, 240), (190, 20, 30), 1)]


def text(rng, n):
    letters, digits = "ABCDEFGHJKLMNOPRSTUVWXYZ", "0123456789"
    out, kind = "", rng.integers(2)
    while len(out) < n:
        for _ in range(rng.integers(1, 5)):
            out += str(rng.choice(list(letters if kind else digits)))
        kind = 1 - kind
        if rng.random() < 0.5:
            out += rng.choice([" ", " ", "-", "·"])
    return out[:n].strip(" -·") or "A1"


def render(rng) -> np.ndarray:
    """One plate, uint8 [h,w,3] RGB, about 60..140 px high."""
    h = 96
    two = rng.random() < 0.22
    aspect = rng.uniform(1.0, 1.8) if two else rng.choice([rng.uniform(4.2, 5.0), rng.uniform(1.9, 2.2), rng.uniform(2.2, 4.4)], p=[.5, .3, .2])
    if two:
        h = 140
    w = int(h * aspect)
    weights = np.array([c[2] for c in COLOURS], float)
    bg, fg, _ = COLOURS[rng.choice(len(COLOURS), p=weights / weights.sum())]
    im = Image.new("RGB", (w, h), bg)
    d = ImageDraw.Draw(im)
    x0 = 0
    if aspect > 3.5 and rng.random() < 0.6:
        x0 = int(w * 0.09)
        d.rectangle((0, 0, x0, h), fill=(20, 50, 160))
        f = ImageFont.truetype(FONTS[0], int(h * 0.25))
        d.text((x0 * 0.2, h * 0.65), rng.choice(["D", "F", "E", "I", "RO", "NL"]), fill=(240, 240, 240), font=f)
    path = FONTS[rng.integers(len(FONTS))]
    rows = [text(rng, rng.integers(2, 5)), text(rng, rng.integers(2, 6))] if two else [text(rng, rng.integers(4, 9))]
    top, bottom = rng.uniform(0.05, 0.28), 1 - rng.uniform(0.05, 0.25)
    if aspect > 3.5:
        top, bottom = 0.12, 0.88
    rh = (bottom - top) * h / len(rows)
    for i, t in enumerate(rows):
        f = ImageFont.truetype(path, 100)
        box = f.getbbox(t)
        glyph = Image.new("L", (box[2] - box[0] + 2, box[3] - box[1] + 2), 0)
        ImageDraw.Draw(glyph).text((1 - box[0], 1 - box[1]), t, fill=255, font=f)
        tw = min((w - x0) * 0.9, glyph.width * rh * 0.85 / glyph.height * rng.uniform(0.8, 1.3))
        glyph = glyph.resize((max(int(tw), 4), max(int(rh * 0.85), 4)), Image.BILINEAR)
        im.paste(fg, (int(x0 + (w - x0 - glyph.width) / 2), int(top * h + i * rh + rh * 0.075)), glyph)
    if aspect < 3.5 and not two and rng.random() < 0.7:
        f = ImageFont.truetype(FONTS[rng.integers(len(FONTS))], int(h * 0.13))
        d.text((w * rng.uniform(0.2, 0.4), h * 0.02), rng.choice(["CALIFORNIA", "New York", "TEXAS", "BRASIL", "Ohio", "Florida"]), fill=(150, 20, 40), font=f)
        d.text((w * rng.uniform(0.1, 0.3), h * 0.85), rng.choice(["Sunshine State", "EMPIRE STATE", "dmv.ca.gov", "Land of Lincoln"]), fill=fg, font=f)
    if rng.random() < 0.6:
        d.rectangle((1, 1, w - 2, h - 2), outline=fg, width=int(rng.integers(1, 4)))
    out = np.asarray(im).copy()
    if rng.random() < 0.4:
        for _ in range(rng.integers(1, 5)):
            cv2.circle(out, (int(rng.uniform(0, w)), int(rng.uniform(0, h))), int(rng.uniform(2, 6)), tuple(int(v) for v in rng.integers(40, 200, 3)), -1)
    if rng.random() < 0.3:
        dirt = cv2.resize(rng.random((6, 12)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)[..., None]
        out = np.clip(out * (1 - 0.5 * np.clip(dirt, 0, 1)), 0, 255).astype(np.uint8)
    return out


def pool(n: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [render(rng) for _ in range(n)]
