"""Where the files of an image go below --out. Light."""

from pathlib import PurePosixPath

from dlcli.tasks.outputs import plain_word

SUFFIXES = {"jpg": ".jpg", "png": ".png", "webp": ".webp", "tiff": ".tif"}  # of --format
_SAME = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tiff": ".tif"}
_WRITTEN = {*SUFFIXES.values(), *_SAME}


def image_name(place: PurePosixPath, suffix: str) -> PurePosixPath:
    """The image's place, with the suffix asked for; "" keeps its own, and what is not written becomes PNG."""
    own = place.suffix.lower()
    if suffix:
        return place if _SAME.get(own, own) == suffix else place.with_suffix(suffix)
    return place if own in _WRITTEN else place.with_suffix(".png")


def preview_name(place: PurePosixPath) -> PurePosixPath:
    """preview/<tree>/<name>.png, as cat_jpg.png of cat.jpg."""
    return PurePosixPath("preview") / place.with_name(f"{plain_word(place.name)}.png")
