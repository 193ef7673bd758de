"""The plate generator: glyphs, patterns, geometry."""
import random
import unittest

import numpy as np

from training.synth import fonts, formats, render_plate, strokes
from training.synth.plate import STYLES, paint


class Strokes(unittest.TestCase):
    def test_every_character_has_its_own_mask(self):
        st = strokes.StrokeStyle()
        masks = {c: strokes.glyph_mask(c, st) for c in strokes.CHARS}
        for m in masks.values():
            self.assertEqual(m.shape[0], 80)
            self.assertGreater(m.max(), 200)
        wide = {c: np.resize(m, (80, 40)) for c, m in masks.items()}
        for a, b in (("8", "B"), ("5", "S"), ("2", "Z"), ("6", "9"), ("U", "V")):
            self.assertGreater(np.abs(wide[a].astype(int) - wide[b]).mean(), 3, (a, b))

    def test_same_seed_same_alphabet(self):
        self.assertEqual(strokes.random_style(random.Random(4)), strokes.random_style(random.Random(4)))


class Patterns(unittest.TestCase):
    def test_fill_keeps_the_layout(self):
        rng = random.Random(0)
        text, rows = formats.text_of(formats.fill("{AB} DD-L/NNN", "XY", rng))
        self.assertRegex(text, r"^AB\d\d[XY][1-9]{3}$")
        self.assertEqual(rows, [5, 3])

    def test_every_style_gives_a_readable_text(self):
        rng = random.Random(1)
        for _, s in STYLES:
            for p in s["patterns"]:
                text, rows = formats.text_of(formats.fill(p, s["alphabet"], rng))
                self.assertTrue(1 <= len(text) <= 10, (s["region"], p, text))
                self.assertTrue(all(c in fonts.LATIN for c in text), (s["region"], p, text))
                self.assertLessEqual(len(rows), 2)

    def test_random_patterns(self):
        rng = random.Random(2)
        for rows in (1, 2):
            for _ in range(200):
                text, counts = formats.text_of(formats.fill(formats.random_pattern(rng, rows), "A", rng, True))
                self.assertTrue(2 <= len(text) <= 10)
                self.assertEqual(len(counts), rows)


try:
    HAVE_FONTS = bool(fonts.plate_fonts())
except RuntimeError:
    HAVE_FONTS = False


@unittest.skipUnless(HAVE_FONTS, "run npm install in training/synth/fonts")
class Plates(unittest.TestCase):
    def test_fonts_have_all_glyphs_apart(self):
        for f in sum(fonts.plate_fonts().values(), [])[::9]:
            self.assertTrue(fonts.has_glyphs(f.path, fonts.LATIN))
            self.assertEqual(f.glyph("8").shape[0], 80)

    def test_plate_geometry(self):
        rng = random.Random(3)
        for _ in range(60):
            p = render_plate(rng)
            self.assertEqual(p.image.dtype, np.uint8)
            self.assertEqual(p.alpha.shape, p.image.shape[:2])
            self.assertEqual(len(p.chars), len(p.text))
            self.assertEqual(sum(p.rows), len(p.text))
            (x0, y0), (x1, y1) = p.corners[0], p.corners[2]
            mid = (p.chars[:, :2] + p.chars[:, 2:4]) / 2
            self.assertTrue((mid[:, 0] > x0).all() and (mid[:, 0] < x1).all(), (p.region, p.text))
            self.assertTrue((mid[:, 1] > y0).all() and (mid[:, 1] < y1).all(), (p.region, p.text))

    def test_every_style_renders(self):
        rng = random.Random(5)
        for _, s in STYLES:
            self.assertTrue(render_plate(rng, s).text)

    def test_same_seed_same_text(self):
        a, b = render_plate(random.Random(9)), render_plate(random.Random(9))
        self.assertEqual((a.text, a.region, a.rows), (b.text, b.region, b.rows))

    def test_thai(self):
        from training.synth.thai import THAI, render_thai
        rng = random.Random(6)
        for _ in range(20):
            p = render_thai(rng)
            self.assertTrue(all(c in THAI + "0123456789" for c in p.text))
            self.assertEqual(len(p.chars), len(p.text))


if __name__ == "__main__":
    unittest.main()
