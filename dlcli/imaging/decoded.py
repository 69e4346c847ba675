"""What a decoder hands to the reader."""

from typing import NamedTuple

import numpy as np


class Decoded(NamedTuple):
    """pixels: upright RGB [H, W, 3], uint8 or uint16 as stored. orientation: as found, 1 to 8.

    notes: clauses on what of the file the pixels do not show, or show by a rule that the file does not state.
    reduced, full: see records.DecodedImage.
    """

    pixels: np.ndarray
    orientation: int = 1
    notes: tuple[str, ...] = ()
    reduced: int = 1
    full: tuple[int, int] | None = None
