"""Data sets, the division and the manifest."""
import json
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np

from training.common import datasets, degrade, label_fixes, register, splits


def make_set(root: Path, name: str, rows: list[str], seed: int = 0) -> None:
    """A set of random pictures 64x48 with the label rows given (first column: file)."""
    rng = np.random.default_rng(seed)
    (root / name / "images").mkdir(parents=True)
    (root / name / "labels.csv").write_text("file,x,y,w,h,text,split,text_source\n" + "\n".join(rows) + "\n")
    for file in {r.split(",")[0] for r in rows}:
        cv2.imwrite(str(root / name / "images" / file), rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))


class Sets(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        make_set(self.root, "town", [f"a{i}.jpg,1,2,30,10,AB{i // 2:03}C,train,label" for i in range(60)], 1)
        make_set(self.root, "unlicensed-web", ["w0.jpg,1,2,30,10,AB003C,train,label", "w1.jpg,,,,,,train,"], 2)
        make_set(self.root, "drive", [f"v_t_{i}.jpg,1,2,30,10,,train," for i in range(10)], 3)
        make_set(self.root, "crops", [f"c{i}.jpg,0,0,64,48,X{i}YZ,train,label" for i in range(4)], 4)

    def tearDown(self):
        self.folder.cleanup()

    def test_texts_by_eye_name_plates_without_a_text(self):
        table = self.root / "texts.csv"
        table.write_text("set,file,x,y,w,h,text\ndrive,v_t_1.jpg,1,2,30,10,XY12ABC\ntown,a0.jpg,1,2,30,10,WRONG1\n")
        named = {p.file: p.plates[0] for s in ("drive", "town") for p in label_fixes.with_texts(datasets.find_sets(self.root)[s].photos, table)}
        self.assertEqual((named["v_t_1.jpg"].text, named["v_t_1.jpg"].text_source), ("XY12ABC", "eye"))
        self.assertEqual(named["v_t_2.jpg"].text, "")
        self.assertEqual(named["a0.jpg"].text, "AB000C")

    @unittest.skipUnless(Path(datasets.DEFAULT_ROOT).is_dir(), "no data sets here")
    def test_no_text_by_eye_is_a_plate_of_val(self):
        def texts(photos):
            return {splits.fold(plate.text) for p in photos for plate in p.plates if len(plate.text) >= 3}

        learned = texts(label_fixes.with_texts(splits.photos("train") + splits.photos("calib")))
        self.assertFalse(learned & texts(splits.photos("val")))

    def test_reads_boxes_and_negatives(self):
        sets = datasets.find_sets(self.root)
        self.assertEqual(sets["town"].photos[0].plates[0].xyxy, (1, 2, 31, 12))
        self.assertEqual(sets["unlicensed-web"].photos[1].plates, ())
        self.assertFalse(sets["unlicensed-web"].licensed)
        self.assertTrue(sets["crops"].is_crops)
        self.assertFalse(sets["town"].is_crops)

    def test_missing_folder_is_named(self):
        with self.assertRaisesRegex(FileNotFoundError, "PLATEGATE_DATASETS"):
            datasets.find_sets(self.root / "none")

    def test_division(self):
        sets = datasets.find_sets(self.root)
        part = splits.divide(sets)
        self.assertEqual(part, splits.divide(sets))
        self.assertTrue(all(v == "val" for k, v in part.items() if k[0].startswith("unlicensed-")))
        by_text: dict[str, set] = {}
        for s in sets.values():
            for photo in s.photos:
                for plate in photo.plates:
                    if plate.text:
                        by_text.setdefault(plate.text, set()).add(part[(photo.set, photo.file)])
        self.assertTrue(all(len(v) == 1 for v in by_text.values()))
        self.assertEqual(by_text["AB003C"], {"val"})  # shared with an unlicensed set
        self.assertEqual(len({v for k, v in part.items() if k[0] == "drive"}), 1)  # one run of frames
        town = [v for k, v in part.items() if k[0] == "town"]
        self.assertAlmostEqual(town.count("val") / 60, 0.30, delta=0.06)
        self.assertAlmostEqual(town.count("calib") / 60, 0.12, delta=0.05)


class Manifest(unittest.TestCase):
    def test_entry_is_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            models = Path(folder)
            (models / "m.onnx").write_bytes(b"one")
            fields = {"role": "detector", "stride": 32, "inputSide": 640, "thresholds": {}, "nmsIou": 0.5}
            register.register(models / "m.onnx", "m", fields, models)
            (models / "m.onnx").write_bytes(b"other")
            register.register(models / "m.onnx", "m", fields, models)
            manifest = json.loads((models / "manifest.json").read_text())
            self.assertEqual(len(manifest["models"]), 1)
            self.assertEqual(manifest["models"][0]["bytes"], 5)
            self.assertEqual(manifest["models"][0]["card"], "models/m.md")
            with self.assertRaisesRegex(ValueError, "missing"):
                register.register(models / "m.onnx", "m", {"role": "reader"}, models)


class Degrade(unittest.TestCase):
    def test_keeps_shape_and_is_seeded(self):
        image = np.random.default_rng(0).integers(0, 256, (40, 70, 3), dtype=np.uint8)
        for seed in range(40):
            out = degrade.degrade(image, np.random.default_rng(seed), 1.0)
            self.assertEqual((out.shape, out.dtype), (image.shape, np.uint8))
        again = [degrade.degrade(image, np.random.default_rng(7), 1.0) for _ in range(2)]
        self.assertTrue((again[0] == again[1]).all())


if __name__ == "__main__":
    unittest.main()
