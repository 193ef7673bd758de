"""A parametric stroke font: 36 glyphs from centre lines, as stamped plate dies are drawn.

Plate alphabets (FE-Schrift, Charles Wright, DIN 1451 derivatives, US dies, the Brazilian "Mandatory")
are rarely free as fonts, but they are all a stroke of constant width along a few lines and arcs.
One `StrokeStyle` draws one alphabet; `random_style` draws a new one each time, so the reader sees shapes
and not one designer's letters. Centre lines live in a unit box (x right, y down).
"""
from dataclasses import dataclass, replace

import cv2
import numpy as np

CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class StrokeStyle:
    """One alphabet. `width` and `stroke` are fractions of the cap height; `square` is the exponent of the
    superellipse of the bowls (2 round, 5 nearly rectangular); the rest picks variants of letters."""
    width: float = 0.55
    stroke: float = 0.14
    square: float = 2.6
    mid: float = 0.48
    zero: str = "plain"        # plain | slit | slash | dot | narrow
    one: str = "flag"          # flag | foot | bar
    four: str = "closed"       # closed | open
    seven: str = "straight"    # straight | curved | bar
    nine: str = "curved"       # curved | straight (as 6, mirrored)
    three: str = "round"       # round | flat
    i_serif: bool = False
    j_bar: bool = False
    g_spur: bool = True
    w_mid: float = 0.35        # top of the middle of W (0 = full height)
    m_mid: float = 0.6         # bottom of the middle of M
    a_flat: float = 0.0        # half width of the flat top of A
    mw: float = 1.2            # width of M and W relative to the others
    q_tail: str = "long"       # long | short | inside
    g_bar: float = .55         # where the bar of G begins
    g_rise: float = .54        # height of that bar
    taper: float = .22         # where the feet of W stand
    flag: float = .38          # length of the flag of 1
    four_bar: float = .74      # height of the bar of an open 4
    four_top: float = .45      # where its slope begins


def _arc(cx, cy, rx, ry, a0, a1, n, steps=18):
    """Points of a superellipse arc from angle a0 to a1 (degrees, clockwise on screen, 0 = right)."""
    a = np.radians(np.linspace(a0, a1, steps))
    c, s = np.cos(a), np.sin(a)
    e = 2.0 / n
    return np.stack([cx + rx * np.sign(c) * np.abs(c) ** e, cy + ry * np.sign(s) * np.abs(s) ** e], 1)


def _lines(*pts):
    return np.array(pts, np.float64)


def _join(*parts):
    return np.concatenate(parts, 0)


def _bowl_right(y0, y1, x0, n, rx=1.0):
    """A bowl that leaves x0 at y0, bulges to x=rx and returns to x0 at y1 (B, D, P, R)."""
    h = (y1 - y0) / 2
    w = min(0.55, h * 1.6)
    return _join(_lines((x0, y0)), _arc(rx - w, (y0 + y1) / 2, w, h, -90, 90, n), _lines((x0, y1)))


def centre_lines(ch, st):
    """The polylines ([n,2] arrays in the unit box) of `ch` in style `st`."""
    n, m = st.square, st.mid
    ring = _arc(.5, .5, .5, .5, 0, 360, n, 44)
    L = _lines
    if ch == "O":
        return [ring]
    if ch == "0":
        out = [_arc(.5, .5, .44 if st.zero == "narrow" else .5, .5, 0, 360, n, 44)]
        if st.zero == "slash":
            out.append(L((.22, .78), (.78, .22)))
        if st.zero == "dot":
            out.append(L((.5, .45), (.5, .55)))
        if st.zero == "slit":
            out = [_arc(.5, .5, .5, .5, -38, 298, n, 44)]
        return out
    if ch == "Q":
        return [ring, L(*{"long": ((.6, .7), (1.02, 1.06)), "short": ((.75, .8), (1.0, 1.04)), "inside": ((.5, .66), (.85, .96))}[st.q_tail])]
    if ch == "C":
        return [_arc(.5, .5, .5, .5, -38, -322, n, 36)]
    if ch == "G":
        out = [_arc(.5, .5, .5, .5, -40, -352, n, 36)]
        return out + [L((st.g_bar, st.g_rise), (1., st.g_rise), (1., 1.) if st.g_spur else (1., .7))]
    if ch == "D":
        return [L((0, 0), (0, 1)), _bowl_right(0, 1, 0, n)]
    if ch == "B":
        return [L((0, 0), (0, 1)), _bowl_right(0, m, 0, n, .92), _bowl_right(m, 1, 0, n)]
    if ch == "P":
        return [L((0, 0), (0, 1)), _bowl_right(0, m + .08, 0, n)]
    if ch == "R":
        return [L((0, 0), (0, 1)), _bowl_right(0, m + .06, 0, n), L((.5, m + .06), (1, 1))]
    if ch == "A":
        f = st.a_flat
        return [L((0, 1), (.5 - f, 0), (.5 + f, 0), (1, 1)), L((.17, .68), (.83, .68))]
    if ch == "E":
        return [L((1, 0), (0, 0), (0, 1), (1, 1)), L((0, m), (.85, m))]
    if ch == "F":
        return [L((1, 0), (0, 0), (0, 1)), L((0, m), (.85, m))]
    if ch == "H":
        return [L((0, 0), (0, 1)), L((1, 0), (1, 1)), L((0, m), (1, m))]
    if ch == "I":
        return [L((.5, 0), (.5, 1))] + ([L((.2, 0), (.8, 0)), L((.2, 1), (.8, 1))] if st.i_serif else [])
    if ch == "1":
        out = [L((.5 - st.flag, st.flag * .62), (.5, 0), (.5, 1))]
        if st.one == "bar":
            out = [L((.5, 0), (.5, 1))]
        if st.one == "foot":
            out.append(L((.1, 1), (.9, 1)))
        return out
    if ch == "J":
        return [_join(L((.9, 0), (.9, .65)), _arc(.45, .68, .45, .32, 0, 170, n))] + ([L((.4, 0), (.9, 0))] if st.j_bar else [])
    if ch == "K":
        return [L((0, 0), (0, 1)), L((1, 0), (0, .62)), L((.32, .43), (1, 1))]
    if ch == "L":
        return [L((0, 0), (0, 1), (1, 1))]
    if ch == "M":
        return [L((0, 1), (0, 0), (.5, st.m_mid), (1, 0), (1, 1))]
    if ch == "N":
        return [L((0, 1), (0, 0), (1, 1), (1, 0))]
    if ch == "S":
        return [_join(_arc(.5, m / 2, .48, m / 2, -25, -270, n), _arc(.5, (1 + m) / 2, .5, (1 - m) / 2, -90, 155, n))]
    if ch == "T":
        return [L((0, 0), (1, 0)), L((.5, 0), (.5, 1))]
    if ch == "U":
        return [_join(L((0, 0)), _arc(.5, .62, .5, .38, 180, 0, n), L((1, 0)))]
    if ch == "V":
        return [L((0, 0), (.5, 1), (1, 0))]
    if ch == "W":
        return [L((0, 0), (st.taper, 1), (.5, st.w_mid), (1 - st.taper, 1), (1, 0))]
    if ch == "X":
        return [L((0, 0), (1, 1)), L((1, 0), (0, 1))]
    if ch == "Y":
        return [L((0, 0), (.5, .52), (1, 0)), L((.5, .52), (.5, 1))]
    if ch == "Z":
        return [L((0, 0), (1, 0), (0, 1), (1, 1))]
    if ch == "2":
        return [_join(_arc(.5, .3, .48, .3, 190, 385, n), L((0, 1), (1, 1)))]
    if ch == "3":
        if st.three == "flat":
            return [_join(L((.05, 0), (.92, 0), (.45, .4)), _arc(.45, .7, .53, .3, -90, 155, n))]
        return [_join(_arc(.48, m / 2, .46, m / 2, -155, 90, n), _arc(.48, (1 + m) / 2, .52, (1 - m) / 2, -90, 155, n))]
    if ch == "4":
        if st.four == "open":
            y, x = st.four_bar, st.four_top
            return [L((x, 0), (0, y), (1, y)), L((.74, y - .22), (.74, 1))]
        return [L((.72, 1), (.72, 0), (0, .72), (1, .72))]
    if ch == "5":
        return [_join(L((.92, 0), (.12, 0), (.06, .45)), _arc(.48, .68, .52, .32, -140, 155, n))]
    if ch in "69":
        if st.nine == "straight":
            p = [_arc(.5, .67, .5, .33, 0, 360, n, 40), L((.06, .55), (.6, 0))]
        else:
            p = [_arc(.5, .68, .5, .32, 0, 360, n, 40), _join(_arc(.5, .32, .5, .32, -30, -180, n), L((0, .68)))]
        return p if ch == "6" else [1 - q for q in p]
    if ch == "7":
        if st.seven == "curved":
            return [_join(L((0, 0), (1, 0)), _arc(1.3, 1., .9, .85, -110, -180, 2))]
        return [L((0, 0), (1, 0), (.35, 1))] + ([L((.3, .5), (.9, .5))] if st.seven == "bar" else [])
    if ch == "8":
        return [_arc(.5, m / 2, .46, m / 2, 0, 360, n, 36), _arc(.5, (1 + m) / 2, .5, (1 - m) / 2, 0, 360, n, 36)]
    raise KeyError(ch)


_REL = {"I": .25, "1": .6, "J": .85, "L": .9, "E": .9, "F": .88, "T": .95, "Q": 1.0}


def glyph_mask(ch, st, height=64):
    """Mask uint8 [height*1.25, w] of `ch`: cap height `height`, an eighth of it above and below, tight in x."""
    s = 2
    h = height * s
    t = max(2, int(round(st.stroke * h)))
    rel = _REL.get(ch, 1.0)
    if ch == "I" and st.i_serif:
        rel = .6
    if ch == "1" and st.one == "bar":
        rel = .25
    if ch in "MW":
        rel = st.mw
    w = max(t + 1, int(st.width * rel * h))
    pad = h // 8
    img = np.zeros((h + 2 * pad, w + 2 * t + 8), np.uint8)
    for line in centre_lines(ch, st):
        p = np.stack([line[:, 0] * (w - t) + t / 2 + t / 2 + 4, line[:, 1] * (h - t) + t / 2 + pad], 1)
        cv2.polylines(img, [np.round(p * 16).astype(np.int32)], False, 255, t, cv2.LINE_AA, 4)
    xs = np.flatnonzero(img.max(0) > 32)
    img = img[:, max(0, xs[0] - 1):xs[-1] + 2]
    return cv2.resize(img, (max(2, img.shape[1] // s), (h + 2 * pad) // s), interpolation=cv2.INTER_AREA)


def random_style(rng):
    """A new alphabet (`rng`: random.Random)."""
    c = rng.choice
    return StrokeStyle(
        width=rng.uniform(.42, .72), stroke=rng.uniform(.09, .19), square=rng.uniform(2.0, 5.0), mid=rng.uniform(.42, .52),
        zero=c(["plain"] * 8 + ["slit", "slash", "narrow", "dot", "narrow"]), one=c(["flag", "flag", "foot", "bar"]),
        four=c(["closed", "closed", "open"]), seven=c(["straight", "straight", "curved", "bar"]),
        nine=c(["curved", "curved", "straight"]), three=c(["round", "round", "round", "flat"]), i_serif=rng.random() < .35,
        j_bar=rng.random() < .35, g_spur=rng.random() < .5, w_mid=c([0, .2, .35, .5, .6]), m_mid=rng.uniform(.4, 1.0),
        a_flat=c([0, 0, .06, .12]), mw=rng.uniform(.95, 1.35), q_tail=c(["long", "short", "inside"]), g_bar=rng.uniform(.45, .85), g_rise=rng.uniform(.5, .64),
        taper=rng.uniform(.12, .27), flag=rng.uniform(.2, .42), four_bar=rng.uniform(.68, .8), four_top=rng.uniform(.35, .65))


# what is typical of some countries' dies; the rest is drawn at random around it
PRESETS = {
    "ny": dict(width=(.42, .52), stroke=(.10, .15), square=(3.2, 5), one=["foot", "flag"], four=["closed"], w_mid=[.35, .5, .6], m_mid=(.5, .7), mw=(.95, 1.1),
               zero=["plain"], i_serif=[True], j_bar=[True, False], q_tail=["short", "inside"]),
    "br": dict(width=(.48, .6), stroke=(.14, .19), square=(3, 5), one=["bar", "flag"], flag=(.2, .3), zero=["plain"], w_mid=[.3, .45], m_mid=(.5, .8), mw=(1, 1.2),
               q_tail=["inside", "short"], i_serif=[False], four=["closed"]),
    "vn": dict(width=(.42, .56), stroke=(.12, .18), square=(2.4, 3.8), one=["flag"], flag=(.22, .4), four=["open", "open", "closed"], zero=["plain"], nine=["curved"],
               seven=["straight"], mw=(1, 1.2), w_mid=[0, .3]),
    "it": dict(width=(.5, .6), stroke=(.10, .14), square=(2.6, 4), g_spur=[False, False, True], g_bar=(.55, .86), g_rise=(.5, .64), w_mid=[0, .3], mw=(1.1, 1.35), one=["flag"], zero=["plain"]),
    "uk": dict(width=(.58, .68), stroke=(.15, .19), square=(2.6, 3.6), one=["bar", "flag"], flag=(.2, .3), zero=["plain"], i_serif=[False], mw=(1.1, 1.3), m_mid=(.5, .7)),
    "de": dict(width=(.5, .6), stroke=(.11, .15), square=(2.1, 2.8), zero=["slit", "plain", "narrow"], three=["flat", "round"], one=["flag"], i_serif=[True, False],
               four=["closed", "open"], mw=(1.05, 1.25)),
    "din": dict(width=(.45, .58), stroke=(.11, .16), square=(2.3, 3.4), one=["flag"], four=["open", "closed"], zero=["plain", "narrow"], mw=(1.1, 1.35)),
}


def preset_style(name, rng):
    """An alphabet like the one named in PRESETS."""
    p = PRESETS[name]
    drawn = {k: rng.uniform(*v) if isinstance(v, tuple) else rng.choice(v) for k, v in p.items()}
    return replace(random_style(rng), **drawn)
