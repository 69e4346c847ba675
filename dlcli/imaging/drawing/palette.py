"""One color a label: the same in every image, run, task and report, whatever the class ids of a model are."""

import math
import zlib
from functools import lru_cache

from dlcli.class_names import common_name

Color = tuple[int, int, int]

_GOLDEN_ANGLE = 137.50776  # degrees: any run of ids spreads evenly over the hues
# Names are spread over so many colors by a checksum; of 60,000 salts this one keeps people, vehicles and common animals
# farthest apart (0.100 in OKLab), and the closest two of VOC's classes 0.047.
_COLORS, _SALT = 1536, "54470"
_TONES = ((0.74, 0.16), (0.62, 0.19), (0.84, 0.13))  # OKLCH lightness and chroma, in turn


@lru_cache(maxsize=4096)
def label_color(label: str) -> Color:
    """sRGB, each 0 to 255, by the label alone; classes that COCO and VOC name differently have one color."""
    return spread_color(zlib.crc32(f"{_SALT}{common_name(label)}".encode("utf-8", "replace")) % _COLORS)


@lru_cache(maxsize=4096)
def spread_color(number: int) -> Color:
    """sRGB, each 0 to 255, for a number >= 0: hue by the golden angle, three tones in turn, in OKLCH."""
    lightness, chroma = _TONES[number % 3]
    hue = math.radians((30 + number * _GOLDEN_ANGLE) % 360)
    while True:  # less chroma until the color exists on a screen
        rgb = _oklab_to_linear(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if all(-1e-4 <= v <= 1.0001 for v in rgb):
            break
        chroma *= 0.97
    red, green, blue = (round(255 * _encode(min(1.0, max(0.0, v)))) for v in rgb)
    return red, green, blue


def readable_on(color: Color) -> Color:
    """Near-black or white, whichever has the greater contrast (WCAG 2 relative luminance)."""
    linear = [_decode(v / 255) for v in color]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (16, 16, 16) if (luminance + 0.05) ** 2 > 1.05 * 0.056 else (255, 255, 255)


def _oklab_to_linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """Bjorn Ottosson, "A perceptual color space for image processing", 2020."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encode(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _decode(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
