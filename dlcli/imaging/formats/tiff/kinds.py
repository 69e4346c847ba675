"""Which TIFF files Pillow reads rightly, which only look like an image, and what is said of their other pages."""

from itertools import islice

from dlcli.imaging.fault import Fault
from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.tiff.directory import HEIGHT, SUBFILE, WIDTH, Tags, all_directories, entries, pages
from dlcli.imaging.formats.tiff.layout import (
    BLACK_IS_ZERO,
    CMYK,
    PALETTE,
    RGB,
    UNSIGNED,
    WHITE_IS_ZERO,
    YCBCR,
    Layout,
)
from dlcli.imaging.formats.tiff.unpack import ADOBE_DEFLATE, DEFLATE, LZW, NONE, PACKBITS

COMPRESSIONS = {
    1: "none",
    2: "CCITT",
    3: "CCITT fax 3",
    4: "CCITT fax 4",
    5: "LZW",
    6: "old JPEG",
    7: "JPEG",
    8: "deflate",
    32773: "PackBits",
    32946: "deflate",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
    34887: "LERC",
    34925: "LZMA",
    50000: "Zstandard",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
_OLD_JPEG, _JPEG, _FAX = 6, 7, {2, 3, 4}
_PLAIN = {NONE, LZW, DEFLATE, ADOBE_DEFLATE, PACKBITS}
_MANY, _FEW = 500, 8  # pages, tags
_REDUCED, _MASK = 1, 4  # bits of the NewSubfileType


def by_pillow(layout: Layout) -> bool:
    """The layouts that tests hold against other readers; all have one sample, or all samples of a pixel together."""
    if layout.apart or layout.kind != UNSIGNED:
        return False
    kind, compression, samples = layout.photometric, layout.compression, layout.samples
    if compression in _FAX:
        return layout.bits == samples == 1 and kind in (WHITE_IS_ZERO, BLACK_IS_ZERO)
    if kind == PALETTE:
        depths = {1: (1, 2, 4, 8), 2: (8,)}.get(samples, ())  # the second is transparency
        return compression in _PLAIN and layout.bits in depths
    if layout.bits != 8:
        return False
    if compression == _JPEG:
        return (kind, samples) in {(BLACK_IS_ZERO, 1), (RGB, 3), (YCBCR, 3), (CMYK, 4)}
    if kind == YCBCR:
        by_libtiff = compression in _PLAIN - {NONE} | {_OLD_JPEG}
        return samples == 3 and (by_libtiff or (compression == NONE and layout.subsampling == (1, 1)))
    return False


def refuse_preview(data: bytes) -> None:
    """Fault: the first page is a preview of a larger image, which stands elsewhere in the file."""
    directories = all_directories(data)
    first = next(directories, {})
    if _first(first, SUBFILE) & _REDUCED and any(_area(other) > _area(first) for other in directories):
        size = f"{_first(first, WIDTH)} x {_first(first, HEIGHT)}"
        raise Fault(
            "unsupported", f"its first page is only a preview ({size}) of a larger image", "extract that image first"
        )


def page_notes(data: bytes) -> list[str]:
    """On pages beside the first."""
    count = page_count(data)
    return [f"the first of {count:,} pages was read"] if count > 1 else []


def page_count(data: bytes) -> int:
    """As `page_places` has them."""
    return len(page_places(data))


def page_places(data: Bytes) -> list[int]:
    """Where the directory of each page begins. Smaller copies and masks of a page are none; of very many all are."""
    places = list(pages(data))
    if len(places) > _MANY:
        return places
    return [at for at in places if not _kind_at(data, at) & (_REDUCED | _MASK)]


def _kind_at(data: Bytes, at: int) -> int:
    """The tag stands among the first, since tags are in order."""
    try:
        first = islice(entries(data, at), _FEW)
        return next((entry.values[0] for entry in first if entry.tag == SUBFILE and entry.values), 0)
    except (IndexError, ValueError):
        return _MASK  # a directory that cannot be read is no page


def _first(tags: Tags, tag: int) -> int:
    return (tags.get(tag) or [0])[0]


def _area(tags: Tags) -> int:
    return _first(tags, WIDTH) * _first(tags, HEIGHT)
