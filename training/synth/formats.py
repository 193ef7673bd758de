"""Plate text patterns: `D` digit, `N` digit 1-9, `L` letter of the region's alphabet, `X` letter or digit,
`{A|B}` one of some literals; separators that are drawn but not read: space, `-`, `.`, `*` (emblem), `:` (small
gap), `/` (next row). `fill` turns a pattern into tokens [(kind, char)], kind 'c' for characters of the text."""

FULL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NO_IO = "ABCDEFGHJKLMNPQRSTUVWXYZ"
NO_IOQ = "ABCDEFGHJKLMNPRSTUVWXYZ"
FR = "ABCDEFGHJKLMNPQRSTVWXYZ"
ES = "BCDFGHJKLMNPRSTVWXYZ"
NL = "BDFGHJKLNPRSTVXZ"
CYR = "ABEKMHOPCTYX"            # Cyrillic letters drawn like Latin ones (Russia, Ukraine also I)
DIGITS = "0123456789"
ALIKE = ("17", "27", "1I7", "WM", "GC", "B8", "O0QD", "0U", "38", "6H", "5S", "2Z", "G6", "VY", "NM")   # misread in narrow dies


def _tokens(pattern):
    i = 0
    while i < len(pattern):
        c = pattern[i]
        if c == "{":
            j = pattern.index("}", i)
            yield "choice", pattern[i + 1:j].split("|")
            i = j + 1
            continue
        if c in "DNLX":
            yield "draw", c
        elif c in " -.*:/":
            yield "sep", c
        else:
            yield "literal", c
        i += 1


def fill(pattern, alphabet, rng, scramble=False):
    """Tokens of one plate. `scramble`: every character is drawn anew from A-Z0-9, the layout stays; one such plate in four is
    mostly of characters that look alike."""
    alike = scramble and rng.random() < .25
    anything = DIGITS * 2 + FULL.replace("O", "").replace("I", "").replace("Q", "") * 2 + "OOIIQ"
    out = []
    for kind, v in _tokens(pattern):
        if kind == "sep":
            out.append(("s", v))
            continue
        t = rng.choice(v) if kind == "choice" else v if kind == "literal" else None
        if t is None:
            t = rng.choice({"D": DIGITS, "N": DIGITS[1:], "L": alphabet, "X": alphabet + DIGITS}[v])
        if scramble:
            t = "".join(rng.choice(rng.choice(ALIKE)) if alike and rng.random() < .8 else rng.choice(anything) for _ in t)
        out.extend(("c", c) for c in t)
    return out


def random_pattern(rng, rows=1):
    """A layout of 2 to 10 free characters in 1 to 4 groups, on one or two rows."""
    total = min(10, max(2, int(rng.gauss(6.6, 1.6)))) if rows == 1 else rng.randint(4, 10)
    if rows == 2:
        a = min(max(1, total // 2 + rng.randint(-2, 1)), 5)
        b = min(6, total - a)
        return _split("X" * a, rng, .5) + "/" + _split("X" * b, rng, .4)
    return _split("X" * total, rng, .75)


def _split(s, rng, p):
    out = s[0]
    for c in s[1:]:
        if rng.random() < p * 1.4 / max(2, len(s)):
            out += rng.choice([" ", " ", " ", "-", "-", ".", "*", "*", ":"])
        out += c
    return out


def text_of(tokens):
    """(text, rows): the characters in reading order and how many of them are in each row."""
    rows, n = [], 0
    for k, c in tokens:
        if k == "c":
            n += 1
        elif c == "/":
            rows.append(n)
            n = 0
    return "".join(c for k, c in tokens if k == "c"), [r for r in rows + [n]]
