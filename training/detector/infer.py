"""Run the detector on whole pictures, as the product does: resize, pad, network, non-maximum suppression."""
from __future__ import annotations

import cv2
import numpy as np
import torch

from ..common import ort
from .model import Exported, PlateDetector

#: long side (pixels) a frame is resized to; how far a small picture is enlarged at most; IoU for suppression
INPUT_SIDE = 960
LARGEST_SCALE = 2.0
NMS_IOU = 0.45
#: as in core/vision/nms.ts
MAX_CONTAINED = 0.8


def prepare(image: np.ndarray, side: int = INPUT_SIDE, largest: float = LARGEST_SCALE) -> tuple[np.ndarray, float]:
    """RGB [H,W,3] -> (resized and padded right and below to multiples of 32, scale)."""
    h, w = image.shape[:2]
    scale = min(side / max(h, w), largest)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(round(w * scale), 1), max(round(h * scale), 1))
    small = cv2.resize(image, size, interpolation=method)
    pad_h, pad_w = -size[1] % 32, -size[0] % 32
    return cv2.copyMakeBorder(small, 0, pad_h, 0, pad_w, cv2.BORDER_CONSTANT, value=(114, 114, 114)), scale


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of boxes [n,4] and [m,4] -> [n,m]."""
    left = np.maximum(a[:, None, :2], b[None, :, :2])
    right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(right - left, 0, None).prod(2)
    area = lambda v: (v[:, 2:] - v[:, :2]).prod(1)
    return both / np.maximum(area(a)[:, None] + area(b)[None] - both, 1e-6)


def suppress(rows: np.ndarray, iou: float = NMS_IOU, contained: float = MAX_CONTAINED) -> np.ndarray:
    """Greedy non-maximum suppression of rows [n,13] (score first), best first: what overlaps a better box by ``iou``
    goes, and so does what lies in a better one (or holds it) by ``contained`` of the smaller of the two."""
    rows = rows[np.argsort(-rows[:, 0], kind="stable")][:1000]
    boxes = rows[:, 1:5]
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    kept: list[int] = []
    alive = np.ones(len(rows), bool)
    for i in range(len(rows)):
        if alive[i]:
            kept.append(i)
            both = np.clip(np.minimum(boxes[i, 2:], boxes[:, 2:]) - np.maximum(boxes[i, :2], boxes[:, :2]), 0, None).prod(1)
            union = np.maximum(area[i] + area - both, 1e-6)
            alive &= (both <= iou * union) & (both <= contained * np.maximum(np.minimum(area[i], area), 1e-6))
    return rows[kept]


def finish(rows: np.ndarray, scale: float, lowest: float) -> np.ndarray:
    """Raw output [N,13] -> plates [n,13] in pixels of the picture before it was resized."""
    rows = suppress(rows[rows[:, 0] >= lowest])
    rows[:, 1:] /= scale
    return rows


class Runner:
    """Runs a detector in PyTorch: ``Runner(net)(pictures)`` -> rows [n,13] of each."""

    def __init__(self, net: PlateDetector, side: int = INPUT_SIDE, largest: float = LARGEST_SCALE, lowest: float = 0.02) -> None:
        self.model = Exported(net.eval()).to(memory_format=torch.channels_last)
        self.side, self.largest, self.lowest = side, largest, lowest

    def raw(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        """Output of the network for pictures [H,W,3] ready for it."""
        with torch.no_grad():
            return [self.model(torch.from_numpy(p[None]))[0].numpy() for p in pictures]

    def __call__(self, images: list[np.ndarray]) -> list[np.ndarray]:
        ready = [prepare(i, self.side, self.largest) for i in images]
        return [finish(r, scale, self.lowest) for r, (_, scale) in zip(self.raw([p for p, _ in ready]), ready)]


class OnnxRunner(Runner):
    """The same in onnxruntime-node, on the file that ships; several times faster."""

    def __init__(self, path: str, side: int = INPUT_SIDE, largest: float = LARGEST_SCALE, lowest: float = 0.02) -> None:
        self.path, self.side, self.largest, self.lowest = path, side, largest, lowest

    def raw(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        outs, _ = ort.run(self.path, "image", [p[None] for p in pictures], "detections")
        return [o[0].copy() for o in outs]
