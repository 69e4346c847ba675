"""What is odd about one file that can be read, each with a word for programs and a clause for people."""

import os
from typing import Any

from dlcli.imaging.file_info import ImageInfo

_FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "HEIF": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
}
_TURNS = {
    2: "mirrored",
    3: "upside down",
    4: "mirrored upside down",
    5: "mirrored and on its side",
    6: "on its side",
    7: "mirrored and on its side",
    8: "on its side",
}
Finding = dict[str, Any]


def finding(kind: str, message: str, **more: Any) -> Finding:
    return {"kind": kind, "message": message, **more}


def of_file(file_info: ImageInfo, path: "os.PathLike[str] | None") -> list[Finding]:
    """path: None for bytes of standard input, which have no name that could be wrong."""
    found = []
    suffix = os.path.splitext(path)[1].lower() if path is not None else ""
    if suffix and suffix not in _FORMATS.get(file_info.format, (suffix,)):
        found.append(finding("wrong-extension", f"the content is {file_info.format}, the name ends with {suffix}"))
    if file_info.bits > 8:
        found.append(finding("16-bit", f"{file_info.bits} bits a sample; most programs see 8"))
    if file_info.cmyk:
        found.append(finding("cmyk", "CMYK, colors for print"))
    if file_info.alpha:
        found.append(finding("alpha", "has transparency, which is laid over white"))
    if file_info.frames > 1:
        parts = "pages" if file_info.format == "TIFF" else "frames"
        found.append(finding("animated", f"{file_info.frames} {parts}, of which the first is used"))
    return found


def of_turn(orientation: int) -> list[Finding]:
    if orientation == 1:
        return []
    stored = _TURNS[orientation]
    return [finding("exif-turned", f"stored {stored} (EXIF orientation {orientation}); some programs ignore that")]


def of_likeness(first: str, bits: int) -> Finding:
    return finding("near-duplicate", f"looks like {first} ({bits} of 64 bits differ)", of=first, distance=bits)
