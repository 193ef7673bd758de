"""Drawn text that is no plate, as RGBA stickers: badges and lettering on cars, emblems, watermarks, dialogs, tables.

Every function returns uint8 [h,w,4] RGBA. What tells these from plates: no board around the text, or a board with
lower case, prose, many fields or an oval shape.
"""
from __future__ import annotations

import subprocess
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .distractors import WORDS, colour, contrast

Rng = np.random.Generator
VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnprstvz"
MODELS = ("TDI", "GTI", "4x4", "2.0 TDI", "320d", "A4", "V6", "SX4", "RX-8", "GT", "quattro", "HYBRID", "ZDI", "VX", "Turbo")
LOUD = ("POLICE", "POLIZEI", "POLICIA", "AMBULANCE", "PARAMEDIC", "SECURITY", "FIRE DEPT", "RESTAURANT", "PHARMACY", "SUPERMARKET", "OPEN 24H",
        "NO PARKING", "FOR SALE", "DIESEL ONLY", "LONG VEHICLE", "CAUTION", "REDUCE SPEED", "BOULANGERIE", "APOTHEKE", "GARAGE", "SUZUKI", "NISSAN",
        "TOYOTA", "HYUNDAI", "CHEVROLET", "VOLKSWAGEN", "MITSUBISHI", "TURBO DIESEL", "HOW'S MY DRIVING?", "BABY ON BOARD")


@lru_cache(maxsize=1)
def fonts() -> tuple[str, ...]:
    """Scalable Latin fonts of the system."""
    listed = subprocess.run(["fc-list", ":lang=en:scalable=true", "file"], capture_output=True, text=True, check=True).stdout
    paths = sorted({line.split(":")[0] for line in listed.splitlines()})
    return tuple(p for p in paths if p.endswith((".ttf", ".otf")) and not any(k in p.lower() for k in ("emoji", "d050000l", "symbol")))


@lru_cache(maxsize=256)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def word(rng: Rng) -> str:
    """An invented or ordinary word."""
    if rng.random() < 0.4:
        return str(rng.choice(WORDS))
    return "".join(rng.choice(list(CONSONANTS if i % 2 else VOWELS)) if rng.random() < 0.85 else "n" for i in range(rng.integers(3, 10)))


def _cased(text: str, rng: Rng) -> str:
    return (text, text.upper(), text.title())[rng.choice(3, p=(0.35, 0.3, 0.35))]


def _text(text: str, height: int, ink, rng: Rng, path: str | None = None) -> Image.Image:
    """Text on nothing, RGBA."""
    path = path or fonts()[rng.integers(len(fonts()))]
    font = _font(path, max(height, 8))
    x1, y1, x2, y2 = font.getbbox(text)
    image = Image.new("RGBA", (max(x2 - x1, 2) + 4, max(y2 - y1, 2) + 4), (*ink, 0))
    ImageDraw.Draw(image).text((2 - x1, 2 - y1), text, fill=(*ink, 255), font=font)
    return image


def badge(rng: Rng) -> np.ndarray:
    """A word or a model's name without a board, as on boots and doors; metallic, flat, or with an outline."""
    text = str(rng.choice(MODELS)) if rng.random() < 0.35 else _cased(word(rng), rng)
    if rng.random() < 0.12:
        text = " ".join("".join(rng.choice(list("0123456789")) for _ in range(rng.integers(2, 5))) for _ in range(3))
    elif rng.random() < 0.3:
        text += " " + _cased(word(rng), rng)
    height = int(rng.integers(30, 70))
    a = np.asarray(_text(text, height, colour(rng), rng)).copy()
    if rng.random() < 0.5:  # chrome: bright to dark from above, dark edge below
        ramp = np.linspace(rng.uniform(180, 255), rng.uniform(60, 200), a.shape[0])[:, None, None]
        a[..., :3] = np.clip(ramp + rng.normal(0, 12, a.shape[:2] + (1,)), 0, 255)
        edge = cv2.dilate(a[..., 3], np.ones((3, 3), np.uint8))
        below = np.roll(edge, 1, 0)
        dark = (below > a[..., 3]) & (a[..., 3] < 128)
        a[dark, :3], a[dark, 3] = 20, below[dark]
    return a


def emblem(rng: Rng) -> np.ndarray:
    """A word in an oval, a ring or a shield."""
    text = _text(_cased(word(rng)[:6], rng), 44, colour(rng), rng)
    w, h = int(text.width * rng.uniform(1.25, 1.6)), int(text.height * rng.uniform(1.5, 4.0))
    image = Image.new("RGBA", (w, h), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    box = (1, 1, w - 2, h - 2)
    if rng.random() < 0.75:
        draw.ellipse(box, fill=(*colour(rng), 255), outline=(*colour(rng), 255), width=int(rng.integers(1, 7)))
    else:
        draw.polygon([(1, 1), (w - 2, 1), (w * 0.8, h - 2), (w * 0.2, h - 2)], fill=(*colour(rng), 255))
    image.alpha_composite(text, ((w - text.width) // 2, (h - text.height) // 2))
    return np.asarray(image)


def strip(rng: Rng) -> np.ndarray:
    """A bar with small print: a picture agency's mark, a dealer's sticker, a date stamp."""
    w, h = int(rng.integers(160, 320)), int(rng.integers(20, 60))
    back = colour(rng)
    image = Image.new("RGBA", (w, h), (*back, int(rng.choice((0, 120, 255, 255)))))
    kind = rng.random()
    if kind < 0.25:
        text = f"{rng.integers(1, 29)}.{rng.integers(1, 13)}.{rng.integers(1995, 2026)} {rng.integers(0, 24)}:{rng.integers(10, 60)}"
    elif kind < 0.5:
        text = "www." + word(rng) + rng.choice([".com", ".net", ".co"])
    else:
        text = " ".join(word(rng) for _ in range(rng.integers(1, 6)))
    drawn = _text(text, int(h * rng.uniform(0.3, 0.6)), contrast(rng, back), rng)
    image.alpha_composite(drawn.crop((0, 0, min(drawn.width, w), min(drawn.height, h))), (int(rng.integers(0, max(w - drawn.width, 1))), max((h - drawn.height) // 2, 0)))
    return np.asarray(image)


def dialog(rng: Rng) -> np.ndarray:
    """A window of a program: title bar, labels, fields with numbers, buttons."""
    w, h = int(rng.integers(180, 320)), int(rng.integers(120, 320))
    grey = int(rng.integers(190, 250)) if rng.random() < 0.8 else int(rng.integers(20, 70))
    ink = (0, 0, 0) if grey > 128 else (230, 230, 230)
    image = Image.new("RGBA", (w, h), (grey, grey, grey, 255))
    draw = ImageDraw.Draw(image)
    path = fonts()[rng.integers(len(fonts()))]
    size = int(rng.integers(10, 19))
    draw.rectangle((0, 0, w, size + 6), fill=(*colour(rng), 255))
    draw.text((4, 2), _cased(word(rng), rng), fill=(255, 255, 255, 255), font=_font(path, size))
    y = size + 12
    while y < h - size - 6:
        x = int(rng.integers(4, 24))
        while x < w - 30:
            kind = rng.random()
            text = (
                f"{rng.uniform(-9, 99):.{rng.integers(0, 6)}f}" if kind < 0.4 else _cased(word(rng), rng) + (":" if kind > 0.7 else "")
            )
            drawn = _text(text, size, ink, rng, path)
            pad = int(rng.integers(2, 12))
            if kind < 0.7:  # a field or a button
                face = (255, 255, 255, 255) if kind < 0.4 and grey > 128 else (grey, grey, grey, 255)
                draw.rectangle((x, y, x + drawn.width + 2 * pad, y + size + 5), fill=face, outline=(120, 120, 120, 255))
            image.alpha_composite(drawn.crop((0, 0, min(drawn.width, max(w - x - pad, 1)), min(drawn.height, max(h - y - 2, 1)))), (x + pad, y + 2))
            x += drawn.width + 2 * pad + int(rng.integers(4, 40))
        y += size + int(rng.integers(8, 22))
    return np.asarray(image)


def table(rng: Rng) -> np.ndarray:
    """Lines or columns of text or numbers on paper, a screen or a price board."""
    w, h = int(rng.integers(160, 320)), int(rng.integers(80, 320))
    back = colour(rng)
    ink = contrast(rng, back)
    image = Image.new("RGBA", (w, h), (*back, 255))
    draw = ImageDraw.Draw(image)
    path = fonts()[rng.integers(len(fonts()))]
    size = int(rng.integers(9, 40))
    columns = int(rng.integers(1, 4))
    rules = rng.random() < 0.4
    numbers = rng.random() < 0.5
    y = 4
    while y < h:
        for c in range(columns):
            text = f"{rng.uniform(0, 999):.{rng.integers(0, 3)}f}" if numbers and rng.random() < 0.7 else " ".join(word(rng) for _ in range(rng.integers(1, 5)))
            draw.text((4 + c * w / columns, y), _cased(text, rng), fill=(*ink, 255), font=_font(path, size))
            if rules and c:
                draw.line((c * w / columns, 0, c * w / columns, h), fill=(*ink, 255))
        y += int(size * rng.uniform(1.2, 1.9))
        if rules:
            draw.line((0, y - 2, w, y - 2), fill=(*ink, 255))
    return np.asarray(image)


def board(rng: Rng) -> np.ndarray:
    """A bumper sticker, a shop's or maker's sign: one or two lines in a frame, mostly in lower case or several words, or one
    long word of capitals; often with a mark at one end."""
    lines = []
    for _ in range(1 if rng.random() < 0.6 else 2):
        if rng.random() < 0.25:
            lines.append(str(rng.choice(LOUD)))
        else:
            text = " ".join(word(rng) for _ in range(rng.integers(1, 4)))
            lines.append(text if rng.random() < 0.4 else text.title())
    back = colour(rng)
    ink = contrast(rng, back)
    path = fonts()[rng.integers(len(fonts()))]
    drawn = [_text(t, int(rng.integers(24, 48)), ink, rng, path) for t in lines]
    mark = rng.random() < 0.3
    pad = int(rng.integers(4, 24))
    side = int(sum(d.height for d in drawn) * rng.uniform(0.8, 1.2)) if mark else 0
    w = max(d.width for d in drawn) + 2 * pad + side
    h = sum(d.height for d in drawn) + pad * (len(drawn) + 1)
    image = Image.new("RGBA", (w, h), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    edge = colour(rng) if rng.random() < 0.5 else back
    draw.rounded_rectangle((0, 0, w - 1, h - 1), int(h * rng.uniform(0, 0.4)), (*back, 255), (*edge, 255), int(rng.integers(1, 5)))
    if mark:
        x = pad // 2
        (draw.ellipse if rng.random() < 0.6 else draw.rectangle)((x, h // 2 - side // 2 + 2, x + side - 4, h // 2 + side // 2 - 2), (*colour(rng), 255))
    y = pad
    for d in drawn:
        image.alpha_composite(d, (side + (w - side - d.width) // 2, y))
        y += d.height + pad
    return np.asarray(image)


KINDS = ((badge, 0.34), (board, 0.22), (emblem, 0.12), (strip, 0.1), (dialog, 0.1), (table, 0.12))


def stickers(n: int, seed: int) -> list[np.ndarray]:
    """``n`` drawings of all kinds."""
    rng = np.random.default_rng(seed)
    makers, chances = zip(*KINDS)
    made = []
    while len(made) < n:
        drawn = makers[rng.choice(len(makers), p=chances)](rng)
        if min(drawn.shape[:2]) >= 6:
            made.append(np.ascontiguousarray(drawn))
    return made
