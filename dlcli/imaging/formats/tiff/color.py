"""Samples of a TIFF to RGB: what the numbers mean by the file's own tags, and what has to be said of them."""

import numpy as np
from PIL import Image

from dlcli.imaging.color.convert import cmyk_to_rgb
from dlcli.imaging.depth import over_white, to_8_bit, to_full_range, to_rgb
from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff.layout import (
    BASE,
    BLACK_IS_ZERO,
    CMYK,
    FLOAT,
    RGB,
    SIGNED,
    UNSIGNED,
    WHITE_IS_ZERO,
    Layout,
)
from dlcli.imaging.value_range import ValueRange, scaled

COLORS = {WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, CMYK}  # those that `to_pixels` knows
_KINDS = {UNSIGNED: "whole numbers", SIGNED: "signed whole numbers", FLOAT: "floating point numbers"}
_NAMES = {8: "CIE Lab", 9: "ICC Lab", 10: "ITU Lab", 32844: "LogL", 32845: "LogLuv", 4: "a transparency mask"}
RANGE_ADVICE = "image commands read it with --range LOW,HIGH or --range percentile; or convert it to 8-bit PNG first"


def check_color(layout: Layout, value_range: ValueRange | None) -> None:
    """Fault, unsupported: no rule turns these samples into light."""
    if layout.photometric not in BASE:
        name = _NAMES.get(layout.photometric, f"of the unknown kind {layout.photometric}")
        raise Fault("unsupported", f"its colors are {name}, which is not read")
    if layout.samples < layout.color:
        raise Fault("damaged", f"its TIFF header states {layout.samples} samples where colors take {layout.color}")
    if layout.photometric == CMYK and layout.inks != 1:
        raise Fault("unsupported", "its inks are others than cyan, magenta, yellow and black")
    if needs_range(layout) and value_range is None:
        reason = f"its samples are {layout.bits}-bit {_KINDS.get(layout.kind, 'of an unknown kind')}"
        raise Fault("unsupported", f"{reason}, which have no range of light of their own", RANGE_ADVICE)
    if needs_range(layout) and layout.photometric == CMYK:
        raise Fault("unsupported", f"its inks are {layout.bits}-bit {_KINDS[layout.kind]}")


def needs_range(layout: Layout) -> bool:
    """Whether the numbers alone do not say what is black and white."""
    return layout.kind != UNSIGNED or layout.bits > 16


def to_pixels(
    samples: np.ndarray, layout: Layout, value_range: ValueRange | None, profile: bytes = b""
) -> tuple[np.ndarray, tuple[str, ...]]:
    """[H, W, color and perhaps alpha] as `read_samples` gives them -> RGB [H, W, 3], uint8 or uint16, and notes.

    profile: by which inks become sRGB; other colors stay in its space.
    """
    color, alpha = samples[..., : layout.color], samples[..., layout.color :]
    notes = list(band_notes(layout))
    if value_range is not None and (needs_range(layout) or layout.bits > 8):
        color, note = _ranged(color, value_range)
        notes += note
    else:
        color = to_full_range(color, layout.bits)
    if layout.photometric == WHITE_IS_ZERO:
        color = np.iinfo(color.dtype).max - color
    if layout.photometric == CMYK:
        notes += ["its inks of 16 bits were read as 8"] if color.dtype == np.uint16 else []
        inks = Image.fromarray(np.ascontiguousarray(to_8_bit(color)), "CMYK")
        color = np.array(cmyk_to_rgb(inks, profile))
    if not alpha.size:
        return to_rgb(color), tuple(notes)
    return _over_white(color, _alpha(alpha, layout, color.dtype), layout.premultiplied), tuple(notes)


def band_notes(layout: Layout) -> list[str]:
    """On samples that are neither color nor transparency by the file's own word."""
    if layout.alpha is not None and not layout.extra:
        return ["its fourth band was taken for transparency, which its tags do not say"]
    left = layout.samples - layout.color - (layout.alpha is not None)
    name = {1: "the first", 3: "the first three (red, green, blue)", 4: "the first four (inks)"}[layout.color]
    seen = f"{name} and transparency" if layout.alpha is not None else name
    return (
        [f"of its {layout.samples} bands only {seen} {'was' if seen == 'the first' else 'were'} read"] if left else []
    )


def _ranged(color: np.ndarray, value_range: ValueRange) -> tuple[np.ndarray, list[str]]:
    lost = int(color.size - np.isfinite(color).sum()) if color.dtype.kind == "f" else 0
    notes = (
        [f"{lost:,} values that are no finite numbers were taken for the nearest end, NaN for black"] if lost else []
    )
    return scaled(color, *value_range.limits(color)), notes


def _alpha(alpha: np.ndarray, layout: Layout, dtype: np.dtype) -> np.ndarray:
    """[H, W, 1] as stored -> of the color's type. Floating point numbers: 1 is opaque; signed: the type's maximum."""
    if layout.kind == FLOAT:
        deep = scaled(alpha, 0.0, 1.0)
    elif needs_range(layout):
        deep = scaled(alpha, 0.0, float(np.iinfo(alpha.dtype).max))
    else:
        deep = to_full_range(alpha, layout.bits)
    if deep.dtype == np.uint8 and dtype == np.uint16:
        return deep.astype(np.uint16) * np.uint16(257)
    return to_8_bit(deep) if dtype == np.uint8 else deep


def _over_white(color: np.ndarray, alpha: np.ndarray, premultiplied: bool) -> np.ndarray:
    if not premultiplied:
        rgb = np.broadcast_to(color, (*color.shape[:2], 3))
        return over_white(np.concatenate([rgb, alpha], axis=2))
    top = np.iinfo(color.dtype).max
    through = top - alpha  # of the white behind
    return to_rgb(np.minimum(color, top - through) + through)
