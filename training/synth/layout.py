"""Characters, gaps and emblems of one row set out and painted; geometry of every character comes back."""
import cv2
import numpy as np

from . import draw, fonts


def pick_font(groups, rng):
    """A set of glyphs: an alphabet of strokes ('stroke', 'stroke:PRESET') or one of the installed fonts of the groups given."""
    from . import strokes
    g = rng.choice(groups)
    have = fonts.plate_fonts()
    if g not in have:
        return _stroke_pool(rng, strokes, g.partition(":")[2])
    return rng.choice(have[g])


_POOL = {}


def _stroke_pool(rng, strokes, name):
    """Stroke alphabets are drawn once and kept (400 free ones, 60 of each preset), since drawing glyphs is the slow part."""
    pool = _POOL.setdefault(name, [])
    if len(pool) < (60 if name else 400):
        pool.append(fonts.StrokeGlyphs(strokes.preset_style(name, rng) if name else strokes.random_style(rng)))
        return pool[-1]
    return rng.choice(pool)


def row_items(tokens, rng, sep_emblem=.75):
    """Tokens of one row -> items ('c', ch) | ('gap', em) | ('dash'|'dot'|'emblem', None)."""
    out = []
    for k, v in tokens:
        if k == "c":
            out.append(("c", v))
        elif v == " ":
            out.append(("gap", rng.uniform(.25, .75)))
        elif v == ":":
            out.append(("gap", rng.uniform(.08, .22)))
        elif v == "-":
            out.append(("dash", None) if rng.random() < .85 else ("gap", .4))
        elif v == ".":
            out.append(("dot", None))
        elif v == "*":
            out.append(("emblem", None) if rng.random() < sep_emblem else ("gap", .6))
    return out


def put_row(img, ink, items, x0, x1, cy, h, glyphs, rng, fg, style, row):
    """Paint one row centred in [x0, x1] around `cy`, character height `h` px, squeezed when it does not fit.

    `ink`: uint8 mask of all characters, painted by the caller in one go. Returns [(x0,y0,x1,y1,row)] a character.
    `style`: dict with `gap` (space between characters / h), `pitch` (equal cells or None), `sx` (stretch),
    `emblem` (size / h), `small_last` (scale of the last group or None), `small_rise` (where it stands: .4 top, -.4 bottom)."""
    sx = style["sx"] * h / fonts.CAP
    widths, kinds = [], []
    last_group = max((i for i, (k, _) in enumerate(items) if k != "c"), default=-1)
    for i, (k, v) in enumerate(items):
        if k == "c":
            m = glyphs.glyph(v)
            s = style["small_last"] if style["small_last"] and i > last_group >= 0 else 1
            w = m.shape[1] * sx * s
            if style["pitch"]:
                w = max(w, style["pitch"] * h * style["sx"] * s)
            widths.append(w + style["gap"] * h)
        elif k == "gap":
            widths.append(v * h)
        elif k == "emblem":
            widths.append((style["emblem"] * 1.1 + .1) * h)
        else:
            widths.append(rng.uniform(.28, .45) * h)
        kinds.append(k)
    total = sum(widths)
    k = min(1.0, (x1 - x0) / max(1, total))
    if style["justify"] and k == 1 and total > .6 * (x1 - x0):
        k = min(1.18, (x1 - x0) / total)
    x = (x0 + x1) / 2 - total * k / 2
    x += style["shift"] * ((x1 - x0) - total * k) / 2
    boxes = []
    for i, ((kind, v), w) in enumerate(zip(items, widths)):
        w *= k
        if kind == "c":
            s = style["small_last"] if style["small_last"] and i > last_group >= 0 else 1
            m = glyphs.glyph(v)
            gw = max(2, int(round(min(m.shape[1] * sx * s * min(k, 1.0), w - .02 * h))))
            gh = max(4, int(round(h * s * 1.25)))
            g = cv2.resize(m, (gw, gh), interpolation=cv2.INTER_AREA)
            gx, gy = int(round(x + (w - gw) / 2)), int(round(cy - gh / 2 - (h - h * s) * style["small_rise"]))
            gy = max(0, min(gy, ink.shape[0] - gh))
            a, b = max(0, gx), min(ink.shape[1], gx + gw)
            if b > a and gh <= ink.shape[0]:
                roi = ink[gy:gy + gh, a:b]
                np.maximum(roi, g[:, a - gx:b - gx], out=roi)
            boxes.append((gx, gy + gh * .1, gx + gw, gy + gh * .9, row))
        elif kind == "dash":
            t = max(1, int(h * rng.uniform(.07, .16)))
            cv2.rectangle(ink, (int(x + w * .12), int(cy - t / 2)), (int(x + w * .88 - style["gap"] * h * .5), int(cy + t / 2)), 255, -1)
        elif kind == "dot":
            c = cy if rng.random() < .6 else cy + h * .4
            cv2.circle(ink, (int(x + w / 2), int(c)), max(1, int(h * rng.uniform(.05, .1))), 255, -1, cv2.LINE_AA)
        elif kind == "emblem":
            e = style["emblem"] * h
            n = 2 if style["double_emblem"] else 1
            for j in range(n):
                yy = cy + (j - (n - 1) / 2) * e * .55
                draw.emblem(img, x + w / 2 - style["gap"] * h / 2, yy, e / n ** .5 * .95, e / n ** .5 * style["emblem_tall"], rng,
                            fg if rng.random() < .4 else None)
        x += w
    return boxes
