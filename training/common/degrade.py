"""What cameras do to pictures: degradations shared by the detector and the readers.

Every function takes and returns uint8 [H,W,3] RGB, with a ``numpy.random.Generator``. ``degrade`` draws a random
chain of them; ``strength`` 0..1 scales how bad it gets.
"""
from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator


def _table(curve: np.ndarray) -> np.ndarray:
    return np.clip(curve, 0, 255).astype(np.uint8)


def tone(image: np.ndarray, rng: Rng, strength: float = 1.0) -> np.ndarray:
    """Exposure, contrast, gamma and a colour cast, by one look-up table a channel."""
    x = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.35 * strength))
    contrast = np.exp(rng.normal(0, 0.25 * strength))
    shift = rng.normal(0, 0.10 * strength)
    cast = np.exp(rng.normal(0, 0.12 * strength, 3))
    table = np.stack([_table(((np.power(x, gamma) - 0.5) * contrast + 0.5 + shift) * c * 255) for c in cast], 1)
    return cv2.LUT(image, table.reshape(256, 1, 3))


def saturation(image: np.ndarray, rng: Rng, strength: float = 1.0) -> np.ndarray:
    """Weaker or stronger colours."""
    k = float(np.clip(1 + rng.normal(0, 0.45 * strength), 0, 2))
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(image, k, grey, 1 - k, 0)


def grey(image: np.ndarray) -> np.ndarray:
    """Monochrome camera."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def infrared(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Night with infra-red light: monochrome with odd channel weights, dark surroundings, sometimes a tint."""
    weights = rng.dirichlet((2.0, 1.5, 1.0))
    mono = image @ weights.astype(np.float32)
    mono = 255 * np.power(mono / 255, rng.uniform(0.8, 2.0)) * rng.uniform(0.6, 1.3)
    tint = np.ones(3, np.float32) if rng.random() < 0.6 else rng.uniform(0.75, 1.05, 3).astype(np.float32)
    return np.clip(mono[..., None] * tint, 0, 255).astype(np.uint8)


def night(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Dark scene under coloured lamps."""
    cast = rng.uniform(0.5, 1.0, 3).astype(np.float32)
    dark = 255 * np.power(image.astype(np.float32) / 255, rng.uniform(1.0, 1.7)) * rng.uniform(0.35, 0.9) * cast
    return np.clip(dark, 0, 255).astype(np.uint8)


def shadow(image: np.ndarray, rng: Rng) -> np.ndarray:
    """A straight shadow edge or a gradient of light over the picture."""
    h, w = image.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    d = (xx / w - rng.uniform(0.2, 0.8)) * np.cos(angle) + (yy / h - rng.uniform(0.2, 0.8)) * np.sin(angle)
    soft = np.exp(rng.uniform(np.log(0.01), np.log(0.6)))
    light = 1 - rng.uniform(0.2, 0.65) / (1 + np.exp(np.clip(-d / soft, -30, 30)))
    return (image * light[..., None]).astype(np.uint8)


def glare(image: np.ndarray, rng: Rng, radius: tuple[float, float] = (0.03, 0.25)) -> np.ndarray:
    """One to three bright blobs (sun, lamps), sizes as fractions of the longer side."""
    h, w = image.shape[:2]
    layer = np.zeros((h, w), np.float32)
    for _ in range(rng.integers(1, 4)):
        r = rng.uniform(*radius) * max(h, w)
        x, y = rng.uniform(0, w), rng.uniform(0, h)
        cv2.circle(layer, (int(x), int(y)), max(int(r), 1), float(rng.uniform(0.4, 1.4)), -1, cv2.LINE_AA)
    layer = cv2.GaussianBlur(layer, (0, 0), max(1.0, 0.03 * max(h, w)))
    colour = rng.uniform(0.8, 1.0, 3).astype(np.float32) * 255
    return np.clip(image + layer[..., None] * colour, 0, 255).astype(np.uint8)


def motion_blur(image: np.ndarray, rng: Rng, longest: float) -> np.ndarray:
    """Blur along a line up to ``longest`` pixels, mostly level."""
    n = int(round(rng.uniform(2, max(longest, 2.1))))
    kernel = np.zeros((n, n), np.float32)
    angle = rng.normal(0, 25) if rng.random() < 0.7 else rng.uniform(0, 180)
    kernel[n // 2] = 1
    turn = cv2.getRotationMatrix2D(((n - 1) / 2, (n - 1) / 2), angle, 1)
    kernel = cv2.warpAffine(kernel, turn, (n, n))
    return cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1e-3), borderType=cv2.BORDER_REPLICATE)


def lens_blur(image: np.ndarray, rng: Rng, sigma: float) -> np.ndarray:
    """Out of focus, up to ``sigma`` pixels."""
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, max(sigma, 0.31)))


def low_resolution(image: np.ndarray, rng: Rng, smallest: float) -> np.ndarray:
    """Down to a fraction (at least ``smallest``) of the size and back."""
    h, w = image.shape[:2]
    k = rng.uniform(smallest, 1.0)
    down = cv2.resize(image, (max(int(w * k), 4), max(int(h * k), 4)), interpolation=cv2.INTER_AREA)
    back = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[rng.choice(3, p=(0.5, 0.4, 0.1))]
    return cv2.resize(down, (w, h), interpolation=back)


def noise(image: np.ndarray, rng: Rng, sigma: float) -> np.ndarray:
    """Sensor noise up to ``sigma`` grey levels: fine or coarse grain, coloured or not."""
    h, w = image.shape[:2]
    s = rng.uniform(1, max(sigma, 1.1))
    channels = 1 if rng.random() < 0.4 else 3
    k = 1 if rng.random() < 0.6 else 2
    grain = np.empty(((h + k - 1) // k, (w + k - 1) // k, channels), np.int16)
    cv2.setRNGSeed(int(rng.integers(1 << 30)))
    cv2.randn(grain, (0,) * channels, (s,) * channels)
    if k > 1:
        grain = cv2.resize(grain, (w, h), interpolation=cv2.INTER_LINEAR).reshape(h, w, channels)
    if channels == 1:
        grain = np.repeat(grain, 3, 2)
    return cv2.add(image, np.ascontiguousarray(grain), dtype=cv2.CV_8U)


def jpeg(image: np.ndarray, rng: Rng, worst: int = 15) -> np.ndarray:
    """JPEG compression of quality ``worst`` to 95."""
    quality = int(worst + (95 - worst) * rng.beta(2, 1.5))
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def sharpen(image: np.ndarray, rng: Rng) -> np.ndarray:
    """The unsharp mask of cheap cameras."""
    k = rng.uniform(0.3, 1.5)
    return cv2.addWeighted(image, 1 + k, cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 2)), -k, 0)


def degrade(image: np.ndarray, rng: Rng, strength: float = 1.0, blur: float | None = None) -> np.ndarray:
    """A random chain of degradations in the order light, optics, sensor, compression.

    ``blur``: how many pixels the blur may reach at strength 1 (default: 1.2 % of the longer side).
    """
    reach = (0.012 * max(image.shape[:2]) if blur is None else blur) * strength
    if rng.random() < 0.25 * strength:
        image = shadow(image, rng)
    if rng.random() < 0.06 * strength:
        image = glare(image, rng)
    light = rng.random()
    if light < 0.07:
        image = infrared(image, rng)
    elif light < 0.13:
        image = night(image, rng)
    elif light < 0.23:
        image = grey(image)
    elif light < 0.5:
        image = saturation(image, rng, strength)
    if rng.random() < 0.7:
        image = tone(image, rng, strength)
    pick = rng.random()
    if pick < 0.12 * strength:
        image = motion_blur(image, rng, 2.0 * reach)
    elif pick < 0.27 * strength:
        image = lens_blur(image, rng, 0.4 * reach)
    elif pick < 0.42 * strength:
        image = low_resolution(image, rng, 0.45)
    elif pick < 0.5 * strength:
        image = sharpen(image, rng)
    if rng.random() < 0.3 * strength:
        image = noise(image, rng, 18 * strength)
    if rng.random() < 0.4:
        image = jpeg(image, rng, int(60 - 40 * strength))
    return image
