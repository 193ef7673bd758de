"""Real crops for training and measuring, by the one division in training.common.splits."""
import cv2
import numpy as np

from ..common import label_fixes, splits
from . import camera
from .config import CHARSETS, DATASETS
from .data import RealCrops

# how often a crop is drawn, by set: few pictures per plate and true labels count more
WEIGHTS = {"openalpr-seg-us": 1.0, "openalpr-br-crops": .5, "kaggle-cc0-cars": 1.2, "romanian-lp": .5, "openimages-lp-350": 1.0,
           "rf-experiment-plates": .8}
MEASURED = ["openalpr-seg-us", "kaggle-cc0-cars", "openalpr-br-crops", "unlicensed-reported-ocr-us", "unlicensed-vn-hr-crops",
            "unlicensed-italian-20", "unlicensed-gran-canaria", "romanian-lp", "openimages-lp-350", "unlicensed-web-cars-225"]


def training_crops(script="latin", root=DATASETS):
    """The training part's crops with text, weighted."""
    return RealCrops(label_fixes.with_texts(splits.photos("train", root)), WEIGHTS, CHARSETS[script])


def crops(part, root=DATASETS, sets=None, script="latin", min_width=0):
    """[(set, file, crop uint8 [64,160,3] RGB, picture of the plate RGB, text, source)] of one part: boxes rectified
    as the product does, with the margin where the picture has it and the edge repeated where not."""
    out = []
    photos = splits.photos(part, root, sets)
    for p in photos if part == "val" else label_fixes.with_texts(photos):
        img = None
        for plate in p.plates:
            t = plate.text
            if not t or any(c not in CHARSETS[script] for c in t) or plate.box[2] < min_width:
                continue
            if img is None:
                img = cv2.cvtColor(cv2.imread(str(p.path)), cv2.COLOR_BGR2RGB)
            x, y, w, h = plate.box
            q = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
            crop, _ = camera.rectify(img, camera.push_out(q))
            a, b = max(0, int(x - .05 * w)), max(0, int(y - .1 * h))
            c, d = min(img.shape[1], int(x + 1.05 * w) + 1), min(img.shape[0], int(y + 1.1 * h) + 1)
            out.append((p.set, p.file, crop, img[b:d, a:c].copy(), t, plate.text_source))
    return out


def synthetic(script, count, seed, hard=.7):
    """`count` views of freshly rendered plates, as `crops` gives them; `seed` keeps validation and calibration apart."""
    import random
    from ..synth.plate import render_plate
    from ..synth.thai import render_thai
    out, draw, rng = [], random.Random(f"measure:{script}:{seed}"), np.random.default_rng(seed)
    while len(out) < count:
        p = (render_thai if script == "thai" else render_plate)(draw)
        if 1 <= len(p.text) <= 10:
            crop, _ = camera.shoot(p.image, dict(corners=p.corners, chars=p.chars, rows=p.rows), rng, hard)
            out.append(("synthetic", f"{p.region}-{len(out)}", crop, crop, p.text, "label"))
    return out


def non_plates(root, count=300, seed=3, part="calib"):
    """Rectified patches of photographs that hold no plate, like a detector's false alarms."""
    rng, out = np.random.default_rng(seed), []
    photos = [p for p in splits.photos(part, root) if p.plates and p.plates[0].box[0] > 0]
    while len(out) < count and photos:
        p = photos[rng.integers(len(photos))]
        img = cv2.cvtColor(cv2.imread(str(p.path)), cv2.COLOR_BGR2RGB)
        H, W = img.shape[:2]
        w = rng.uniform(40, .4 * W)
        h = w / rng.uniform(1.3, 4.8)
        x, y = rng.uniform(0, W - w), rng.uniform(0, max(1, H - h))
        if any(x < q.box[0] + q.box[2] * 1.2 and q.box[0] - q.box[2] * .2 < x + w and y < q.box[1] + q.box[3] * 1.2
               and q.box[1] - q.box[3] * .2 < y + h for q in p.plates):
            continue
        quad = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
        out.append(camera.rectify(img, camera.push_out(quad))[0])
    return out
