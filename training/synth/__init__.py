"""Synthetic plates. `render_plate(rng) -> Plate` draws one; see plate.py, thai.py and README.md."""
from .plate import REGIONS, Plate, render_plate  # noqa: F401
