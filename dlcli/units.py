"""Sizes and times in words: "800MB" to bytes and back, seconds as "1:05" or "1 min 5 s"."""

import math
import re

from dlcli.errors import UsageError

_SIZE = re.compile(r"([0-9]{1,24}(?:\.[0-9]{1,24})?|\.[0-9]{1,24})\s*([kmgt]?)(i?)(b?)", re.IGNORECASE)
_LARGEST = 1 << 62


def parse_size(text: str) -> int:
    """Bytes of "800MB", "1.5 GB", "1GiB", "2g" or "500000000"; K, M, G, T are powers of 1000, Ki, Mi ... of 1024.

    UsageError: anything else, 0 and less than a byte too.
    """
    from fractions import Fraction  # takes time to load, which every start would pay for

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


def show_score(score: float) -> str:
    """ "0.90", "<0.01": a score or probability from 0 to 1, wherever people read one."""
    return "<0.01" if 0 < score < 0.005 else f"{score:.2f}"


def show_share(share: float) -> str:
    """ "31%", "0.4%" under one percent, "<0.1%": a part of the area or of a mixture, from 0 to 1."""
    percent = 100 * share
    if percent >= 1 or not percent:
        return f"{percent:.0f}%"
    return f"{percent:.1f}%" if percent >= 0.05 else "<0.1%"


def clock(seconds: float) -> str:
    """ "0:07", "12:34", "1:02:03": as a bar shows a time."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def duration(seconds: float) -> str:
    """ "0.8 s", "12 s", "3 min 20 s", "1 h 2 min": as a sentence says a time."""
    if round(seconds, 1) < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"
