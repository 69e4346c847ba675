"""Which files of a walked folder are taken for images. Plain Python: looking at names loads no image library."""

import os

from dlcli.records import Source

EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif"}
)
VIDEO = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mjpeg", ".wmv"})


def looks_like_video(path: str | os.PathLike[str]) -> bool:
    """Whether the name ends like a video's (any case)."""
    return os.path.splitext(os.fspath(path))[1].lower() in VIDEO


def is_video(source: Source) -> bool:
    """Whether the source is a video, whose frames are images of their own."""
    return source.path is not None and source.failure is None and looks_like_video(source.path)


def looks_like_image(path: str | os.PathLike[str]) -> bool:
    """Whether the name ends like an image's (any case). The file itself is not looked at."""
    return os.path.splitext(os.fspath(path))[1].lower() in EXTENSIONS
