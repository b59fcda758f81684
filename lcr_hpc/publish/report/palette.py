"""Sequential colours that keep their order for every kind of colour vision: lightness falls from step to step.

Made in OKLCH (Ottosson 2020, "A perceptual color space for image processing"), where equal steps of lightness look
equal; hue only helps those who see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

NO_VALUE = "#d9d9d9"


@dataclass(frozen=True)
class Ramp:
    """Ends of a sequential palette in OKLCH: lightness 0 to 1, chroma, hue in degrees."""

    lightness: tuple[float, float]
    chroma: tuple[float, float]
    hue: tuple[float, float]


CONGESTION = Ramp((0.74, 0.32), (0.04, 0.15), (80, 22))
EMISSION = Ramp((0.95, 0.36), (0.07, 0.15), (98, 30))
AIR = Ramp((0.95, 0.32), (0.07, 0.11), (110, 285))
DEATHS = Ramp((0.95, 0.32), (0.04, 0.17), (50, -25))
LIVES = Ramp((0.95, 0.32), (0.05, 0.09), (130, 225))
DEPRIVATION = Ramp((0.95, 0.32), (0.02, 0.12), (310, 300))


def colours(ramp: Ramp, n: int) -> list[str]:
    """Return `n` colours from the light to the dark end as #rrggbb."""
    steps = [i / (n - 1) if n > 1 else 1.0 for i in range(n)]
    return [_hex(*(start + (end - start) * t for start, end in (ramp.lightness, ramp.chroma, ramp.hue))) for t in steps]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb as the Web Content Accessibility Guidelines define it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _hex(lightness: float, chroma: float, hue: float) -> str:
    # Too much chroma for the screen is taken back at the same lightness and hue.
    while not all(-1e-4 <= c <= 1 + 1e-4 for c in _linear_rgb(lightness, chroma, hue)):
        chroma *= 0.95
    return "#" + "".join(f"{round(255 * _gamma(c)):02x}" for c in _linear_rgb(lightness, chroma, hue))


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(linear: float) -> float:
    linear = min(max(linear, 0.0), 1.0)
    return 12.92 * linear if linear <= 0.0031308 else float(1.055 * linear ** (1 / 2.4) - 0.055)
