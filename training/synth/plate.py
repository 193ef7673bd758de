"""`render_plate(rng)`: one synthetic plate, sharp and frontal, with text and geometry. Degrading comes later."""
import random
from dataclasses import dataclass, field

import cv2
import numpy as np

from . import decor, draw, formats, fonts, layout
from .regions_europe import EUROPE
from .regions_world import WORLD

STYLES = EUROPE + WORLD
_WEIGHTS = [w for w, _ in STYLES]
REGIONS = sorted({s["region"] for _, s in STYLES})


@dataclass
class Plate:
    """A plate in a little of its surroundings.

    image: uint8 [H,W,3] RGB; corners: float32 [4,2] pixels of the plate's corners TL, TR, BR, BL in it; alpha: uint8
    [H,W], 255 where plate or frame (0: made-up car body, to be dropped when pasting); text: what is read, upper row first;
    rows: characters in each row; chars: float32 [n,5] x0, y0, x1, y1, row of each character; region: country code."""
    image: np.ndarray
    text: str
    region: str
    rows: list
    corners: np.ndarray
    alpha: np.ndarray
    chars: np.ndarray = field(default_factory=lambda: np.zeros((0, 5), np.float32))


def _far(a, b):
    return abs(sum(np.array(a) * (.3, .59, .11)) - sum(np.array(b) * (.3, .59, .11)))


def _colours(style, rng):
    """Background and character colour with enough contrast; sometimes any pair at all."""
    for _ in range(6):
        bg, fg = draw.jitter(rng.choice(style["bg"]), rng), draw.jitter(rng.choice(style["fg"]), rng)
        if rng.random() < .06:
            bg, fg = draw.random_colour(rng), draw.random_colour(rng)
        if _far(bg, fg) > 70:
            return bg, fg
    return bg, ((240, 240, 240) if sum(bg) < 380 else (20, 20, 22))


def _row_style(style, rng, rows):
    return dict(gap=rng.uniform(.08, .22) if rng.random() < .8 else rng.uniform(.03, .4),
                pitch=rng.uniform(.5, .68) if rng.random() < (.55 if style["decor"] in ("us", "br") else .25) else None,
                sx=rng.uniform(.82, 1.2), emblem=rng.uniform(.3, .85), emblem_tall=rng.uniform(.8, 1.3), justify=rng.random() < .5,
                small_last=rng.uniform(.45, .8) if style["decor"] == "rus" or style.get("small_last") else None, double_emblem=style["region"] == "D" and rng.random() < .7,
                small_rise=rng.uniform(-.4, .4), shift=0 if rng.random() < .6 else rng.uniform(-.8, .8))


def _surround(face, rng, framed):
    """Put the face on a made-up car body, perhaps in a frame with a dealer's text; (image, corners, alpha, offset)."""
    h, w = face.shape[:2]
    px, py = int(w * rng.uniform(.08, .16)) + 4, int(h * rng.uniform(.14, .3)) + 4
    H, W = h + 2 * py, w + 2 * px
    c = draw.random_colour(rng, 0, 200) if rng.random() < .6 else (rng.randint(5, 60),) * 3
    img = np.empty((H, W, 3), np.uint8)
    a = np.linspace(rng.uniform(.6, 1), rng.uniform(.6, 1.25), H)[:, None, None]
    img[...] = np.clip(np.array(c) * a, 0, 255)
    for _ in range(rng.randint(0, 3)):
        y = rng.choice([rng.randint(0, py), rng.randint(H - py, H - 1)])
        cv2.line(img, (0, y), (W, y + rng.randint(-4, 4)), draw.random_colour(rng), rng.randint(1, max(2, py // 2)))
    alpha = np.zeros((H, W), np.uint8)
    r = int(h * rng.uniform(.01, .12))
    m = np.zeros((h, w), np.uint8)
    cv2.rectangle(m, (r, r), (w - 1 - r, h - 1 - r), 255, -1)
    if r:
        m = cv2.dilate(m, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1)))
    if framed:
        t, b, s = (rng.uniform(.02, f) for f in (.1, .2, .05))
        fc = rng.choice([(15, 15, 15), (15, 15, 15), (190, 190, 195), draw.random_colour(rng)])
        x0, y0, x1, y1 = px - int(s * w) - 1, py - int(t * h) - 1, px + w + int(s * w), py + h + int(b * h)
        cv2.rectangle(img, (max(0, x0), max(0, y0)), (x1, y1), fc, -1)
        cv2.rectangle(alpha, (max(0, x0), max(0, y0)), (x1, y1), 255, -1)
    m3 = m[..., None].astype(np.float32) / 255
    roi = img[py:py + h, px:px + w]
    roi[...] = (roi * (1 - m3) + face * m3).astype(np.uint8)
    np.maximum(alpha[py:py + h, px:px + w], m, out=alpha[py:py + h, px:px + w])
    if framed:
        ov = rng.uniform(0, .07)
        if rng.random() < .5:
            cv2.rectangle(img, (px, py + h - int(ov * h)), (px + w, py + h + 1), fc, -1)
            cv2.rectangle(img, (px, py - 1), (px + w, py + int(rng.uniform(0, .09) * h)), fc, -1)
            if rng.random() < .4:      # sides that reach into the first and the last character
                for x in (px, px + w):
                    cv2.rectangle(img, (x - int(rng.uniform(0, .055) * w), py), (x + int(rng.uniform(0, .055) * w), py + h), fc, -1)
        tc = (235, 235, 235) if sum(fc) < 380 else (20, 20, 30)
        if rng.random() < .75 and b * h > 6:
            draw.small_text(img, rng.choice(decor.DEALERS), W / 2, py + h + b * h / 2, b * h * rng.uniform(.5, .8), tc, rng, max_width=w * .9)
        if rng.random() < .2:      # words standing at the sides
            word = rng.choice(decor.DEALERS)[:6].strip()
            for x in (px - s * w * .2, px + w + s * w * .2):
                for i, c in enumerate(word):
                    draw.small_text(img, c, x, py + h * (.2 + .62 * i / max(1, len(word) - 1)), h * rng.uniform(.07, .1), tc, rng)
        if rng.random() < .3 and t * h > 6:
            draw.small_text(img, rng.choice(decor.DEALERS), W / 2, py - t * h / 2, t * h * .7, tc, rng, max_width=w * .9)
    corners = np.array([[px, py], [px + w, py], [px + w, py + h], [px, py + h]], np.float32)
    return img, corners, alpha, (px, py)


def render_plate(rng, style=None, scramble=None, glyph_source=None):
    """One plate of a random region, or of `style` (an entry of STYLES).

    rng: `random.Random` or `numpy.random.Generator`. `scramble`: True = random characters in the region's layout;
    None = 40 % of the plates get random characters (half of those in a random layout too).
    Characters are about 36 to 64 px high. Returns a `Plate`."""
    if isinstance(rng, np.random.Generator):
        rng = random.Random(int(rng.integers(1 << 62)))
    if style is None:
        style = rng.choices(STYLES, _WEIGHTS)[0][1]
    pattern = rng.choice(style["patterns"])
    rows = pattern.count("/") + 1
    mix = (rng.random() < .4) if scramble is None else scramble
    if mix and rng.random() < .5:
        pattern = formats.random_pattern(rng, rows)
    tokens = formats.fill(pattern, style["alphabet"], rng, mix)
    return paint(tokens, style, rng, glyph_source or layout.pick_font(style["fonts"], rng))


def paint(tokens, style, rng, glyphs):
    """Set out and paint `tokens` on a plate of `style`."""
    text, counts = formats.text_of(tokens)
    rows = len(counts)
    aspect = style["aspect"] * rng.uniform(.92, 1.08)
    if rows == 1 and aspect < 1.6:
        aspect = rng.uniform(1.8, 4.8)
    h = int(rng.uniform(.9, 1.1) * (72 if aspect > 2.6 and rows == 1 else 112 if rows == 1 else 132))
    w = int(h * aspect)
    bg, fg = _colours(style, rng)
    face = np.empty((h, w, 3), np.uint8)
    face[...] = bg
    if rng.random() < .3:
        face[...] = np.clip(face * np.linspace(rng.uniform(.85, 1), rng.uniform(.85, 1.1), h)[:, None, None], 0, 255)
    x0, y0, x1, y1 = style["before"](face, fg) if "before" in style else decor.decorate(face, style, rng, fg)
    decor.border(face, style, rng, fg)
    if rng.random() < .35:
        draw.screws(face, rng, style["decor"] in ("us", "latam"))
    ink = np.zeros((h, w), np.uint8)
    st = _row_style(style, rng, rows)
    split = [[]]
    for t in tokens:
        split.append([]) if t == ("s", "/") else split[-1].append(t)
    chars = []
    ch = min(style["h"] * h * rng.uniform(.88, 1.1), (y1 - y0) / rows * (.97 if rows == 1 else .86))
    uneven = rng.uniform(.8, 1.25) if rows > 1 and rng.random() < .3 else 1.0
    heights = [ch] if rows == 1 else [ch * min(1, uneven), ch * min(1, 1 / uneven)]
    heights += [ch] * (rows - len(heights))
    middle = style.get("middle", 0) * h if rows > 1 else 0
    free = max(0, (y1 - y0) - sum(heights) - middle)
    y = y0 + free / (rows + 1) * rng.uniform(.7, 1.2)
    for i, part in enumerate(split):
        items = layout.row_items(part, rng)
        chars += layout.put_row(face, ink, items, x0 + .02 * w, x1 - .02 * w, y + heights[i] / 2, heights[i], glyphs, rng, fg, st, i)
        if middle and i == 0:
            style["between"](face, y + heights[0] + free / (rows + 1) / 2 + middle / 2, middle, fg)
            y += middle
        y += heights[i] + free / (rows + 1)
    _ink(face, ink, fg, rng)
    if rng.random() < .12:
        draw.screws(face, rng)
    if rng.random() < .3:
        draw.dirt(face, rng)
    framed = rng.random() < (.4 if style["decor"] == "us" else .3)
    img, corners, alpha, (px, py) = _surround(face, rng, framed)
    c = np.array(chars, np.float32).reshape(-1, 5)
    c[:, [0, 2]] += px
    c[:, [1, 3]] += py
    return Plate(img, text, style["region"], counts, corners, alpha, c)


def _ink(face, ink, fg, rng):
    """Paint the characters, with embossing (light from one side) or a printed shadow for some."""
    k = rng.random()
    if k < .45:
        s = rng.choice([1, 1, 2])
        dx, dy = rng.choice([(s, s), (-s, s), (0, s), (s, -s)])
        sh = np.roll(ink, (dy, dx), (0, 1)).astype(np.int16) - ink
        g = (sh.clip(0) * rng.uniform(.1, .35)).astype(np.int16)
        sgn = 1 if rng.random() < .5 else -1
        other = (np.roll(ink, (-dy, -dx), (0, 1)).astype(np.int16) - ink).clip(0)
        g2 = (other * rng.uniform(.05, .25)).astype(np.int16)
        face[...] = np.clip(face.astype(np.int16) + (sgn * (g - g2))[..., None], 0, 255).astype(np.uint8)
    if rng.random() < .07:      # worn paint
        n = np.array([[rng.uniform(.2, 1.2) for _ in range(24)] for _ in range(10)], np.float32)
        ink = (ink * np.clip(cv2.resize(n, ink.shape[::-1], interpolation=cv2.INTER_CUBIC), .3, 1)).astype(np.uint8)
    draw.blend(face, ink, 0, 0, fg)
