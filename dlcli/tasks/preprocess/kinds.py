"""What an image is beside its pixels, and stays: one channel, or numbers of a palette, which are resized by nearest."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dlcli.imaging.color.convert import needs_conversion
from dlcli.imaging.color.srgb import has_srgb_shades
from dlcli.imaging.file_indices import Indices, read_indices
from dlcli.imaging.file_info import ImageInfo
from dlcli.imaging.geometry import resize
from dlcli.imaging.steps.chain import Step
from dlcli.records import DecodedImage, Source

PAGES, FRAMES = "pages", "frames"
_HOLDS = {PAGES: {".tif", ".tiff"}, FRAMES: {".png", ".webp", ".tif", ".tiff"}}
FEW = 32  # values: an image of one channel with no more is taken for a mask of classes
_LOSSY = {"JPEG", "WEBP", "HEIF", "AVIF"}
_HAS_PALETTE = {".png", ".tif", ".tiff"}


def kept_indices(
    image: DecodedImage, file_info: ImageInfo, steps: Sequence[Step], suffix: str, keeps_colors: bool
) -> Indices | None:
    """The numbers to write in place of the pixels; None where the steps change colors or the file cannot hold them.

    So also the values of a mask in gray, where it is resized.
    """
    if any(step.name != "resize" or dict(step.values).get("method") == "smooth" for step in steps):
        return None
    if file_info.palette and suffix in _HAS_PALETTE and (keeps_colors or not needs_conversion(file_info.metadata.icc)):
        found = read_indices(image)
        if found is not None and (found.transparency is None or suffix == ".png"):
            return replace(found, values=_resized(found.values, steps))
    if steps and is_gray_mask(image, file_info):
        return Indices(_resized(np.ascontiguousarray(image.pixels[..., 0]), steps))
    return None


def is_gray_mask(image: DecodedImage, file_info: ImageInfo) -> bool:
    """Whether it has one channel, 8 bits, no loss and few values."""
    plain = file_info.gray and image.pixels.dtype == np.uint8 and file_info.format not in _LOSSY
    return plain and int(np.count_nonzero(np.bincount(image.pixels[..., 0].ravel(), minlength=256))) <= FEW


def _resized(values: np.ndarray, steps: Sequence[Step]) -> np.ndarray:
    for step in steps:
        given = dict(step.values)
        height = int(given["h"]) if "h" in given else None
        values, _ = resize(values, int(given["w"]), height, "nearest")
    return values


def is_gray(file_info: ImageInfo, suffix: str, keeps_colors: bool) -> bool:
    """Whether one channel is written: not under a profile of RGB that makes other shades of it than sRGB does.

    A PNG may say them by numbers, which are of one channel as well.
    """
    found = file_info.metadata
    by_numbers = suffix == ".png" and found.color and b"iCCP" not in found.color
    colored = keeps_colors and found.icc[16:20] == b"RGB " and not has_srgb_shades(found.icc) and not by_numbers
    return file_info.gray and not colored


def several_kind(file_info: ImageInfo, source: Source, suffix: str) -> str:
    """What the file has several of, which a file of this suffix can hold: PAGES, FRAMES or ""."""
    kind = PAGES if file_info.format == "TIFF" else FRAMES
    whole = source.crop is None and source.frame is None
    return kind if file_info.frames > 1 and whole and suffix in _HOLDS[kind] else ""
