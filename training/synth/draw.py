"""Drawing on a plate: blending masks, small print, emblems, stickers, graphic backgrounds, screws.

All pictures are uint8 [H,W,3] RGB, changed in place; `rng` is a `random.Random`; sizes are pixels.
"""
import math

import cv2
import numpy as np

from . import fonts


def blend(img, mask, x, y, colour, alpha=1.0):
    """Paint `colour` through `mask` (uint8 [h,w]) with its upper left corner at (x, y); clipped at the edges."""
    H, W = img.shape[:2]
    h, w = mask.shape
    x, y = int(round(x)), int(round(y))
    x0, y0, x1, y1 = max(0, x), max(0, y), min(W, x + w), min(H, y + h)
    if x1 <= x0 or y1 <= y0:
        return
    m = mask[y0 - y:y1 - y, x0 - x:x1 - x, None].astype(np.uint16)
    if alpha < 1:
        m = (m * alpha).astype(np.uint16)
    roi = img[y0:y1, x0:x1]
    roi[...] = ((roi.astype(np.uint16) * (255 - m) + np.asarray(colour, np.uint16) * m) // 255).astype(np.uint8)


def text_mask(text, path, height):
    """Mask uint8 of a line of small print, `height` px from ascender to baseline or so."""
    f = fonts.truetype(path, max(5, int(height * 1.3)))
    m = f.getmask(text)
    if m.size[0] == 0 or m.size[1] == 0:
        return np.zeros((2, 2), np.uint8)
    return np.array(m, np.uint8).reshape(m.size[1], m.size[0])


def small_text(img, text, cx, cy, height, colour, rng, path=None, max_width=None, alpha=1.0):
    """A line of small print centred on (cx, cy)."""
    m = text_mask(text, path or rng.choice(fonts.small_fonts()), height)
    if max_width and m.shape[1] > max_width:
        m = cv2.resize(m, (max(2, int(max_width)), m.shape[0]), interpolation=cv2.INTER_AREA)
    blend(img, m, cx - m.shape[1] / 2, cy - m.shape[0] / 2, colour, alpha)


def random_colour(rng, lo=0, hi=255):
    return tuple(rng.randint(lo, hi) for _ in range(3))


def jitter(colour, rng, by=14):
    """`colour` a little off, as paint, age and light make it."""
    g = rng.gauss(0, by)
    return tuple(int(min(255, max(0, c + g + rng.gauss(0, by / 3)))) for c in colour)


def _poly(img, pts, colour):
    cv2.fillPoly(img, [np.round(np.array(pts) * 8).astype(np.int32)], colour, cv2.LINE_AA, 3)


def _blob(rng, n, cx, cy, rx, ry, rough=.35):
    return [(cx + rx * math.cos(a) * (1 - rng.random() * rough), cy + ry * math.sin(a) * (1 - rng.random() * rough))
            for a in np.linspace(0, 2 * math.pi, n, endpoint=False)]


def emblem(img, cx, cy, w, h, rng, colour=None):
    """A seal, coat of arms, map outline, flower, tree, animal, flag or ornament in a w × h box."""
    c = colour or random_colour(rng, 0, 220)
    c2 = random_colour(rng)
    k = rng.choice(["seal", "seal", "arms", "arms", "map", "map", "star", "flower", "tree", "animal", "flag", "disc", "crown", "ring", "bars"])
    r = min(w, h) / 2
    ic, ir = (int(cx * 8), int(cy * 8)), max(8, int(r * 8))
    if k in ("seal", "disc", "ring"):
        cv2.circle(img, ic, ir, c, -1 if k != "ring" else max(1, int(r / 5)), cv2.LINE_AA, 3)
        if k == "seal":
            cv2.circle(img, ic, int(ir * .72), c2, -1, cv2.LINE_AA, 3)
            if rng.random() < .6:
                _poly(img, _blob(rng, 7, cx, cy, r * .5, r * .5), random_colour(rng))
            else:
                small_text(img, "".join(rng.choices("ABCDEHKLMNRST0123456789", k=rng.randint(1, 2))), cx, cy, r * .7, c, rng)
    elif k == "arms":
        p = [(cx - w / 2, cy - h / 2), (cx + w / 2, cy - h / 2), (cx + w / 2, cy + h * .1), (cx, cy + h / 2), (cx - w / 2, cy + h * .1)]
        _poly(img, p, c)
        if rng.random() < .5:
            _poly(img, [(cx, cy - h * .42), (cx + w * .4, cy - h * .42), (cx + w * .4, cy), (cx, cy)], c2)
            _poly(img, [(cx - w * .4, cy), (cx, cy), (cx, cy + h * .4)], c2)
        else:
            n = 4
            for i in range(n):
                for j in range(n):
                    if (i + j) % 2:
                        a, b = cx - w * .4 + i * w * .2, cy - h * .4 + j * h * .2
                        _poly(img, [(a, b), (a + w * .2, b), (a + w * .2, b + h * .2), (a, b + h * .2)], c2)
    elif k == "map":
        _poly(img, _blob(rng, rng.randint(5, 11), cx, cy, w / 2, h / 2, .5), c)
    elif k == "star":
        n = rng.choice([5, 5, 6, 8])
        _poly(img, [(cx + r * (1 if i % 2 == 0 else .45) * math.sin(math.pi * i / n), cy - r * (1 if i % 2 == 0 else .45) * math.cos(math.pi * i / n))
                    for i in range(2 * n)], c)
    elif k == "flower":
        for a in np.linspace(0, 2 * math.pi, rng.randint(3, 6), endpoint=False):
            cv2.circle(img, (int((cx + r * .5 * math.cos(a)) * 8), int((cy + r * .5 * math.sin(a)) * 8)), int(ir * .45), c, -1, cv2.LINE_AA, 3)
        cv2.circle(img, ic, int(ir * .3), c2, -1, cv2.LINE_AA, 3)
    elif k == "tree":
        for i in range(3):
            t = cy - h / 2 + i * h * .25
            _poly(img, [(cx, t), (cx + w * (.2 + i * .13), t + h * .4), (cx - w * (.2 + i * .13), t + h * .4)], c)
    elif k == "animal":
        for _ in range(rng.randint(3, 6)):
            cv2.ellipse(img, (int(cx + rng.uniform(-.35, .35) * w), int(cy + rng.uniform(-.3, .3) * h)),
                        (max(1, int(w * rng.uniform(.08, .3))), max(1, int(h * rng.uniform(.08, .25)))), rng.uniform(0, 180), 0, 360, c, -1, cv2.LINE_AA)
    elif k == "flag":
        cols = [random_colour(rng) for _ in range(3)]
        for i, q in enumerate(cols):
            a = cy - h * .35 + i * h * .23
            _poly(img, [(cx - w / 2, a), (cx + w / 2, a), (cx + w / 2, a + h * .23), (cx - w / 2, a + h * .23)], q)
    elif k == "crown":
        _poly(img, [(cx - w / 2, cy + h * .3), (cx - w / 2, cy - h * .2), (cx - w * .2, cy + h * .05), (cx, cy - h * .35),
                    (cx + w * .2, cy + h * .05), (cx + w / 2, cy - h * .2), (cx + w / 2, cy + h * .3)], c)
    else:
        for i in range(3):
            cv2.line(img, (int(cx - w / 2), int(cy - h * .3 + i * h * .3)), (int(cx + w / 2), int(cy - h * .3 + i * h * .3)), c, max(1, int(h * .1)), cv2.LINE_AA)


def sticker(img, x, y, w, h, rng):
    """A year, month or inspection sticker with its own small figures."""
    c = random_colour(rng, 40, 255)
    x, y, w, h = int(x), int(y), int(w), int(h)
    if rng.random() < .15:
        cv2.rectangle(img, (x, y), (x + w, y + h), c, 1)
        return
    cv2.rectangle(img, (x, y), (x + w, y + h), c, -1)
    fg = (255, 255, 255) if sum(c) < 380 else random_colour(rng, 0, 80)
    t = rng.choice(["%02d" % rng.randint(0, 31), "%d" % rng.randint(1, 12), "%d" % rng.randint(1990, 2026), "20%02d" % rng.randint(0, 29),
                    rng.choice("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())])
    small_text(img, t, x + w / 2, y + h / 2, h * rng.uniform(.45, .75), fg, rng, max_width=w * .9)
    if rng.random() < .3:
        small_text(img, "%d%d" % (rng.randint(1, 9), rng.randint(10000, 999999)), x + w / 2, y + h - h * .12, h * .18, fg, rng, max_width=w * .9)


def graphic_background(img, fg, rng):
    """Gradients and faint scenery behind the characters, kept away from the colour of the characters `fg`."""
    h, w = img.shape[:2]
    dark = sum(fg) > 400
    lo, hi = (10, 110) if dark else (130, 255)
    stops = [np.array(random_colour(rng, lo, hi), np.float32) for _ in range(rng.choice([2, 2, 3]))]
    if rng.random() < .4:
        stops[0] = np.array(img[h // 2, w // 2], np.float32)
    t = np.linspace(0, len(stops) - 1, h)
    col = np.stack([np.interp(t, range(len(stops)), [s[i] for s in stops]) for i in range(3)], 1)
    img[...] = col[:, None].astype(np.uint8)
    layer = img.copy()
    for _ in range(rng.randint(0, 4)):
        c = random_colour(rng, lo, hi)
        k = rng.choice("mountain sun wave band blob blob skyline".split())
        if k == "mountain":
            base = h * rng.uniform(.4, 1)
            pts = [(0, h)] + [(x, base - rng.uniform(0, .4) * h) for x in np.linspace(0, w, rng.randint(4, 12))] + [(w, h)]
            _poly(layer, pts, c)
        elif k == "sun":
            cv2.circle(layer, (rng.randint(0, w), rng.randint(0, h)), rng.randint(h // 8, h // 2), c, -1, cv2.LINE_AA)
        elif k == "wave":
            a, p, b = h * rng.uniform(.03, .15), rng.uniform(.5, 3), h * rng.uniform(.2, .9)
            _poly(layer, [(0, h)] + [(x, b + a * math.sin(p * x / w * 6.3)) for x in np.linspace(0, w, 24)] + [(w, h)], c)
        elif k == "band":
            y = rng.uniform(0, h)
            cv2.rectangle(layer, (0, int(y)), (w, int(y + h * rng.uniform(.05, .3))), c, -1)
        elif k == "skyline":
            x = 0
            while x < w:
                s = rng.randint(max(2, w // 40), w // 10)
                cv2.rectangle(layer, (x, int(h * rng.uniform(.55, .95))), (x + s, h), c, -1)
                x += s
        else:
            _poly(layer, _blob(rng, 12, rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(.05, .3), h * rng.uniform(.1, .5)), c)
    cv2.addWeighted(layer, .8, img, .2, 0, dst=img)


def screws(img, rng, two_up=False):
    """Bolts or bolt slots where plates have them."""
    h, w = img.shape[:2]
    r = max(1, int(h * rng.uniform(.02, .05)))
    spots = [(.06, .5), (.94, .5)] if not two_up else [(.15, .1), (.85, .1), (.15, .9), (.85, .9)]
    if rng.random() < .3:
        spots = [(rng.uniform(.05, .3), rng.choice([.1, .5, .9])), (rng.uniform(.7, .95), rng.choice([.1, .5, .9]))]
    for fx, fy in spots:
        c = random_colour(rng, 20, 235) if rng.random() < .7 else (15, 15, 15)
        x, y = int(fx * w + rng.gauss(0, 1)), int(fy * h)
        if rng.random() < .4:
            cv2.ellipse(img, (x, y), (r * 2, r), 0, 0, 360, c, -1, cv2.LINE_AA)
        else:
            cv2.circle(img, (x, y), r, c, -1, cv2.LINE_AA)
            cv2.circle(img, (x - 1, y - 1), max(1, r // 2), jitter(c, rng, 40), -1, cv2.LINE_AA)


def dirt(img, rng):
    """Spatter, smears or dust; light enough to leave the characters legible."""
    h, w = img.shape[:2]
    k = rng.random()
    c = np.array(rng.choice([(95, 80, 60), (60, 55, 50), (140, 130, 115), (40, 40, 40), (200, 200, 205)]), np.float32)
    if k < .5:
        m = np.zeros((h, w), np.uint8)
        for _ in range(rng.randint(3, 40)):
            cv2.circle(m, (rng.randint(0, w - 1), rng.randint(0, h - 1)), rng.choice([1, 1, 1, 2, 3]), rng.randint(60, 220), -1)
        m = cv2.blur(m, (3, 3))
    else:
        n = np.array([[rng.random() for _ in range(8)] for _ in range(4)], np.float32)
        m = cv2.resize(n, (w, h), interpolation=cv2.INTER_CUBIC)
        if rng.random() < .5:
            m = m * np.linspace(rng.random(), 1, h, dtype=np.float32)[:, None]
        m = (np.clip(m * 1.4 - .4, 0, 1) * rng.uniform(60, 170)).astype(np.uint8)
    a = m[..., None].astype(np.float32) / 255
    img[...] = (img * (1 - a) + c * a).astype(np.uint8)
