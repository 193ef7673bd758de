"""Model, assignment, loss, scenes, evaluation, calibration and export of the detector."""
import tempfile
import unittest
import zipfile
from pathlib import Path

import cv2
import numpy as np
import torch

from training.common import label_fixes
from training.common.datasets import Photo, Plate
from training.detector import calibrate, card, data, evaluate, infer, lettering, loss, model, scenes, sources, streets


def target(boxes, ignore=(), unlabelled=0.0) -> loss.Target:
    b = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    x1, y1, x2, y2 = b.unbind(1)
    corners = torch.stack((x1, y1, x2, y1, x2, y2, x1, y2), 1)
    return loss.Target(b, corners, torch.ones(len(b), dtype=torch.bool), torch.tensor(ignore).reshape(-1, 4), unlabelled)


def perfect(t: loss.Target, height: int, width: int) -> list[torch.Tensor]:
    """Head maps that say exactly what ``t`` holds."""
    maps = []
    for stride in model.STRIDES:
        h, w = height // stride, width // stride
        raw = torch.zeros(1, model.HEAD_CHANNELS, h, w)
        raw[:, 0] = -12.0
        index, _ = loss.assign(t, h, w, stride)
        xs, ys = model.cell_centres(h, w, stride)
        for cell in (index >= 0).nonzero().squeeze(1).tolist():
            j, i = divmod(cell, w)
            x1, y1, x2, y2 = t.boxes[index[cell]].tolist()
            raw[0, 0, j, i] = 12.0
            raw[0, 1, j, i] = ((x1 + x2) / 2 - xs[i]) / stride
            raw[0, 2, j, i] = ((y1 + y2) / 2 - ys[j]) / stride
            raw[0, 3, j, i] = np.log((x2 - x1) / stride)
            raw[0, 4, j, i] = np.log((y2 - y1) / stride)
        maps.append(raw)
    return maps


class Network(unittest.TestCase):
    def test_size_and_shapes(self):
        net = model.PlateDetector()
        self.assertLessEqual(sum(p.numel() for p in net.parameters()), 1_500_000)
        rows = model.Exported(net.eval())(torch.zeros(1, 64, 96, 3, dtype=torch.uint8))
        fine, coarse = 8 * 12 + 4 * 6, 2 * 3 + 1 * 2
        self.assertEqual(rows.shape, (1, fine + coarse, 13))
        self.assertTrue(((rows[..., 0] >= 0) & (rows[..., 0] <= 1)).all())


class Assignment(unittest.TestCase):
    def test_every_plate_is_learned(self):
        rng = np.random.default_rng(0)
        for _ in range(60):
            w = np.exp(rng.uniform(np.log(9), np.log(300)))
            h = max(w * rng.uniform(0.2, 0.9), 2.5)
            x, y = rng.uniform(0, 320 - w), rng.uniform(0, max(320 - h, 1))
            t = target([[x, y, x + w, y + h]])
            cells = sum(int((loss.assign(t, 320 // s, 320 // s, s)[0] >= 0).sum()) for s in model.STRIDES)
            self.assertGreaterEqual(cells, 1, (x, y, w, h))

    def test_ignored_regions_weigh_nothing(self):
        _, weight = loss.assign(target([], [[0.0, 0.0, 64.0, 64.0]]), 16, 16, 8)
        self.assertEqual(float(weight.view(16, 16)[:8, :8].sum()), 0.0)
        self.assertEqual(float(weight.sum()), 16 * 16 - 64)

    def test_perfect_answer_costs_little(self):
        t = target([[20, 30, 80, 50], [100, 90, 250, 150]])
        total, parts = loss.loss(perfect(t, 256, 256), [t])
        self.assertLess(float(total), 0.01)
        self.assertGreater(parts["iou"], 0.99)

    def test_small_confident_guess_goes_unpunished_where_small_plates_are_unlabelled(self):
        raws = [torch.zeros(1, 13, 8, 8), torch.zeros(1, 13, 4, 4)]
        for r in raws:
            r[:, 0] = 3.0
        strict, _ = loss.loss(raws, [target([])])
        lenient, _ = loss.loss(raws, [target([], unlabelled=40.0)])
        self.assertGreater(float(strict), 10.0)
        self.assertEqual(float(lenient), 0.0)


class Scenes(unittest.TestCase):
    def studio(self) -> scenes.Studio:
        rng = np.random.default_rng(1)
        photo = rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)
        plates = [np.full((30, 120, 3), 220, np.uint8), np.full((60, 80, 3), 90, np.uint8)]
        return scenes.Studio([sources.make_source(photo, np.array([[100, 100, 160, 120]], np.float32))], plates)

    def test_truth_is_inside_and_seeded(self):
        studio = self.studio()
        for seed in range(60):
            s = studio.scene(160, np.random.default_rng(seed))
            self.assertEqual(s.image.shape, (160, 160, 3))
            for box, corners in zip(s.boxes, s.corners):
                self.assertTrue((box >= -0.01).all() and (box <= 160.01).all())
                self.assertEqual(corners.shape, (4, 2))
        a, b = (studio.scene(160, np.random.default_rng(3)) for _ in range(2))
        self.assertTrue((a.image == b.image).all())

    def test_mirror_twice_is_the_same(self):
        t = target([[20, 30, 80, 50]], [[1.0, 2.0, 3.0, 4.0]])
        pictures = torch.randint(0, 256, (1, 3, 96, 96), dtype=torch.uint8)
        once, mirrored = data.mirror(pictures, [t], 1.0)
        self.assertEqual(mirrored[0].boxes.tolist(), [[16, 30, 76, 50]])
        self.assertEqual(mirrored[0].corners[0, :2].tolist(), [16, 30])
        twice, back = data.mirror(once, mirrored, 1.0)
        self.assertTrue((twice == pictures).all())
        self.assertEqual(back[0].corners.tolist(), t.corners.tolist())


class Streets(unittest.TestCase):
    def test_textures_come_from_a_package_without_maps_and_vehicles(self):
        rng = np.random.default_rng(3)
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder) / "textures.pk3"
            with zipfile.ZipFile(package, "w") as z:
                for name, shape in (("a/wall.png", (80, 64, 3)), ("a/wall_nm.png", (80, 64, 3)), ("a/glass.png", (80, 64, 4)), ("tex_vehicles/car.png", (80, 64, 3))):
                    z.writestr(name, cv2.imencode(".png", rng.integers(0, 256, shape, np.uint8))[1].tobytes())
            textures = streets.load_textures(package)
        self.assertEqual([t.shape for t in textures], [(80, 64, 3)])

    def test_streets_are_seeded_and_differ(self):
        one, two = streets.streets([], 2, 5)
        self.assertEqual(one.shape, (600, 960, 3))
        self.assertTrue((one == streets.streets([], 1, 5)[0]).all())
        self.assertGreater(np.abs(one.astype(int) - two).mean(), 5)

    def test_boards_have_a_board(self):
        for seed in range(12):
            drawn = lettering.board(np.random.default_rng(seed))
            h, w = drawn.shape[:2]
            self.assertGreater(w, h / 2)
            self.assertEqual(drawn[h // 2, w // 2, 3], 255)


class Measuring(unittest.TestCase):
    def row(self, score, box):
        return [score, *box, *([0] * 8)]

    def test_match(self):
        photo = Photo("town", "a.jpg", Path("a.jpg"), (Plate((10, 10, 60, 20)), Plate((200, 10, 12, 4))))
        rows = np.array(
            [
                self.row(0.9, (11, 10, 70, 30)),  # hit
                self.row(0.8, (12, 11, 69, 30)),  # a second time: an alarm
                self.row(0.7, (200, 10, 212, 14)),  # plate too small to count
                self.row(0.6, (300, 300, 360, 320)),  # alarm
            ],
            np.float32,
        )
        outcome = evaluate.match(photo, rows)
        self.assertEqual([h > 0 for h in outcome.hits], [True, False, False, False])
        self.assertEqual(list(outcome.hits[1:]), [-1, -2, -1])
        s = evaluate.summary([outcome], 0.5)
        self.assertEqual((s["plates"], s["recall"], s["false_alarms"]), (1, 1.0, 2))

    def test_plates_without_a_label_are_no_alarms_beside_the_figures(self):
        set_name, file, box = next((s, f, b) for (s, f), b in label_fixes.unlabelled().items())
        x, y, w, h = box[0]
        photo = Photo(set_name, file, Path(file), ())
        rows = np.array([self.row(0.9, (x, y, x + w, y + h)), self.row(0.9, (x + 3 * w, y, x + 4 * w, y + h))], np.float32)
        by_set = {set_name: [evaluate.match(photo, rows, smallest=1)]}
        self.assertEqual(list(by_set[set_name][0].hits), [-1, -1])
        self.assertEqual(list(card.forgiven(by_set)[set_name][0].hits), [-2, -1])

    def test_suppression_keeps_the_best(self):
        rows = np.array([self.row(0.5, (0, 0, 40, 10)), self.row(0.9, (1, 0, 41, 10)), self.row(0.4, (100, 0, 140, 10))], np.float32)
        self.assertEqual([round(float(v), 1) for v in infer.suppress(rows)[:, 0]], [0.9, 0.4])

    def test_wilson(self):
        low, high = evaluate.wilson(95, 100)
        self.assertAlmostEqual(low, 0.888, places=2)
        self.assertAlmostEqual(high, 0.978, places=2)

    def test_calibration_finds_the_true_slope(self):
        rng = np.random.default_rng(0)
        logit = rng.normal(0, 2, 20000)
        right = rng.random(20000) < 1 / (1 + np.exp(-(1.7 * logit - 0.6)))
        a, b = calibrate.fit(1 / (1 + np.exp(-logit)), right)
        self.assertAlmostEqual(a, 1.7, delta=0.1)
        self.assertAlmostEqual(b, -0.6, delta=0.1)


class Export(unittest.TestCase):
    def test_weights_survive_the_round_trip(self):
        try:
            import onnx  # noqa: F401
        except ImportError:
            self.skipTest("onnx is not installed")
        from training.detector.export import export

        torch.manual_seed(3)
        net = model.PlateDetector()
        with torch.no_grad():  # the exporter joins equal tensors, which only an untrained net has
            for value in net.state_dict().values():
                if value.dtype.is_floating_point:
                    value.add_(torch.rand_like(value) * 0.01)
        net.calibration.copy_(torch.tensor([1.5, -0.2]))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "m.onnx"
            export(net, path)
            other = model.PlateDetector()
            model.load_weights(other, str(path))
        for name, value in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                self.assertTrue(torch.equal(value, other.state_dict()[name]), name)


if __name__ == "__main__":
    unittest.main()
