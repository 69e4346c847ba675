"""What the pages and frames behind the first add to the memory of an image, where all of them are read."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import IO, cast

from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.footprint import DEEP, READ, pixel_bytes
from dlcli.imaging.formats.header import Header, Reader, tiff_header
from dlcli.imaging.formats.pages import HEAD as PNG_HEAD
from dlcli.imaging.formats.pages import further_pages
from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.imaging.formats.tiff.kinds import page_places

COPIES = 3  # of the file: each page's own, and what is encoded
CHANNELS, GRAY = 3, frozenset({"gray", "gray16"})
WHILE_WRITTEN = 2.5  # of the pixels of all pages, which are kept until the last is read: as made, as encoded


def with_later_pages(header: Header, data: Bytes) -> Header:
    """The header with more `extra`: all pages are kept, and one is read at a time. Nothing is decoded."""
    later = list(_later(header, data))
    if not later:
        return header
    kept = sum(_kept(page) for page in (header, *later))
    reading = max(READ[page.kind][1] * page.pixels + page.extra for page in later)
    more = round(WHILE_WRITTEN * kept + reading) + COPIES * len(data)
    return replace(header, extra=header.extra + more, later=more)


def _kept(page: Header) -> int:
    """Bytes of a page's pixels as they are written; gray stays one channel."""
    size = pixel_bytes(page.width * page.height, page.kind in DEEP)
    return size // CHANNELS if page.kind in GRAY else size


def _later(header: Header, data: Bytes) -> Iterator[Header]:
    name = format_of(data[:HEAD])
    if name == "TIFF":
        found = (tiff_header(data, at) for at in page_places(data)[1:])
        yield from (page for page in found if page is not None)
    elif name is not None:
        yield from [replace(header, kind="alpha", extra=0)] * frames_of(data, name)


def frames_of(data: Bytes, name: str) -> int:
    """Frames of an animation behind the first. The file is not held in memory for it, as WebP's reader would."""
    if name == "PNG":
        return further_pages(data[:PNG_HEAD])
    if name == "WEBP":
        return max(0, sum(chunk == b"ANMF" for chunk in _riff_chunks(data)) - 1)
    if name != "GIF":
        return 0
    from PIL import Image

    file = cast(IO[bytes], Reader(data, sys.maxsize))
    # Pillow raises nearly anything on a damaged file; reading it will say what is wrong
    with suppress(Exception), Image.open(file, formats=[name]) as image:
        return int(getattr(image, "n_frames", 1)) - 1
    return 0


def _riff_chunks(data: Bytes) -> Iterator[bytes]:
    at = 12
    while len(head := data[at : at + 8]) == 8:
        yield head[:4]
        size = int.from_bytes(head[4:], "little")
        at += 8 + size + size % 2
