"""Training pictures: views of licensed photographs, plates pasted with known corners, hard negatives.

A ``Scene`` is a square crop with its truth. ``Studio.scene`` composes one; all is seeded by the generator given.
"""
from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..common.degrade import degrade
from . import distractors, surroundings
from .geometry import Rng, bounds, box_points, move, paste, seen_plate
from .infer import INPUT_SIDE, LARGEST_SCALE
from .sources import Source

#: in a training crop, plates narrower than this are ignored, and confident predictions so narrow go unpunished
TINY = 9.0
#: widths of plates that are missed most, and come more often at the end of a run
SMALL = (16.0, 80.0)


@dataclass
class Scene:
    """A crop uint8 [S,S,3] RGB and its plates: boxes, corners (TL, TR, BR, BL), whether the corners are known."""

    image: np.ndarray
    boxes: list[np.ndarray] = field(default_factory=list)
    corners: list[np.ndarray] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    ignore: list[np.ndarray] = field(default_factory=list)
    unlabelled: float = 0.0

    def add(self, corners: np.ndarray, known: bool) -> None:
        """Record a plate; cut by the border it is clipped, ignored when mostly outside or tiny."""
        size = np.array(self.image.shape[1::-1], np.float32)
        full = bounds(corners)
        seen = np.concatenate((np.clip(full[:2], 0, size), np.clip(full[2:], 0, size)))
        w, h = seen[2] - seen[0], seen[3] - seen[1]
        if w <= 1 or h <= 1:
            return
        share = w * h / max((full[2] - full[0]) * (full[3] - full[1]), 1e-6)
        if full[2] - full[0] > 1.5 * size[0]:
            return  # far too large for the crop: nothing inside is a plate of its own
        if share < 0.6 or max(w, h) < TINY or min(w, h) < 2.5:
            self.ignore.append(seen)
            return
        self.boxes.append(seen)
        self.corners.append(corners)
        self.known.append(known and share > 0.98)


class Studio:
    """Composes scenes from photographs with plates, backgrounds without, and a pool of rendered plates."""

    def __init__(
        self,
        photos: list[Source],
        plates: list[np.ndarray],
        backgrounds: list[list[Source]] | None = None,
        stickers: list[np.ndarray] | None = None,
        settle: bool = False,
    ) -> None:
        """``backgrounds``: one list a folder; folders are drawn from evenly. ``stickers``: RGBA drawings.

        ``settle``: for the end of a run, pictures more like those in use: fewer mosaics, more backgrounds, milder degradation, more small plates, most views at
        the scale at which the product shows a photograph to the network.
        """
        self.settle = settle
        self.photos, self.plates = photos, plates
        self.backgrounds = [b for b in backgrounds or [] if b]
        self.stickers = stickers or []
        self.aspects = np.array([p.shape[1] / p.shape[0] for p in plates])
        weights = np.array([p.weight for p in photos], np.float64)
        self.chances = weights / weights.sum() if len(photos) else weights

    def scene(self, size: int, rng: Rng) -> Scene:
        """One scene of ``size`` x ``size`` pixels, degraded."""
        kind = rng.random()
        if kind < (0.06 if self.settle else 0.25):
            scene = self._mosaic(size, rng)
        elif kind < (0.72 if self.settle else 0.82):
            scene = self._photo(size, rng)
        else:
            scene = self._background(size, rng)
        scene.image = degrade(scene.image, rng, rng.choice((0.1, 0.3, 0.8) if self.settle else (0.3, 0.6, 1.0)), blur=0.010 * size)
        return scene

    def _photo(self, size: int, rng: Rng) -> Scene:
        """A view of a licensed photograph; sometimes its plates are replaced or more are pasted."""
        source = self.photos[rng.choice(len(self.photos), p=self.chances)]
        scene = self.view(source, size, rng)
        act = rng.random()
        if act < 0.25:
            self._replace(scene, rng)
        elif act < 0.35:
            self.paste_plates(scene, rng, int(rng.integers(1, 4)))
        if rng.random() < 0.25:
            self._distract(scene, rng, int(rng.integers(1, 4)))
        return scene

    def _background(self, size: int, rng: Rng) -> Scene:
        """A scene without a plate of its own: photograph, texture or drawing; half get pasted plates."""
        pick = rng.random()
        if pick < 0.55 and self.backgrounds:
            folder = self.backgrounds[rng.integers(len(self.backgrounds))]
            scene = self.view(folder[rng.integers(len(folder))], size, rng)
        elif pick < 0.75:
            scene = Scene(distractors.texture(size, size, rng))
        else:
            scene = Scene(distractors.drawing(size, size, rng))
        if rng.random() < 0.45:
            self._distract(scene, rng, int(rng.integers(1, 7)))
        if rng.random() < 0.5:
            self.paste_plates(scene, rng, int(rng.integers(1, 5)))
        return scene

    def _mosaic(self, size: int, rng: Rng) -> Scene:
        """Four smaller scenes side by side."""
        half = size // 2
        whole = Scene(np.empty((size, size, 3), np.uint8))
        for y in (0, half):
            for x in (0, half):
                part = self._photo(half, rng) if rng.random() < 0.85 else self._background(half, rng)
                whole.image[y : y + half, x : x + half] = part.image
                shift = np.array([x, y], np.float32)
                for box, corners, known in zip(part.boxes, part.corners, part.known):
                    whole.boxes.append(box + np.tile(shift, 2))
                    whole.corners.append(corners + shift)
                    whole.known.append(known)
                whole.ignore.extend(b + np.tile(shift, 2) for b in part.ignore)
                whole.unlabelled = max(whole.unlabelled, part.unlabelled)
        return whole

    def view(self, source: Source, size: int, rng: Rng) -> Scene:
        """A random crop: the scale makes one of its plates 10 pixels to nearly the crop's width, evenly by logarithm."""
        H, W = source.levels[0].shape[:2]
        usual = rng.random() < (0.65 if self.settle else 0.3)
        in_use = min(INPUT_SIDE / max(H, W), LARGEST_SCALE) * np.exp(rng.normal(0, 0.3))
        if len(source.boxes) and rng.random() < (0.65 if usual else 0.82):
            box = source.boxes[rng.integers(len(source.boxes))]
            largest = 0.95 * size if rng.random() < 0.95 else 4.0 * size
            width = np.exp(rng.uniform(np.log(11), np.log(largest)))
            if self.settle and rng.random() < 0.5:
                width = np.exp(rng.uniform(*np.log(SMALL)))
            if usual and in_use * (box[2] - box[0]) < 0.95 * size:
                width = in_use * (box[2] - box[0])
            scale = min(width / max(box[2] - box[0], 1), 5.0)
            at = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        else:
            fits = size / min(H, W)  # the crop is full at this scale
            scale = in_use if usual else np.exp(rng.uniform(np.log(0.7 * fits), np.log(max(1.2, 1.5 * fits))))
            at = rng.uniform((0, 0), (W, H))
        if rng.random() < 0.75:  # mostly at least 0.8 of the crop is picture
            scale = max(scale, 0.8 * size / max(H, W))
        squeeze = np.exp(rng.normal(0, 0.12) if rng.random() < 0.8 else rng.uniform(-0.5, 0.5))
        sx, sy = scale * squeeze**0.5, scale / squeeze**0.5
        angle = np.radians(rng.normal(0, 2.5) if rng.random() < 0.9 else rng.normal(0, 9))
        flip = -1.0 if rng.random() < 0.5 else 1.0
        linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([sx * flip, sy])
        linear[0, 1] += rng.normal(0, 0.03) * sy
        want = rng.uniform(0.08, 0.92, 2) * size
        if rng.random() < 0.85:  # keep the crop inside the picture where it fits
            extent = np.array([W * sx, H * sy])
            left = flip * at[0] * sx if flip > 0 else (W - at[0]) * sx
            top = at[1] * sy
            for i, (before, length) in enumerate(((left, extent[0]), (top, extent[1]))):
                low, high = max(size - (length - before), 0), min(before, size)
                if low < high:
                    want[i] = np.clip(want[i], low, high)
                elif length < size:
                    want[i] = before + rng.uniform(0, size - length)
        matrix = np.eye(3)
        matrix[:2, :2] = linear
        matrix[:2, 2] = want - linear @ at
        level = int(np.clip(np.floor(np.log2(1 / max(min(sx, sy), 1e-6)) + 0.35), 0, len(source.levels) - 1))
        image = source.levels[level]
        up = np.diag([W / image.shape[1], H / image.shape[0], 1.0])
        pad = tuple(int(v) for v in ((rng.integers(0, 256),) * 3 if rng.random() < 0.5 else rng.integers(0, 256, 3)))
        drawn = cv2.warpAffine(image, (matrix @ up)[:2], (size, size), flags=cv2.INTER_LINEAR, borderValue=pad)
        scene = Scene(drawn, unlabelled=max(source.labelled_from * sx, 1.4 * TINY))
        for b in source.boxes:
            corners = move(box_points(b), matrix)
            if flip < 0:
                corners = corners[[1, 0, 3, 2]]
            scene.add(corners, False)
        scene.ignore += [bounds(move(box_points(b), matrix)) for b in source.unsure]
        return scene

    def _plate(self, rng: Rng, aspect: float | None = None) -> np.ndarray:
        """A plate of the pool, of about the aspect asked for."""
        if aspect is None:
            return self.plates[rng.integers(len(self.plates))]
        some = rng.integers(len(self.plates), size=24)
        return self.plates[some[np.abs(np.log(self.aspects[some] / aspect)).argmin()]]

    def _light(self, plate: np.ndarray, scene: np.ndarray, box: np.ndarray, rng: Rng) -> np.ndarray:
        """The plate as bright and as tinted as what is around it."""
        x1, y1, x2, y2 = (int(v) for v in box)
        m = max(3, (y2 - y1) // 2)
        around = scene[max(y1 - m, 0) : y2 + m, max(x1 - m, 0) : x2 + m]
        if around.size == 0:
            return plate
        mean = around.reshape(-1, 3).mean(0)
        level = mean.mean()
        gain = np.clip((0.75 * level + 55) / 150, 0.25, 1.15) * np.exp(rng.normal(0, 0.25))
        tint = np.clip(mean / max(level, 1), 0.7, 1.3) ** rng.uniform(0, 1)
        ramp = 1 + rng.normal(0, 0.15) * np.linspace(-1, 1, plate.shape[1], dtype=np.float32)[None, :, None]
        return np.clip(plate * (gain * tint).astype(np.float32) * ramp, 0, 255).astype(np.uint8)

    def _draw(self, scene: Scene, corners: np.ndarray, plate: np.ndarray, rng: Rng) -> None:
        box = bounds(corners)
        plate = self._light(plate, scene.image, box, rng)
        if plate.shape[1] < 2 * plate.shape[0] and rng.random() < 0.35:
            surroundings.mudguard(scene.image, corners, rng)
        if rng.random() < 0.45:  # a holder or a dark recess around it
            middle = corners.mean(0)
            rim = middle + (corners - middle) * rng.uniform((1.02, 1.06), (1.10, 1.45))
            tone = int(rng.choice((rng.integers(5, 60), rng.integers(60, 255))))
            cv2.fillPoly(scene.image, [rim.astype(np.int32)], (tone, tone, tone), cv2.LINE_AA)
        if rng.random() < 0.2:
            surroundings.flank(scene.image, corners, rng)
        if rng.random() < 0.06:  # washed out by its own lamp or by headlights
            plate = np.clip(plate.astype(np.float32) * rng.uniform(1.3, 2.6) + rng.uniform(0, 90), 0, 255).astype(np.uint8)
        width = box[2] - box[0]
        paste(scene.image, plate, corners, soft=rng.uniform(0.5, 0.8 + min(width / 100, 1.2)))
        scene.add(corners, True)

    def _replace(self, scene: Scene, rng: Rng) -> None:
        """Cover each real plate with a rendered one, so that its corners are known in a real place."""
        old, corners = scene.boxes, scene.corners
        scene.boxes, scene.corners, scene.known = [], [], []
        for box, quad in zip(old, corners):
            w, h = box[2] - box[0], box[3] - box[1]
            slope = float(np.clip(rng.normal(0, 0.06), -0.2, 0.2))
            half = np.array([w, h]) / 2 * rng.uniform(1.04, 1.15)
            half[1] += abs(slope) * w / 2
            p = box_points((-half[0], -half[1], half[0], half[1]))
            p[:, 1] += p[:, 0] * slope
            p *= 1 + rng.uniform(-0.04, 0.04, (4, 1))
            p[[0, 3], 1] *= 1 + rng.uniform(-0.05, 0.05)
            centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
            self._draw(scene, (p + centre).astype(np.float32), self._plate(rng, half[0] / half[1]), rng)

    def paste_plates(self, scene: Scene, rng: Rng, n: int) -> None:
        """Paste ``n`` plates at free places, seen from any side."""
        size = scene.image.shape[0]
        for _ in range(n):
            plate = self._plate(rng)
            quad = seen_plate(plate.shape[1] / plate.shape[0], rng)
            span = bounds(quad)
            width = np.exp(rng.uniform(np.log(10), np.log(0.9 * size)))
            if self.settle and rng.random() < 0.5:
                width = np.exp(rng.uniform(*np.log(SMALL)))
            quad = quad * (width / (span[2] - span[0]))
            quad += rng.uniform(0.02, 0.98, 2).astype(np.float32) * size
            box = bounds(quad)
            taken = [*scene.boxes, *scene.ignore]
            if any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
                continue
            self._draw(scene, quad.astype(np.float32), plate, rng)

    def _distract(self, scene: Scene, rng: Rng, n: int) -> None:
        """Draw distractors, and put back what they would hide of plates."""
        size = scene.image.shape[0]
        kept = []
        for b in [*scene.boxes, *scene.ignore]:
            x1, y1 = (np.maximum(b[:2] - 3, 0)).astype(int)
            x2, y2 = (np.minimum(b[2:] + 3, size)).astype(int)
            kept.append((x1, y1, scene.image[y1:y2, x1:x2].copy()))
        if self.stickers and rng.random() < 0.75:
            for _ in range(n):
                distractors.stick(scene.image, self.stickers[rng.integers(len(self.stickers))], rng)
        else:
            distractors.scatter(scene.image, rng, n)
        for x, y, part in kept:
            scene.image[y : y + part.shape[0], x : x + part.shape[1]] = part
