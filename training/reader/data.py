"""Batches for training: synthetic plates from a pool, mixed with real crops of the licensed sets."""
import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset

from ..common import degrade
from ..synth.pool import Pool
from . import camera
from .config import CHARSETS, HEIGHT, STEPS, WIDTH

IGNORE = -100


def frame_targets(centres, text, rows, index):
    """Class of each time step [2*STEPS] where a character's centre is, blank far from all, IGNORE between."""
    t = np.zeros(2 * STEPS, np.int64)
    i = 0
    for r, n in enumerate(rows[:2]):
        xs = [float(v) for v in centres[i:i + n, 0] * (STEPS / WIDTH)]
        for j, x in enumerate(xs):
            gap = min(abs(x - xs[j - 1]) if j else 6.0, abs(xs[j + 1] - x) if j + 1 < len(xs) else 6.0, 6.0)
            a, b = max(0, int(x - gap * .38)), min(STEPS, int(x + gap * .38) + 1)
            t[r * STEPS + a:r * STEPS + b] = IGNORE
        for j, x in enumerate(xs):
            t[r * STEPS + min(STEPS - 1, max(0, int(x)))] = index[text[i + j]]
        i += n
    return t


class RealCrops:
    """Crops with text from the licensed sets' training part, in memory (uint8 RGB with a little context)."""

    def __init__(self, photos, weights, charset, context=.2):
        self.items, self.weight = [], []
        for p in photos:
            img = None
            for plate in p.plates:
                if not plate.text or len(plate.text) > 10 or any(c not in charset for c in plate.text):
                    continue
                x, y, w, h = plate.box
                if w < 30:
                    continue
                if img is None:
                    img = cv2.cvtColor(cv2.imread(str(p.path)), cv2.COLOR_BGR2RGB)
                a, b = max(0, int(x - context * w)), max(0, int(y - context * h))
                c, d = min(img.shape[1], int(x + w * (1 + context)) + 1), min(img.shape[0], int(y + h * (1 + context)) + 1)
                crop, k = img[b:d, a:c], 1.0
                if crop.shape[1] > 420:
                    k = 420 / crop.shape[1]
                    crop = cv2.resize(crop, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
                self.items.append((np.ascontiguousarray(crop), tuple(k * v for v in (x - a, y - b, x - a + w, y - b + h)), plate.text, p.set, p.file))
                self.weight.append(weights.get(p.set, 1.0))
        self.p = np.array(self.weight, float) / max(1e-9, sum(self.weight))

    def __len__(self):
        return len(self.items)


class Batches(IterableDataset):
    """Endless batches: dict of image [B,H,W,3] uint8, frames [B,80], text (concatenated ids), lengths [B,2], rowed [B], region [B].

    `real`: share of real crops. `lengths` are (upper, lower) of rendered plates; for real ones (total, 0) and rowed False.
    `negatives`: rectified patches without a plate."""

    def __init__(self, pool, batch, seed, script="latin", real=None, real_share=0.0, hard=1.0, regions=(), negatives=(), negative_share=.03):
        self.pool_path, self.batch, self.seed, self.script = pool, batch, seed, script
        self.real, self.real_share, self.hard = real, real_share, hard
        self.negatives, self.negative_share = negatives, negative_share if len(negatives) else 0
        self.index = {c: i + 1 for i, c in enumerate(CHARSETS[script])}
        self.regions = {r: i for i, r in enumerate(regions)}

    def __iter__(self):
        cv2.setNumThreads(0)
        torch.set_num_threads(1)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        pool, n = Pool(self.pool_path), 0
        while True:
            n += 1
            if n % 200 == 0:
                pool.refresh()
            yield self.make(pool, rng)

    def make(self, pool, rng):
        B = self.batch
        img = np.empty((B, HEIGHT, WIDTH, 3), np.uint8)
        frames = np.full((B, 2 * STEPS), IGNORE, np.int64)
        lengths, rowed, region, ids = np.zeros((B, 2), np.int64), np.zeros(B, bool), np.full(B, IGNORE, np.int64), []
        for b in range(B):
            if rng.random() < self.negative_share:      # nothing to read: all blank
                img[b], text, rowed[b] = degrade.tone(self.negatives[rng.integers(len(self.negatives))], rng), "", True
                frames[b] = 0
            elif self.real is not None and rng.random() < self.real_share:
                k = rng.choice(len(self.real), p=self.real.p)
                im, box, text, _, _ = self.real.items[k]
                img[b] = camera.reshoot(im, box, rng, self.hard)
                lengths[b, 0] = len(text)
            else:
                im, m = pool.get(int(rng.integers(len(pool))))
                img[b], centres = camera.shoot(im, m, rng, self.hard)
                text, rowed[b] = m["text"], True
                rows = list(m["rows"])[:2] + [0]
                lengths[b] = rows[:2]
                frames[b] = frame_targets(centres, text, m["rows"], self.index)
                region[b] = self.regions.get(m["region"], IGNORE)
            ids.extend(self.index[c] for c in text)
        t = torch.from_numpy
        return dict(image=t(img), frames=t(frames), text=torch.tensor(ids), lengths=t(lengths), rowed=t(rowed), region=t(region))
