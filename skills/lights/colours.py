"""The colours that people name, as the lamps' red, green and blue."""

from collections.abc import Mapping
from typing import Literal

Colour = Literal[
    "red", "orange", "yellow", "green", "turquoise", "cyan", "blue", "purple", "pink",
    "white", "warm white", "cool white",
]  # fmt: skip

RGB: Mapping[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "orange": (255, 128, 0),
    "yellow": (255, 220, 0),
    "green": (0, 255, 0),
    "turquoise": (64, 224, 208),
    "cyan": (0, 255, 255),
    "blue": (0, 0, 255),
    "purple": (128, 0, 255),
    "pink": (255, 105, 180),
    "white": (255, 255, 255),
    "warm white": (255, 214, 170),
    "cool white": (220, 235, 255),
}

KELVIN: Mapping[str, int] = {"warm white": 2700, "white": 4000, "cool white": 6500}
"""Lamps with white light of several temperatures make these better than with coloured light."""
