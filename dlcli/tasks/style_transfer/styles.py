"""`--style`: a bundled name or the file of an image."""

import os
from difflib import get_close_matches

import numpy as np

from dlcli.errors import DataError, ImageError, UsageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.tasks.style_transfer.options import bundled_styles

SMALLEST = 16  # pixels a side of a style; below that it has no strokes to take
FROM_FILE = Source.of_file


def read_style(name: str) -> np.ndarray:
    """The image, uint8 [H, W, 3] RGB. A bundled name wins over a file of that name, which can be written ./NAME.

    UsageError: neither a bundled style nor a file. DataError: the file is not an image, or too small.
    """
    from pathlib import Path

    bundled = bundled_styles()
    if name not in bundled and not os.path.exists(name):
        raise UsageError(f"--style {name}: {not_found(name, list(bundled), 'a file of an image')}")
    try:
        pixels = read_image(FROM_FILE(Path(bundled.get(name, name)))).pixels
    except ImageError as error:
        raise DataError(f"--style {error}") from error
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST:
        raise DataError(
            f"--style {name}: is {width} x {height}, expected at least {SMALLEST} pixels a side; take a larger image"
        )
    return pixels


def not_found(name: str, known: list[str], other: str) -> str:
    """What was expected instead of `name`, with the nearest one."""
    close = get_close_matches(name, known, n=1)
    guess = f"; the nearest is {close[0]}" if close else ""
    return f"expected {', '.join(known)}{f' or {other}' if other else ''}{guess}"
