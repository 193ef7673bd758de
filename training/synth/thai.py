"""Thai plates: consonants and digits; the province below (cars) or between the rows (motorcycles) is not part of the text.

Sources: the published registration formats of Thailand's Department of Land Transport (private cars `1กก 1234` and `กก 1234`,
lorries and buses `10-1234`, motorcycles on three lines)."""
import random

import cv2
import numpy as np

from . import draw, fonts, formats, layout
from .fonts import THAI
from .plate import paint
from .regions_europe import K, W, Y

PROVINCES = """กรุงเทพมหานคร;กระบี่;กาญจนบุรี;กาฬสินธุ์;ขอนแก่น;จันทบุรี;ฉะเชิงเทรา;ชลบุรี;ชัยนาท;ชัยภูมิ;ชุมพร;เชียงราย;เชียงใหม่;ตรัง;ตราด;ตาก;นครนายก;นครปฐม;นครพนม;
นครราชสีมา;นครศรีธรรมราช;นครสวรรค์;นนทบุรี;น่าน;บุรีรัมย์;ปทุมธานี;ปราจีนบุรี;ปัตตานี;พะเยา;พังงา;พัทลุง;พิจิตร;พิษณุโลก;เพชรบุรี;เพชรบูรณ์;แพร่;ภูเก็ต;มหาสารคาม;มุกดาหาร;
ยะลา;ร้อยเอ็ด;ระนอง;ระยอง;ราชบุรี;ลพบุรี;ลำปาง;ลำพูน;เลย;ศรีสะเกษ;สกลนคร;สงขลา;สตูล;สมุทรปราการ;สมุทรสาคร;สระแก้ว;สระบุรี;สิงห์บุรี;สุโขทัย;สุพรรณบุรี;สุราษฎร์ธานี;สุรินทร์;
หนองคาย;อ่างทอง;อุดรธานี;อุตรดิตถ์;อุทัยธานี;อุบลราชธานี;อำนาจเจริญ;เบตง""".replace("\n", "").split(";")
_BASE = dict(region="TH", letters="", band="none", alphabet=THAI, fonts=("regular", "condensed", "stroke"))
GREEN_ = (20, 110, 60)
STYLES = [
    (10, {**_BASE, "patterns": ["NLL DDDD", "NLL DDDD", "NLL DDD", "NLL DD", "NLL D", "LL DDDD", "LL DDD", "LL DD", "LL D"], "aspect": 2.25, "h": .48,
          "bg": [W, W, (215, 225, 235), (235, 215, 225)], "fg": [K, K, (20, 90, 50), (20, 50, 130)], "decor": "thai"}),
    (2, {**_BASE, "patterns": ["DD-DDDD", "DD-DDDD", "LL DDDD", "LL-DDDD"], "aspect": 2.25, "h": .48, "bg": [Y, W, (60, 160, 110)], "fg": [K, (150, 30, 40)], "decor": "thai"}),
    (4, {**_BASE, "patterns": ["NLL/DDDD", "LLL/DDD", "NLL/DDD", "NLL/DD", "LLL/DDD", "NLL/D"], "aspect": 1.25, "h": .31, "bg": [W, W, Y], "fg": [K, GREEN_], "decor": "thai_bike",
         "middle": .2}),
]


class Mixed:
    """Digits from one set of glyphs, Thai letters from another."""

    def __init__(self, thai, digits):
        self.thai, self.digits = thai, digits

    def glyph(self, ch):
        return (self.digits if ch.isdigit() else self.thai).glyph(ch)


def province(img, cy, height, rng, colour):
    """The province's name, centred."""
    h, w = img.shape[:2]
    f = rng.choice(fonts.thai_fonts())
    draw.small_text(img, rng.choice(PROVINCES), w * rng.uniform(.46, .54), cy, height, colour, rng, path=f.path, max_width=w * .85)


def render_thai(rng, scramble=None):
    """One Thai plate (`Plate`); 40 % have random characters in the layout."""
    if isinstance(rng, np.random.Generator):
        rng = random.Random(int(rng.integers(1 << 62)))
    style = dict(rng.choices([s for _, s in STYLES], [w for w, _ in STYLES])[0])
    glyphs = Mixed(rng.choice(fonts.thai_fonts()), layout.pick_font(style["fonts"], rng))
    mix = (rng.random() < .4) if scramble is None else scramble
    tokens = []
    for kind, v in formats.fill(rng.choice(style["patterns"]), THAI, rng):
        if kind == "c" and mix:
            v = rng.choice(THAI) if rng.random() < .55 else rng.choice("0123456789")
        tokens.append((kind, v))
    style["before"] = lambda img, fg: _before(img, style, rng, fg)
    style["between"] = lambda img, cy, size, fg: province(img, cy, size * .75, rng, fg)
    return paint(tokens, style, rng, glyphs)


def _before(img, style, rng, fg):
    """Scenery for some, the province below for cars; returns the characters' area."""
    h, w = img.shape[:2]
    if style["decor"] == "thai" and rng.random() < .25:
        draw.graphic_background(img, fg, rng)
    if rng.random() < .3:
        cv2.rectangle(img, (2, 2), (w - 3, h - 3), fg, max(1, h // 50), cv2.LINE_AA)
    if style["decor"] == "thai":
        province(img, h * rng.uniform(.78, .84), h * rng.uniform(.15, .21), rng, fg)
        return w * .04, h * .06, w * .96, h * .68
    return w * .06, h * .03, w * .94, h * .97
