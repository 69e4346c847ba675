"""The size of an image from its header, no pixel decoded."""

import os
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from dlcli.errors import DataError

ORIENTATION = 0x0112  # EXIF tag
TURNED = (5, 6, 7, 8)  # orientations that swap width and height


def image_size(path: Path) -> tuple[int, int]:
    """(width, height) of the upright image: swapped where its EXIF tag says that it lies on its side.

    DataError where the file is missing or no image.
    """
    if not os.path.isfile(path):  # nor a FIFO, which would block, nor a name that is too long for one
        raise DataError(f"{path}: no such file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on size and EXIF go to stderr otherwise
            with Image.open(path) as image:
                width, height = image.size
                turned = image.getexif().get(ORIENTATION) in TURNED
    except UnidentifiedImageError:
        raise DataError(f"{path}: not an image that can be read") from None
    except Exception as error:  # a damaged header makes Pillow's plugins raise almost anything
        raise DataError(f"{path}: cannot be read ({error})") from None
    return (height, width) if turned else (width, height)


def size_or_asked(size: tuple[int, int], path: Path) -> tuple[int, int]:
    """The annotated size, or where it is 0 that of the image; zeros where the image cannot tell either."""
    if any(size):
        return size
    try:
        return image_size(path)
    except DataError:
        return 0, 0
