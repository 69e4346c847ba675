"""Sizes in words: "800MB" to bytes and back."""

import math
import re
from fractions import Fraction

from dlcli.errors import UsageError

_SIZE = re.compile(r"([0-9]{1,24}(?:\.[0-9]{1,24})?|\.[0-9]{1,24})\s*([kmgt]?)(i?)(b?)", re.IGNORECASE)
_LARGEST = 1 << 62


def parse_size(text: str) -> int:
    """Bytes of "800MB", "1.5 GB", "1GiB", "2g" or "500000000"; K, M, G, T are powers of 1000, Ki, Mi ... of 1024.

    UsageError: anything else, 0 and less than a byte too.
    """
    found = _SIZE.fullmatch(text.strip())
    size = 0
    if found and (found[2] or not found[3]):
        base = 1024 if found[3] else 1000
        size = math.floor(Fraction(found[1]) * base ** (" kmgt".index(found[2].lower() or " ")))
    if not 0 < size < _LARGEST:
        raise UsageError(f"--max-memory {text}: expected a size such as 800MB, 1.5GB, 1GiB or 500000000")
    return size


def show_size(size: float) -> str:
    """ "1 GB", "1.5 GB", "120 MB": to two or three digits, in powers of 1000."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= 0.9995 * unit:
            return (
                f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
                if size < 10 * unit
                else f"{size / unit:.0f} {name}"
            )
    return f"{size:.0f} bytes"
