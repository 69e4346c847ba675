"""What a caller gives as an image: a path, the bytes of a file, or an array."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcli.errors import UsageError
from dlcli.records import DecodedImage, Source

Image = str | os.PathLike[str] | bytes | NDArray[np.uint8] | NDArray[np.uint16]
ARRAY, BYTES = "<array>", "<bytes>"  # the sources of records
Given = Source | DecodedImage


def is_one(image: Any) -> bool:
    """Whether it is one thing by its type, and not several."""
    one = isinstance(image, str | os.PathLike | bytes | bytearray | memoryview | np.ndarray)
    return one or not isinstance(image, Iterable)


def given_image(image: Any, sixteen_bit: bool) -> Given:
    """A file to read, or pixels as they are. sixteen_bit: uint16 is taken too. UsageError: it is not an image."""
    if isinstance(image, np.ndarray):
        return DecodedImage(_checked(image, sixteen_bit), 1, Source(ARRAY, None, PurePosixPath("array.png")))
    if isinstance(image, str | os.PathLike):
        name = os.fsdecode(image)
        return Source(name, Path(name), PurePosixPath(Path(name).name or "image"))
    if isinstance(image, bytes | bytearray | memoryview):
        return Source(BYTES, None, PurePosixPath("bytes"), bytes(image))
    raise UsageError(f"image: expected a path, bytes or an array uint8 [H, W, 3], got {type(image).__name__}")


def _checked(pixels: np.ndarray, sixteen_bit: bool) -> np.ndarray:
    kinds = (np.uint8, np.uint16) if sixteen_bit else (np.uint8,)
    if pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size and pixels.dtype in kinds:
        return np.ascontiguousarray(pixels)
    got = f"{pixels.dtype} {list(pixels.shape)}"
    raise UsageError(f"image: expected uint8 [H, W, 3], red, green and blue, got {got}; {_advice(pixels)}")


def _advice(pixels: np.ndarray) -> str:
    if pixels.ndim == 4:
        return "give several images as a list of arrays"
    if pixels.ndim == 2:
        return "repeat a gray image: np.stack([gray] * 3, axis=2)"
    if pixels.ndim == 3 and pixels.shape[0] == 3 != pixels.shape[2]:
        return "move the channels to the end: image.transpose(1, 2, 0)"
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return "leave the fourth channel out: image[..., :3]"
    if pixels.dtype.kind == "f":
        return "from 0 to 1: (image * 255).round().astype(np.uint8)"
    return "convert it first"
