"""Colours between the ways of writing them. In the house a colour is (red, green, blue), each 0 to 255."""

import colorsys

Rgb = tuple[int, int, int]

# sRGB's primaries and the white D65 (IEC 61966-2-1): linear RGB to CIE XYZ, and back.
_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_TO_RGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))

HUE_TOLERANCE = 15.0
SATURATION_TOLERANCE = 15.0
"""In degrees and percent: lamps report the colour that they can show, not the one that was asked."""


def rgb(red: float, green: float, blue: float) -> Rgb:
    """A colour whose parts were clipped into their range."""
    return (_byte(red), _byte(green), _byte(blue))


def to_hs(colour: Rgb) -> tuple[float, float]:
    """Hue in degrees, saturation in percent."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    return round(hue * 360, 1), round(saturation * 100, 1)


def from_hs(hue: float, saturation: float) -> Rgb:
    """The brightest colour of that hue (degrees) and saturation (percent)."""
    parts = colorsys.hsv_to_rgb(hue % 360 / 360, min(1.0, max(0.0, saturation / 100)), 1.0)
    return rgb(*(part * 255 for part in parts))


def to_xy(colour: Rgb) -> tuple[float, float]:
    """CIE 1931 chromaticity; black has that of white."""
    linear = [_linear(part / 255) for part in (colour if any(colour) else (255, 255, 255))]
    x, y, z = (sum(a * b for a, b in zip(row, linear, strict=True)) for row in _TO_XYZ)
    total = x + y + z
    return round(x / total, 4), round(y / total, 4)


def from_xy(x: float, y: float) -> Rgb:
    """The brightest colour of that chromaticity that a screen can show."""
    y = max(y, 1e-4)
    xyz = (x / y, 1.0, (1 - x - y) / y)
    linear = [max(0.0, sum(a * b for a, b in zip(row, xyz, strict=True))) for row in _TO_RGB]
    brightest = max(linear) or 1.0
    return rgb(*(_gamma(part / brightest) * 255 for part in linear))


def kelvin(mireds: float) -> int:
    """Colour temperature; mireds are a million divided by kelvin."""
    return round(1e6 / mireds)


def alike(one: Rgb, other: Rgb) -> bool:
    """Whether two colours are the same to the eye, however bright."""
    (hue, saturation), (other_hue, other_saturation) = to_hs(one), to_hs(other)
    if abs(saturation - other_saturation) > SATURATION_TOLERANCE:
        return False
    apart = abs(hue - other_hue) % 360
    return (
        min(apart, 360 - apart) <= HUE_TOLERANCE or max(saturation, other_saturation) < SATURATION_TOLERANCE
    )


def _byte(part: float) -> int:
    return min(255, max(0, round(part)))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
