"""Tells a file's format from its first bytes; the name is never trusted."""

HEAD = 64  # bytes that are enough

_FORMATS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"FUJIFILMCCD-RAW", "RAW"),
    (b"II\x1a\0\0\0HEAPCCDR", "RAW"),  # Canon CRW
    (b"IIRO", "RAW"),  # Olympus
    (b"IIRS", "RAW"),
    (b"MMOR", "RAW"),
    (b"IIU\0", "RAW"),  # Panasonic, Leica
    (b"\0MRM", "RAW"),  # Minolta
    (b"FOVb", "RAW"),  # Sigma
    (b"\xff\x0a", "JXL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
    (b"BM", "BMP"),
)

_OTHERS = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"<?xml", "an XML file"),
    (b"<svg", "an SVG drawing"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
    (b"version https://git-lfs", "a Git LFS pointer (run git lfs pull)"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
)

_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIF"),
    b"crx ": "RAW",  # Canon CR3
}


def format_of(head: bytes) -> str | None:
    """Pillow's name of the format ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"), "RAW" of a camera,
    "JXL", or None for anything else. Some camera raw files are TIFF files by their head, see camera_raw.py."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    return next((name for magic, name in _FORMATS if head.startswith(magic)), None)


def _by_brands(head: bytes) -> str | None:
    """Of an ISO base media file: the first brand that tells, the general ones last."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[at : at + 4] for at in (8, *range(16, length - 3, 4))]
    found = [_BRANDS[brand] for brand in brands if brand in _BRANDS and brand not in (b"mif1", b"msf1")]
    return next(iter(found), _BRANDS.get(brands[0]))


def describe(head: bytes) -> str:
    """What else the bytes look like, to complete "it is ..."."""
    if head[4:8] == b"ftyp":
        return "a video"
    known = next((text for magic, text in _OTHERS if head.startswith(magic)), None)
    if known:
        return known
    if not any(head):
        return "filled with zeros"
    text = head.decode("utf-8", "ignore")
    return "text" if text and all(c.isprintable() or c in "\t\r\n" for c in text) else "of no known format"
