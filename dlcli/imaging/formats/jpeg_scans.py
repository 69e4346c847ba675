"""How many scans a JPEG has: a decoder goes over the whole image for each, and cannot be stopped on its way.

A scan of a few bytes takes as long as an honest one, so that the time is bounded by their number alone (the problem is
described in libjpeg-turbo's "Two issues with the JPEG standard"). Marker layout: ITU-T T.81, annex B.
"""

import re

from dlcli.imaging.fault import Fault

MOST = 100  # encoders make 10, the most thorough optimizers some 30
FEWEST, TOGETHER = 30, 1_000_000_000  # so many are always read; above, so many pixels of all scans together
_SCAN, _END = 0xDA, 0xD9
_SCAN_BYTES = b"\xff\xda"
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")  # of a segment, or the end: not a restart, nor a stuffed byte


def refuse_scans(data: bytes, pixels: int) -> None:
    """Fault: a JPEG of so many pixels has more scans than any encoder makes."""
    most = max(FEWEST, min(MOST, TOGETHER // max(1, pixels)))
    if data.count(_SCAN_BYTES) > most and count_scans(data, most) > most:  # the first test is quick, the second true
        raise Fault("damaged", f"its JPEG data has more than {most} scans, which no encoder makes")


def count_scans(data: bytes, most: int) -> int:
    """How many scans a decoder goes through up to the end marker; counting ends above `most`."""
    at, scans = 2, 0
    while scans <= most:
        found = _MARKER.search(data, at)
        if found is None or data[found.start() + 1] == _END:
            break
        scans += data[found.start() + 1] == _SCAN
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return scans
