"""The mask of an image: from a file of indices or colors, or from COCO's regions."""

import os
import warnings
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from dlcli.data.mask_palettes import Palette, by_colors, palette_of
from dlcli.data.masks import UNKNOWN, VOID, Colors, MaskItem, MaskValues, Region
from dlcli.errors import DataError
from dlcli.imaging.formats.png_check import png_bit_depth
from dlcli.messages import listed
from dlcli.ops.masks import mask_of_counts, polygon_mask

INDEX_MODES = ("P", "L", "LA", "1", "I", "I;16", "I;16B")  # of Pillow: one number a pixel
COLOR_MODES = ("RGB", "RGBA")
_HEAD = 64  # bytes of a WebP file, in which its first chunks are named
_FEW_BITS = {2: 85, 4: 17}  # bits a pixel of gray that Pillow stretches to 8, and by what


class StoredMask(NamedTuple):
    """values: uint8 [H, W], the numbers in a mask file. palette: of a file of indices that has one of its own."""

    values: np.ndarray
    palette: Palette | None = None


def read_mask(item: MaskItem) -> np.ndarray:
    """uint8 [H, W]: the class of each pixel, an index into the set's labels, or VOID.

    Regions give 0 where none is, and a smaller one lies over a larger. DataError names the file and what is wrong.
    """
    mask, values = item.target.mask, item.target.values
    if not isinstance(mask, Path):
        return draw_regions(mask, item.height, item.width)
    assert values is not None
    stored = file_values(mask, values.colors)
    table = np.array(values.class_ids)
    unknown = (np.bincount(stored.ravel(), minlength=256) > 0) & (table == UNKNOWN)
    if unknown.any():
        raise DataError(f"{mask}: {_unknown(int(unknown.argmax()), values)}")
    return np.asarray(cv2.LUT(stored, table.astype(np.uint8)))


def file_values(path: Path, colors: Colors) -> np.ndarray:
    """uint8 [H, W]: the numbers in a mask file; colors are looked up. DataError names the file."""
    return stored_mask(path, colors).values


def stored_mask(path: Path, colors: Colors) -> StoredMask:
    """The same with the palette by which it is shown; a palette of the set's listed colors is looked up too."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise DataError(f"{path}: expected a regular file")  # a FIFO would block
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks go to stderr otherwise
            with Image.open(path) as image:
                if lossy := _lossy(image, path):
                    raise DataError(
                        f"{path}: expected a lossless mask such as PNG, got {lossy}, which blurs the classes"
                    )
                mode, pixels = image.mode, np.asarray(image)
                palette = palette_of(image, pixels) if mode == "P" else None
                stretched = _stretched(image, path)
    except UnidentifiedImageError:
        raise DataError(f"{path}: not an image that can be read") from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except DataError:
        raise
    except Exception as error:  # a damaged file makes Pillow's plugins raise almost anything
        raise DataError(f"{path}: cannot be read ({error})") from None
    if mode in COLOR_MODES:
        return StoredMask(_values_of_colors(path, pixels[..., :3], colors))
    if mode not in INDEX_MODES:
        raise DataError(f"{path}: expected a mask of indices or RGB colors, got Pillow's mode {mode}")
    values = pixels[..., 0] if pixels.ndim == 3 else pixels
    if values.dtype != np.uint8 and values.dtype != bool and (values.min() < 0 or values.max() > VOID):
        raise DataError(f"{path}: expected values of 0 to {VOID}, got up to {values.max()}")
    indices = values.astype(np.uint8) // np.uint8(stretched)
    found = by_colors(path, indices, palette, colors)
    return StoredMask(found, palette if found is indices else None)


def _stretched(image: Image.Image, path: Path) -> int:
    """By what Pillow multiplied the numbers of an opened file, which are those of 2 or 4 bits."""
    if image.mode != "L" or image.format not in ("PNG", "TIFF"):
        return 1
    if image.format == "TIFF":
        bits = image.tag_v2.get(258, (8,))[0]  # type: ignore[attr-defined]
    else:
        with path.open("rb") as file:
            bits = png_bit_depth(file.read(_HEAD))
    return _FEW_BITS.get(bits, 1)


def _lossy(image: Image.Image, path: Path) -> str:
    """What of an opened file changes values when it is written; "" where nothing does."""
    if image.format == "TIFF" and image.info.get("compression") in ("jpeg", "tiff_jpeg", "webp"):
        return "TIFF with JPEG or WebP compression"
    if image.format == "WEBP":
        with path.open("rb") as file:
            head = file.read(_HEAD)
        return "lossy WebP" if b"VP8 " in head or b"ALPH" in head else ""
    return str(image.format) if image.format in ("JPEG", "MPO", "AVIF", "HEIF") else ""


def draw_regions(regions: tuple[Region, ...], height: int, width: int) -> np.ndarray:
    """uint8 [height, width] of classes; 0 where no region is, a smaller region over a larger one."""
    mask = np.zeros((height, width), np.uint8)
    for region in sorted(regions, key=lambda region: -region.area):
        if region.counts is not None:
            inside = mask_of_counts(region.counts, height, width)
        else:
            inside = polygon_mask(region.polygons, height, width)
        mask[inside] = region.class_id
    return mask


def _values_of_colors(path: Path, rgb: np.ndarray, colors: Colors) -> np.ndarray:
    """uint8 [H, W] of rgb uint8 [H, W, 3]. Gray pixels that are no color of the set stand for their number."""
    packed = (rgb.astype(np.int32) * (65536, 256, 1)).sum(-1)  # [H, W]
    known = sorted((r << 16 | g << 8 | b, value) for (r, g, b), value in colors.items())
    keys, values = np.array([key for key, _ in known]), np.array([value for _, value in known], np.uint8)
    if not len(keys):
        raise DataError(f"{path}: expected a mask of indices, got colors, and nothing says what they mean")
    place = np.searchsorted(keys, packed).clip(max=len(keys) - 1)
    found = keys[place] == packed
    if not found.all():
        if (rgb == rgb[..., :1]).all():  # an index mask that was saved in three equal channels
            return np.ascontiguousarray(rgb[..., 0])
        shown = {tuple(int(v) for v in color) for color in rgb[~found][:1000]}
        raise DataError(
            f"{path}: colors that stand for no class: {listed(map(str, sorted(shown)), 3)} (red, green, blue)"
        )
    return values[place]


def _unknown(value: int, values: MaskValues) -> str:
    """What is wrong with a value, and the way out."""
    if value < len(values.names):
        known = [name for name, class_id in zip(values.names, values.class_ids, strict=False) if class_id >= 0]
        return f"value {value} is {values.names[value]!r}, an unknown class; known: {listed(known)}"
    known_values = [str(number) for number, class_id in enumerate(values.class_ids) if class_id != UNKNOWN]
    return (
        f"value {value} is outside the class list, expected {listed(known_values, 30)}; add its name to "
        f"{values.source}, or the name void for pixels that do not count"
    )
