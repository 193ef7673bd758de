"""Fonts of the generator: where they are, which really have the glyphs, and glyph masks at one size.

Sources: `@fontsource/*` packages (training/synth/fonts/package.json, all SIL OFL or Apache) and Debian font
packages (listed in training/README.md). A font is used only when every wanted glyph is in its character map,
renders to something, and differs from the font's "missing glyph" box.
"""
import functools
import glob
import os

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from . import strokes

HERE = os.path.dirname(os.path.abspath(__file__))
FONTSOURCE = os.environ.get("PLATEGATE_FONTSOURCE", os.path.join(HERE, "fonts", "node_modules", "@fontsource"))
SYSTEM = os.environ.get("PLATEGATE_FONTS", "/usr/share/fonts")
CAP = 64                      # cap height in pixels of every glyph mask
LATIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
THAI = "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"

# family -> (weights to take); by likeness to what plates use
PLATE = {
    "condensed": {"barlow-condensed": (500, 600, 700), "barlow-semi-condensed": (500, 600), "saira-condensed": (500, 600),
                  "saira-extra-condensed": (600, 700), "oswald": (400, 500), "archivo-narrow": (500, 700), "fjalla-one": (400,),
                  "fira-sans-condensed": (500, 600), "fira-sans-extra-condensed": (600,), "ibm-plex-sans-condensed": (500, 600),
                  "roboto-condensed": (500, 700), "pt-sans-narrow": (700,), "ubuntu-condensed": (400,), "sofia-sans": (600,),
                  "antonio": (500, 700), "alumni-sans": (600,), "asap-condensed": (600,), "encode-sans-condensed": (600,),
                  "bebas-neue": (400,), "big-shoulders-display": (600, 700), "league-gothic": (400,), "teko": (500,),
                  "khand": (600,), "staatliches": (400,), "anton": (400,), "passion-one": (400,), "jockey-one": (400,)},
    "regular": {"barlow": (500, 600, 700), "saira": (500, 600), "saira-semi-condensed": (500, 600), "overpass": (600, 700),
                "archivo": (600, 700), "b612": (700,), "public-sans": (600,), "roboto": (500, 700), "titillium-web": (600, 700),
                "norwester": (400,), "league-spartan": (600,), "monda": (700,), "play": (700,), "blinker": (600,),
                "tomorrow": (500,), "exo-2": (600,), "dosis": (600, 700), "rajdhani": (600, 700)},
    "mono": {"share-tech-mono": (400,), "share-tech": (400,), "overpass-mono": (600, 700), "b612-mono": (400, 700),
             "fira-mono": (500, 700), "ibm-plex-mono": (500, 600), "roboto-mono": (500, 600), "red-hat-mono": (600,),
             "space-mono": (700,), "source-code-pro": (600,), "jetbrains-mono": (600,), "dm-mono": (500,), "cousine": (700,)},
    "rounded": {"m-plus-rounded-1c": (500, 700), "varela-round": (400,), "nunito": (600, 700)},
    "odd": {"chakra-petch": (600,), "quantico": (700,), "russo-one": (400,), "oxanium": (600,), "aldrich": (400,),
            "saira-stencil-one": (400,), "graduate": (400,), "rokkitt": (600,), "zilla-slab": (600,)},
}
DEBIAN = {
    "condensed": ["NimbusSansNarrow-Bold.otf", "LiberationSansNarrow-Bold.ttf", "RG2014C.ttf", "RG2014D.ttf", "RG2014B.ttf",
                  "OSP-DIN.ttf", "DejaVuSansCondensed-Bold.ttf", "routed-gothic-narrow.ttf"],
    "regular": ["NimbusSans-Bold.otf", "LiberationSans-Bold.ttf", "LiberationSans-Regular.ttf", "RG2014E.ttf", "RG2014EM.ttf",
                "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "routed-gothic.ttf", "osifont.ttf", "tiresias_signfont_bold.ttf"],
    "mono": ["DejaVuSansMono-Bold.ttf", "LiberationMono-Bold.ttf", "NimbusMonoPS-Bold.otf"],
    "odd": ["LiberationSerif-Bold.ttf", "DejaVuSerif-Bold.ttf"],
}
SMALL = ["barlow", "roboto-condensed", "oswald", "archivo", "pt-sans-narrow", "merriweather", "playfair-display", "cinzel", "rokkitt",
         "lobster", "pacifico", "dancing-script", "kaushan-script", "public-sans", "anton", "graduate"]
SCRIPTS = {"arabic": "cairo", "devanagari": "noto-sans-devanagari"}
THAI_FAMILIES = ["sarabun", "kanit", "prompt", "bai-jamjuree", "k2d", "sriracha", "taviraj", "anuphan", "ibm-plex-sans-thai",
                 "noto-sans-thai", "noto-serif-thai", "chakra-petch"]


def _fontsource(family, weight, subset="latin"):
    for w in (weight, 400, 500, 600, 700):
        p = os.path.join(FONTSOURCE, family, "files", f"{family}-{subset}-{w}-normal.woff")
        if os.path.exists(p):
            return p
    return None


@functools.lru_cache(None)
def _system_index():
    return {os.path.basename(p): p for e in ("ttf", "otf", "t1") for p in glob.glob(os.path.join(SYSTEM, "**", "*." + e), recursive=True)}


@functools.lru_cache(4096)
def truetype(path, size):
    """A PIL font object of `path` (ttf, otf or woff) at `size` pixels."""
    return ImageFont.truetype(path, size)


def has_glyphs(path, chars):
    """True when every one of `chars` renders in `path`, none as the missing-glyph box and none alike but O/0, I/1."""
    try:
        f = truetype(path, 32)
        missing = bytes(f.getmask("\uffff"))
        seen = {}
        for c in chars:
            m = f.getmask(c)
            b = bytes(m)
            if m.getbbox() is None or (b == missing and c not in "I1"):
                return False
            if b in seen and {c, seen[b]} not in ({"O", "0"}, {"I", "1"}, {"O", "Q"}):
                return False
            seen[b] = c
        return True
    except OSError:
        return False


class TrueTypeGlyphs:
    """Glyph masks of one font file, cap height `CAP`."""

    def __init__(self, path, chars=LATIN, bold=0):
        self.path, self.cache, self.bold = path, {}, bold
        thai = chars is THAI            # room for the parts of Thai letters above and below the line
        box = truetype(path, 200).getbbox("ก" if thai else "H", anchor="ls")
        self.size = max(8, int(round(200 * CAP * (.84 if thai else 1) / max(1, -box[1]))))
        self.base = CAP * (1.03 if thai else 1.125)

    def glyph(self, ch):
        """Mask uint8 [CAP*1.25, w] (an eighth above and below the cap height, tight in x)."""
        m = self.cache.get(ch)
        if m is None:
            f = truetype(self.path, self.size)
            x0, _, x1, _ = f.getbbox(ch, anchor="ls")
            im = Image.new("L", (max(4, x1 - x0 + 8), CAP * 5 // 4))
            ImageDraw.Draw(im).text((4 - x0, self.base), ch, 255, font=f, anchor="ls")
            a = np.asarray(im)
            if self.bold:
                a = cv2.dilate(a, np.ones((self.bold, self.bold), np.uint8))
            xs = np.flatnonzero(a.max(0) > 32)
            m = self.cache[ch] = np.ascontiguousarray(a[:, xs[0]:xs[-1] + 1]) if len(xs) else np.zeros((CAP * 5 // 4, 4), np.uint8)
        return m


class StrokeGlyphs:
    """Glyph masks of one parametric alphabet."""

    def __init__(self, style):
        self.style, self.cache = style, {}

    def glyph(self, ch):
        """Mask uint8 [CAP*1.25, w]."""
        m = self.cache.get(ch)
        if m is None:
            m = self.cache[ch] = strokes.glyph_mask(ch, self.style, CAP)
        return m


@functools.lru_cache(None)
def plate_fonts():
    """{group: [TrueTypeGlyphs]} of every installed font that has all of A-Z and 0-9."""
    out = {}
    for group, fam in PLATE.items():
        out[group] = [p for f, ws in fam.items() for w in ws if (p := _fontsource(f, w))]
    for group, names in DEBIAN.items():
        out.setdefault(group, []).extend(_system_index()[n] for n in names if n in _system_index())
    out = {g: [TrueTypeGlyphs(p) for p in dict.fromkeys(ps) if has_glyphs(p, LATIN)] for g, ps in out.items()}
    if not any(out.values()):
        raise RuntimeError("no fonts: run `npm install` in training/synth/fonts, or set PLATEGATE_FONTSOURCE")
    return {g: v for g, v in out.items() if v}


@functools.lru_cache(None)
def small_fonts():
    """Paths of fonts for the small print (state names, slogans, dealers)."""
    return [p for f in SMALL for w in (400, 700) if (p := _fontsource(f, w))]


@functools.lru_cache(None)
def script_font(name):
    """Path of a font of another script ('arabic', 'devanagari'), for clutter only; None when not installed."""
    return _fontsource(SCRIPTS[name], 600, name)


@functools.lru_cache(None)
def thai_fonts():
    """[TrueTypeGlyphs] with all 44 Thai consonants (and digits, possibly from the same family's Latin file)."""
    paths = [p for f in THAI_FAMILIES for w in (500, 600, 700) if (p := _fontsource(f, w, "thai"))]
    paths += [p for n, p in _system_index().items() if "tlwg" in p and ("Bold" in n or n.count("-") == 0)
              and "Oblique" not in n and "Italic" not in n]
    return [TrueTypeGlyphs(p, THAI) for p in dict.fromkeys(paths) if has_glyphs(p, THAI)]
