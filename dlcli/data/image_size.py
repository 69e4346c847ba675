"""The size of an image from its header, as the reader will give it; no pixel decoded."""

import os
import warnings
from pathlib import Path

from dlcli.errors import DataError, ImageError
from dlcli.imaging.upright_size import TURNED, stored_sides, upright_size


def image_size(path: Path) -> tuple[int, int]:
    """(width, height) of the upright image: swapped where its orientation says that it lies on its side.

    DataError where the file is missing or no image.
    """
    if not os.path.isfile(path):  # nor a FIFO, which would block, nor a name that is too long for one
        raise DataError(f"{path}: no such file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on size and EXIF go to stderr otherwise
            return upright_size(path)
    except ImageError as error:
        raise DataError(str(error)) from None
    except Exception as error:  # a damaged header makes Pillow's plugins raise almost anything
        raise DataError(f"{path}: cannot be read ({error})") from None


def size_or_asked(size: tuple[int, int], path: Path) -> tuple[int, int]:
    """The annotated size, or where it is 0 that of the image; zeros where the image cannot tell either."""
    if any(size):
        return size
    try:
        return image_size(path)
    except DataError:
        return 0, 0


def lies_on_its_side(path: Path) -> bool:
    """Whether the image's orientation swaps width and height; False where it cannot tell."""
    try:
        return stored_sides(path)[2] in TURNED
    except Exception:  # it was read before
        return False
