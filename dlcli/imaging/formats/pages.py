"""How many frames or pages a file holds after the first, which alone is read. By its headers; nothing is decoded."""

import io
import struct
from pathlib import Path

HEAD = 4096  # bytes in which a PNG says that it is animated
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def further_pages(what: Path | bytes) -> int:
    """Of a GIF, TIFF, WebP or PNG; 0 for all else, and where the file cannot be read. what: its path, or its bytes."""
    try:
        if isinstance(what, bytes):
            return _counted(what[:HEAD], what)
        with what.open("rb") as file:
            return _counted(file.read(16), what)
    except Exception:  # a damaged file says nothing of its pages; reading it has told what is wrong
        return 0


def _counted(head: bytes, what: Path | bytes) -> int:
    if head.startswith(b"\x89PNG"):
        return _png_frames(what)
    animated = head[:4] == b"RIFF" and head[8:15] == b"WEBPVP8" and head[15:16] == b"X"
    if not (animated or head.startswith((*_TIFF, b"GIF8"))):
        return 0
    from PIL import Image

    with Image.open(io.BytesIO(what) if isinstance(what, bytes) else what) as image:
        return max(0, int(getattr(image, "n_frames", 1)) - 1)


def _png_frames(what: Path | bytes) -> int:
    """From its chunk acTL, which stands before the first IDAT."""
    if isinstance(what, bytes):
        head = what[:HEAD]
    else:
        with what.open("rb") as file:
            head = file.read(HEAD)
    at = head.find(b"acTL")
    if at < 0 or b"IDAT" in head[:at]:
        return 0
    return max(0, int(struct.unpack(">I", head[at + 4 : at + 8])[0]) - 1)
