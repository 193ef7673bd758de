"""Boxes, quadrilaterals and views. Points are float [n,2] x, y in pixels; corners go TL, TR, BR, BL of the plate."""
from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator


def box_points(box) -> np.ndarray:
    """x1,y1,x2,y2 -> its corners [4,2]."""
    x1, y1, x2, y2 = box
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def bounds(points: np.ndarray) -> np.ndarray:
    """Bounding box x1,y1,x2,y2 of points [n,2]."""
    return np.concatenate((points.min(0), points.max(0))).astype(np.float32)


def move(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points [n,2] through a homography [3,3]."""
    p = np.concatenate((points, np.ones((len(points), 1))), 1) @ matrix.T
    return (p[:, :2] / p[:, 2:]).astype(np.float32)


def seen_plate(aspect: float, rng: Rng, steep: float = 1.0) -> np.ndarray:
    """Corners [4,2] of a plate ``aspect`` wide and 1 high, seen from the side, above and rolled; centred on 0, 0.

    Yaw mostly under 35 degrees and at most 65, pitch under 30, roll mostly under 5 (of nearly square plates half more), times ``steep``.
    """
    yaw = np.radians(np.clip(rng.normal(0, 24) * steep, -65, 65))
    pitch = np.radians(np.clip(rng.normal(0, 11) * steep, -35, 35))
    # motorcycles lean, and their plates are the nearly square ones
    leaning = rng.random() < (0.5 if aspect < 2 else 0.15)
    roll = np.radians(rng.normal(0, (24 if aspect < 2 else 16) if leaning else 5) * steep)
    p = np.array([[-aspect / 2, -0.5, 0], [aspect / 2, -0.5, 0], [aspect / 2, 0.5, 0], [-aspect / 2, 0.5, 0]])
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    p = p @ np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    p = p @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    p = p @ np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    distance = aspect * rng.uniform(2.5, 12)
    q = p[:, :2] / (1 + p[:, 2:] / distance)
    return (q - (q.min(0) + q.max(0)) / 2).astype(np.float32)


def paste(scene: np.ndarray, plate: np.ndarray, corners: np.ndarray, soft: float = 0.7) -> None:
    """Draw ``plate`` [h,w,3] onto ``scene`` at ``corners`` [4,2], in place, with anti-aliased edges."""
    H, W = scene.shape[:2]
    x1, y1, x2, y2 = bounds(corners)
    ox, oy = max(int(x1) - 2, 0), max(int(y1) - 2, 0)
    ex, ey = min(int(np.ceil(x2)) + 3, W), min(int(np.ceil(y2)) + 3, H)
    if ex - ox < 2 or ey - oy < 2:
        return
    h, w = plate.shape[:2]
    # shrink first, so that the warp does not alias
    k = min(1.0, 1.15 * max((x2 - x1) / w, (y2 - y1) / h))
    if k < 0.8:
        plate = cv2.resize(plate, (max(int(w * k), 4), max(int(h * k), 3)), interpolation=cv2.INTER_AREA)
        h, w = plate.shape[:2]
    big = 4  # the mask is drawn finer and shrunk: soft edges
    mask = np.zeros(((ey - oy) * big, (ex - ox) * big), np.uint8)
    cv2.fillPoly(mask, [np.round((corners - (ox, oy)) * big).astype(np.int32)], 255)
    mask = cv2.resize(mask, (ex - ox, ey - oy), interpolation=cv2.INTER_AREA)
    if soft > 0.75:
        mask = cv2.GaussianBlur(mask, (0, 0), soft - 0.4)
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, (corners - (ox, oy)).astype(np.float32))
    drawn = cv2.warpPerspective(plate, matrix, (ex - ox, ey - oy), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    part = scene[oy:ey, ox:ex]
    alpha = mask[..., None].astype(np.float32) / 255
    part[:] = (part * (1 - alpha) + drawn * alpha + 0.5).astype(np.uint8)
