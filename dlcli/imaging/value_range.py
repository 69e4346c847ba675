"""Which values of deep samples become black and white: `--range`, for numbers that have no range of light of their own.

Light to import: options are checked with it.
"""

import math
from typing import TYPE_CHECKING

from dlcli.errors import UsageError
from dlcli.frozen import dataclass

if TYPE_CHECKING:
    import numpy as np

PERCENTILES = (1, 99)
_TOP = 65535
_ROWS = 64  # at a time: the steps between take eight bytes a value


@dataclass(frozen=True)
class ValueRange:
    """low becomes black, high white, what lies between in proportion. None, None: percentiles 1 and 99 of the image."""

    low: float | None = None
    high: float | None = None

    def limits(self, values: "np.ndarray") -> tuple[float, float]:
        """Of an image's color samples; equal where all that are finite are equal, or none is."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        import numpy as np

        finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        if not finite.size:
            return 0.0, 0.0
        low, high = np.percentile(finite, PERCENTILES, method="nearest")
        return float(low), float(high)


def parse_range(text: str) -> ValueRange | None:
    """ "0,4000" or "percentile"; "": None. UsageError: anything else."""
    text = text.strip()
    if not text:
        return None
    if text == "percentile":
        return ValueRange()
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise UsageError(
            f"--range {text}: expected two numbers, the first below the second, such as 0,4000; or percentile"
        )
    return ValueRange(low, high)


def scaled(values: "np.ndarray", low: float, high: float) -> "np.ndarray":
    """Numbers of any kind, any shape -> uint16 of the same shape: low and below 0, high and above 65535, NaN 0.

    All become 0 where low equals high.
    """
    import numpy as np

    out = np.zeros(values.shape, np.uint16)
    if not low < high:
        return out
    for first in range(0, len(values), _ROWS):
        part = values[first : first + _ROWS].astype(np.float64)
        share = np.clip((np.nan_to_num(part, nan=low, posinf=high, neginf=low) - low) / (high - low), 0, 1)
        out[first : first + _ROWS] = np.floor(share * _TOP + 0.5).astype(np.uint16)
    return out
