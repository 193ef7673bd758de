"""From a sharp plate to what the reader gets: seen by a camera in perspective at low resolution, degraded, found by a
detector whose corners are a little off, rectified to WIDTH x HEIGHT. Everything with a `numpy.random.Generator`.
"""
import cv2
import numpy as np

from ..common import degrade
from .config import HEIGHT, MARGIN, WIDTH

SIDEWAYS = .35                     # share of the views of a real crop that are turned: few crops were taken from the side
TARGET = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)


def project(w, h, rng, steep, lean=0):
    """Corners [4,2] of a w x h plate turned by yaw, pitch, roll up to `steep` degrees and leaning by about `lean` degrees
    more, seen at a finite distance."""
    yaw, pitch = np.radians(rng.normal(0, steep / 2.2, 2).clip(-steep, steep) * (1, .7))
    roll = np.radians(np.clip(rng.normal(0, steep / 5), -20, 20) + rng.normal(0, lean))
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    r = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]]) @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    p = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]], float) / 2 @ r.T
    d = w * rng.uniform(2, 10)
    return (p[:, :2] * (d / (d + p[:, 2:3]))).astype(np.float32)


def quad_of(corners, rng, sharp=False):
    """The corners a detector might give for true `corners`: noisy, axis-aligned, loose or cut; then the margin added."""
    w = np.linalg.norm(corners[1] - corners[0] + corners[2] - corners[3]) / 2
    h = np.linalg.norm(corners[3] - corners[0] + corners[2] - corners[1]) / 2
    k = rng.random()
    q = corners.copy()
    if k < .36:                                  # an axis-aligned box
        x0, y0 = q.min(0)
        x1, y1 = q.max(0)
        q = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    s = (.012 if sharp else rng.choice([.01, .02, .035], p=[.4, .4, .2]))
    q = q + rng.normal(0, 1, (4, 2)) * (w * s, h * s * 1.6)
    e = rng.normal(0, 1, 4) * (.02, .035, .02, .035) * (w, h, w, h)      # edges moved: left, top, right, bottom
    if k > .9:
        e = e + np.abs(rng.normal(0, 1, 4)) * (.06, .12, .06, .12) * (w, h, w, h)
    q[[0, 3], 0] -= e[0]
    q[[0, 1], 1] -= e[1]
    q[[1, 2], 0] += e[2]
    q[[2, 3], 1] += e[3]
    return push_out(q.astype(np.float32))


def push_out(q, margin=MARGIN):
    """Corners pushed outward by `margin` of the plate's width and height along its own edges."""
    mx, my = margin
    u = (q[1] - q[0] + q[2] - q[3]) / 2
    v = (q[3] - q[0] + q[2] - q[1]) / 2
    return (q + np.array([-mx * u - my * v, mx * u - my * v, mx * u + my * v, -mx * u + my * v])).astype(np.float32)


def rectify(image, quad):
    """`quad` (TL, TR, BR, BL in pixels) of `image` stretched to WIDTH x HEIGHT; big pictures are reduced first."""
    w = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    k = w / WIDTH
    if k > 2:
        f = 1.5 / k
        small = cv2.resize(image, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
        quad = quad * np.array([small.shape[1] / image.shape[1], small.shape[0] / image.shape[0]], np.float32)
        image = small
    m = cv2.getPerspectiveTransform(quad.astype(np.float32), TARGET)
    return cv2.warpPerspective(image, m, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), m


def shoot(image, meta, rng, hard=1.0):
    """One view of a rendered plate. Returns (crop uint8 [HEIGHT,WIDTH,3], centres float32 [n,2] of the characters in it)."""
    c = meta["corners"]
    pw, ph = c[1, 0] - c[0, 0], c[3, 1] - c[0, 1]
    ch = float(np.median(meta["chars"][:, 3] - meta["chars"][:, 1])) if len(meta["chars"]) else ph * .6
    px = np.exp(rng.uniform(np.log(11), np.log(52)) if rng.random() < .85 else rng.uniform(np.log(8), np.log(11)))   # character height seen
    if len(meta["rows"]) == 2 and rng.random() < .5:
        px = max(px, 12)
    steep = rng.choice([6, 18, 35, 45], p=[.36, .3, .22, .12])
    k = min(px / ch, 1.25)
    # motorcycles lean, cameras hang askew; plates of two rows are the motorcycles'
    leaning = rng.random() < (.2 if len(meta["rows"]) == 2 else .08)
    quad = project(pw * k, ph * k, rng, steep, 14 if leaning else 0)
    lo, hi = quad.min(0), quad.max(0)
    pad = .14 * (hi - lo) + 3
    size = np.ceil(hi - lo + 2 * pad).astype(int)
    quad = quad - lo + pad
    src = image
    f = 1.0
    if k < .6:
        f = min(1.0, k * 1.35)
        src = cv2.resize(image, (max(8, int(image.shape[1] * f)), max(8, int(image.shape[0] * f))), interpolation=cv2.INTER_AREA)
    scale = np.array([src.shape[1] / image.shape[1], src.shape[0] / image.shape[0]], np.float32)
    m1 = cv2.getPerspectiveTransform((c * scale).astype(np.float32), quad.astype(np.float32))
    view = cv2.warpPerspective(src, m1, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strength = hard * rng.uniform(.15, 1.0)
    view = degrade.degrade(view, rng, strength, blur=max(1.0, .13 * min(px, ch * k)))
    if rng.random() < .05 * hard:                 # a lamp or the sun washes strokes out
        view = degrade.glare(view, rng, (.05, .2))
    crop, m2 = rectify(view, quad_of(quad, rng))
    if rng.random() < .12:
        crop = degrade.tone(crop, rng, .6)
    ch = meta["chars"]
    if len(ch) == 0:
        return crop, np.zeros((0, 2), np.float32)
    p = np.stack([(ch[:, 0] + ch[:, 2]) / 2, (ch[:, 1] + ch[:, 3]) / 2], 1) * scale
    p = cv2.perspectiveTransform(p[None].astype(np.float64), m2 @ m1)[0]
    return crop, p.astype(np.float32)


def turned(image, box, rng):
    """A crop seen from the side: `box` of `image` turned by up to 45 degrees and, now and then, leaning. Returns the view and the box's
    corners [4,2] in it; what the crop does not show around the plate is its own edge repeated."""
    x0, y0, x1, y1 = box
    src = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    quad = project(x1 - x0, y1 - y0, rng, rng.choice([18, 32, 45], p=[.4, .4, .2]), 8 if rng.random() < .3 else 0)
    low, high = quad.min(0), quad.max(0)
    pad = .14 * (high - low) + 2
    quad = (quad - low + pad).astype(np.float32)
    size = np.ceil(high - low + 2 * pad).astype(int)
    view = cv2.warpPerspective(image, cv2.getPerspectiveTransform(src, quad), (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return view, quad


def reshoot(image, box, rng, hard=1.0):
    """A varied view of a real crop: `box` (x0,y0,x1,y1) of the plate in `image`."""
    if rng.random() < SIDEWAYS:
        view, quad = turned(image, box, rng)
        h = np.linalg.norm(quad[3] - quad[0] + quad[2] - quad[1]) / 2
        view = degrade.degrade(view, rng, hard * rng.uniform(0, .7), blur=max(.8, .05 * h))
        return rectify(view, quad_of(quad, rng))[0]
    x0, y0, x1, y1 = box
    q = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    w, h = x1 - x0, y1 - y0
    k = rng.random()
    if k < .5:
        q = q + rng.normal(0, 1, (4, 2)) * (w * .02, h * .035)
    if k > .6:
        a = np.radians(rng.normal(0, 4))
        q = (q - q.mean(0)) @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) + q.mean(0)
    e = rng.normal(0, 1, 4) * (.015, .03, .015, .03) * (w, h, w, h)
    q[[0, 3], 0] -= e[0]
    q[[0, 1], 1] -= e[1]
    q[[1, 2], 0] += e[2]
    q[[2, 3], 1] += e[3]
    if rng.random() < .35:                        # further away
        s = rng.uniform(.3, .8) * min(1.0, 200 / max(w, 1))
        s = max(s, 45 / max(w, 1))
        if s < 1:
            image = cv2.resize(image, None, fx=s, fy=s, interpolation=cv2.INTER_AREA)
            q = q * s
            w, h = w * s, h * s
    strength = hard * rng.uniform(0, .8)
    image = degrade.degrade(image, rng, strength, blur=max(.8, .05 * h))
    return rectify(image, push_out(q.astype(np.float32)))[0]
