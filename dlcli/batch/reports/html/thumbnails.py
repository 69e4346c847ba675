"""Small images for a page: a record's image read again, its parts, and its masks, as data: URIs.

They are for looking at: what is drawn on them comes from the record, in the page itself, and images of more than 8 bits
are shown stretched, whatever --range says.
"""

import base64
import os
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
from PIL import Image

from dlcli.errors import ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.drawing.palette import label_color
from dlcli.imaging.reader import read_image
from dlcli.imaging.value_range import ValueRange
from dlcli.imaging.video import read_frame
from dlcli.imaging.writer import encode_image
from dlcli.ops.masks import mask_of_counts, text_to_counts
from dlcli.records import Crop, Source
from dlcli.tasks.answers import Answers, Record

SIZES = {24: (1200, 900), 200: (640, 480)}  # up to so many images: pixels across and down
SMALLEST = (400, 300)  # of more
SHORTEST = 24  # of a side, where the image has as many
QUALITY = 70  # of JPEG
TINT = 112  # how opaque a mask is, of 255
Cover = Callable[[np.ndarray], np.ndarray]
FILES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif")  # of a run's outputs that can be shown


Size = tuple[int, int]  # width, height


@dataclass(frozen=True)
class Thumbnail:
    """uri: data:, "" where the image cannot be read any more. width, height: of the thumbnail, in pixels."""

    uri: str
    width: int
    height: int


def most_pixels(images: int) -> Size:
    """(width, height) that a thumbnail may have on a page of so many images: few of them may be looked at closely."""
    return next((size for most, size in SIZES.items() if images <= most), SMALLEST)


def thumbnail_of(record: Record, most: Size = SMALLEST) -> Thumbnail:
    """The record's image, or the part of it that the record is about; what its run redacted is covered here too.

    most: see most_pixels.
    """
    cover = partial(covered, record=record) if "redacted" in record else None
    raw = record.get("source_bytes")
    name = os.fsdecode(base64.b64decode(raw)) if raw else record["source"]
    size = fitting_size(record.get("width", 1), record.get("height", 1), most)
    if name == "-":  # standard input is read up
        return Thumbnail("", *size)
    if "frame" in record:
        return _of_frame(Path(name), record["frame"], size, cover)
    crop = record.get("crop")
    part = Crop(crop["index"], crop["label"], tuple(crop["box"])) if crop else None
    return _read(Path(name), lambda _: size, part, size, cover)


def output_thumbnail(record: Record, out: Path | None, most: Size = SMALLEST) -> Thumbnail | None:
    """The first image that the run wrote for a record; None where there is none."""
    names = [name for name in record.get("outputs", ()) if PurePosixPath(name).suffix.lower() in FILES]
    if out is None or not names:
        return None
    shown = _read(out / names[0], lambda size: fitting_size(*size, most), None)
    return shown if shown.uri else None


def fitting_size(width: int, height: int, most: Size = SMALLEST) -> Size:
    """(width, height) of the thumbnail of an image of this size; small ones stay as they are."""
    scale = min(1.0, most[0] / width, most[1] / height)
    return max(1, round(width * scale), min(width, SHORTEST)), max(1, round(height * scale), min(height, SHORTEST))


def covered(pixels: np.ndarray, record: Record) -> np.ndarray:
    """RGB uint8 [H, W, 3] as --save redacted covers it, by the boxes and masks of the record; all of it, where those
    are of another image."""
    from dlcli.imaging.drawing.redact import redact_boxes, redact_mask

    if pixels.shape[:2] != (record["height"], record["width"]):
        return np.zeros_like(pixels)
    how = record["redacted"]
    style, padding = how["style"], how["padding"]
    found = [prediction for prediction in Answers().predictions(record) if prediction.label in how["labels"]]
    boxes = [prediction.box for prediction in found if prediction.box]
    if boxes:
        pixels = redact_boxes(pixels, np.array(boxes, np.float32), style, padding)
    for prediction in found:
        if prediction.rle:
            inside = mask_of_counts(text_to_counts(prediction.rle["counts"]), *pixels.shape[:2])
            pixels = redact_mask(pixels, inside, style, padding)
    return pixels


def _of_frame(path: Path, index: int, size: tuple[int, int], cover: Cover | None) -> Thumbnail:
    try:
        pixels = read_frame(path, str(path), index)
        return _small(pixels if cover is None else cover(pixels), size)
    except ImageError:
        return Thumbnail("", *size)


def _read(
    path: Path, size_of: Callable[[Size], Size], crop: Crop | None, size: Size = (1, 1), cover: Cover | None = None
) -> Thumbnail:
    """size_of: of the thumbnail, by that of the image. size: of the gap where it cannot be read."""
    from dlcli.batch.image import cropped

    try:
        image = read_image(Source(str(path), path, PurePosixPath(path.name), crop=crop), value_range=ValueRange())
        pixels = image.pixels if crop is None else cropped(image, crop).pixels
    except (ImageError, UnicodeError):  # a name from edited records may be no name of a file
        return Thumbnail("", *size)
    shown = pixels if cover is None else cover(pixels)
    return _small(shown, size_of((pixels.shape[1], pixels.shape[0])))


def _small(pixels: np.ndarray, size: Size) -> Thumbnail:
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return Thumbnail(_uri("jpeg", encode_image(small, ".jpg", QUALITY)), *size)


def mask_uri(rle: Mapping[str, Any], label: str, size: tuple[int, int]) -> str:
    """A mask for a thumbnail of this (width, height): its label's color, its edge opaque; "" where it is no mask."""
    height, width = rle["size"]
    try:
        mask = mask_of_counts(text_to_counts(rle["counts"]), height, width)
    except ValueError:
        return ""
    share = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)  # [h, w]
    inside = (share >= 128).astype(np.uint8)
    edge = inside - cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=0)
    image = Image.fromarray(inside + edge, "P")
    image.putpalette([0, 0, 0, *label_color(label), *label_color(label)])
    buffer = BytesIO()
    image.save(buffer, "PNG", transparency=bytes([0, TINT, 255]), bits=2)
    return _uri("png", buffer.getvalue())


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
