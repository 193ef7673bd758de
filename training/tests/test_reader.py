"""The reader's parts: camera, targets, loss, decoding, weights."""
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from training.reader import calibrate, camera, decode
from training.reader.config import HEIGHT, LATIN, STEPS, WIDTH
from training.reader.data import IGNORE, frame_targets
from training.reader import patterns
from training.reader.loss import reading_loss
from training.reader.model import Reader, count

INDEX = {c: i + 1 for i, c in enumerate(LATIN)}


def logits_for(text, at, classes=37):
    """[80,37] logits that spell `text` at the time steps `at`."""
    x = np.zeros((2 * STEPS, classes), np.float32)
    x[:, 0] = 8
    for c, t in zip(text, at):
        x[t, 0], x[t, INDEX[c]] = 0, 8
    return x


class Decoding(unittest.TestCase):
    def test_two_rows_in_reading_order(self):
        text, conf = decode.greedy(logits_for("AB12", [5, 15, 45, 70]), LATIN)
        self.assertEqual(text, "AB12")
        self.assertTrue(all(c > .9 for c in conf))

    def test_runs_collapse_and_blanks_part(self):
        self.assertEqual(decode.greedy(logits_for("AAA", [5, 6, 9]), LATIN)[0], "AA")

    def test_equal_characters_across_the_rows_stay_two(self):
        self.assertEqual(decode.greedy(logits_for("77", [39, 40]), LATIN)[0], "77")

    def test_distance(self):
        self.assertEqual(decode.distance("ABC", "AXCD"), 2)
        self.assertEqual(decode.fold("O0I1"), "0011")

    def test_alignment_marks_the_wrong_ones(self):
        self.assertEqual(calibrate.matches("AB1X", "AB1"), [True, True, True, False])
        self.assertEqual(calibrate.matches("XAB", "AB"), [False, True, True])


class Geometry(unittest.TestCase):
    def test_rectify_takes_the_quad(self):
        img = np.zeros((100, 300, 3), np.uint8)
        img[30:70, 100:200] = 255
        q = np.array([[100, 30], [200, 30], [200, 70], [100, 70]], np.float32)
        crop, _ = camera.rectify(img, q)
        self.assertEqual(crop.shape, (HEIGHT, WIDTH, 3))
        self.assertGreater(crop.mean(), 245)
        wide, _ = camera.rectify(img, camera.push_out(q))
        self.assertLess(wide[:, 0].mean(), 20)

    def test_shoot_follows_the_characters(self):
        img = np.full((90, 300, 3), 230, np.uint8)
        chars = np.array([[60, 25, 80, 65, 0], [200, 25, 220, 65, 0]], np.float32)
        meta = dict(corners=np.array([[20, 15], [280, 15], [280, 75], [20, 75]], np.float32), chars=chars, rows=[2], text="A1")
        off = []
        for seed in range(30):
            crop, c = camera.shoot(img, meta, np.random.default_rng(seed), 0)
            self.assertEqual(crop.shape, (HEIGHT, WIDTH, 3))
            self.assertLess(c[0, 0], c[1, 0])
            off.append(np.abs(c[:, 0] - [(70 - 20) / 260 * 160, (210 - 20) / 260 * 160]).max())
        self.assertLess(np.median(off), 20)

    def test_frame_targets(self):
        t = frame_targets(np.array([[10., 30], [50., 30], [100., 30]], np.float32), "AB7", [2, 1], INDEX)
        self.assertEqual(t[2], INDEX["A"])
        self.assertEqual(t[12], INDEX["B"])
        self.assertEqual(t[STEPS + 25], INDEX["7"])
        self.assertEqual(t[39], 0)
        self.assertIn(IGNORE, t)


class MakeUp(unittest.TestCase):
    def read(self, *parts):
        return [[(.99, p)] if isinstance(p, str) else list(p) for p in parts]

    def test_doubtful_letter_among_digits(self):
        text, conf = patterns.rank(self.read("A", "R", "Q", "9", "4", [(.55, "B"), (.4, "8")], "2"), {"AAA9999": .1, "AAA99A9": .001})
        self.assertEqual(text, "ARQ9482")
        self.assertTrue(.6 < conf[5] < .95)

    def test_sure_characters_stay(self):
        text, conf = patterns.rank(self.read("A", "R", "Q", "9", "4", [(.91, "B"), (.09, "8")], "2"), {"AAA9999": .1})
        self.assertEqual((text, conf[5]), ("ARQ94B2", .91))

    def test_shares_are_those_of_the_formats(self):
        shares = patterns.shares()
        self.assertGreater(shares["AAA9999"], shares.get("AAA99A9", 0))
        self.assertLess(sum(shares.values()), 1.001)


class Network(unittest.TestCase):
    def batch(self):
        return dict(text=torch.tensor([1, 2, 3, 4, 5]), lengths=torch.tensor([[2, 1], [2, 0]]), rowed=torch.tensor([True, False]),
                    frames=torch.full((2, 80), IGNORE), region=torch.tensor([1, IGNORE]))

    def test_shapes_size_and_gradients(self):
        m = Reader(37, 5)
        self.assertLess(count(m), 3_000_000)
        lo, re = m(torch.randint(0, 255, (2, HEIGHT, WIDTH, 3), dtype=torch.uint8))
        self.assertEqual(tuple(lo.shape), (2, 80, 37))
        self.assertEqual(tuple(re.shape), (2, 5))
        loss, _ = reading_loss(lo, re, self.batch())
        loss.backward()
        self.assertTrue(all(p.grad is None or torch.isfinite(p.grad).all() for p in m.parameters()))

    def test_brightness_does_not_matter(self):
        m = Reader(37, 5).eval()
        x = torch.randint(60, 120, (1, HEIGHT, WIDTH, 3), dtype=torch.uint8)
        with torch.no_grad():
            a, b = m(x)[0], m(x + 60)[0]
        self.assertLess(float((a - b).abs().max()), 1e-2)

    def test_onnx_keeps_names_and_values(self):
        try:
            import onnx  # noqa: F401
        except ImportError:
            self.skipTest("onnx is not installed")
        from training.reader import export, weights
        torch.manual_seed(0)
        m = Reader(37, 5)
        for v in m.state_dict().values():      # equal tensors would be stored once under one name
            if v.dtype.is_floating_point:
                v.add_(torch.rand_like(v) * .1 + .01)
        with tempfile.TemporaryDirectory() as d:
            path = Path(d) / "m.onnx"
            export.write(m, path)
            other = Reader(37, 5)
            self.assertEqual(weights.init(other, path), [])
            x = torch.randint(0, 255, (1, HEIGHT, WIDTH, 3), dtype=torch.uint8)
            with torch.no_grad():
                self.assertTrue(torch.equal(m.eval()(x)[0], other.eval()(x)[0]))


if __name__ == "__main__":
    unittest.main()
