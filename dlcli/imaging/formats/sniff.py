"""Tells a file's format from its first bytes; the name is never trusted."""

HEAD = 32  # bytes that are enough

_FORMATS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
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

_BRANDS = {b"heic": "a HEIC photograph", b"heix": "a HEIC photograph", b"mif1": "a HEIF photograph", b"avif": "an AVIF"}


def format_of(head: bytes) -> str | None:
    """Pillow's name of the format ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"), or None for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return next((name for magic, name in _FORMATS if head.startswith(magic)), None)


def describe(head: bytes) -> str:
    """What else the bytes look like, to complete "it is ..."."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "a video")
    known = next((text for magic, text in _OTHERS if head.startswith(magic)), None)
    if known:
        return known
    if not any(head):
        return "filled with zeros"
    text = head.decode("utf-8", "ignore")
    return "text" if text and all(c.isprintable() or c in "\t\r\n" for c in text) else "of no known format"
