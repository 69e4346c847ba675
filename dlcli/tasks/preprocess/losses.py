"""What of a file's metadata did not come along, a clause for people for each."""

from collections.abc import Iterator

from dlcli.imaging.color.convert import needs_conversion
from dlcli.imaging.formats.metadata import Metadata

_NAMES = {"iptc": "IPTC was", "dpi": "the resolution was", "texts": "PNG texts were", "geo": "GeoTIFF tags were"}


def losses(asked: Metadata, true: Metadata, kept: Metadata, format_name: str) -> Iterator[str]:
    """asked: of the file. true: of it, what is true for the pixels. kept: of that, what the format holds."""
    if true.icc != asked.icc and not _is_srgb_on_gray(asked, true):
        yield "a color profile of another kind than RGB was left out: what is written is RGB"
    if asked.exif and not true.exif:
        yield "EXIF was left out: it is damaged"
    if (true.exif and not kept.exif) or (true.xmp and not kept.xmp):
        yield f"EXIF or XMP was left out: {format_name} cannot hold it"
    if true.color and not true.icc and b"cICP" in true.color and not kept.color:
        yield f"the PNG's word for its colors (cICP) was left out: {format_name} cannot hold it"
    for field, name in _NAMES.items():
        in_exif = field == "dpi" and kept.exif  # where cameras have it too
        if getattr(true, field) and not getattr(kept, field) and not in_exif:
            yield f"{name} left out: {format_name} cannot hold {'them' if name.endswith('were') else 'it'}"
    for word in asked.never_kept:
        yield f"{word} was left out"


def _is_srgb_on_gray(asked: Metadata, true: Metadata) -> bool:
    """A profile of RGB that says nothing of gray but what is assumed anyway."""
    return not true.icc and asked.icc[16:20] == b"RGB " and not needs_conversion(asked.icc)
