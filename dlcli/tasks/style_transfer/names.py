"""Where the files of an image go below --out. Light."""

from pathlib import PurePosixPath


def plot_name(place: PurePosixPath) -> PurePosixPath:
    """losses/<tree>/<name>.png."""
    return PurePosixPath("losses") / place.with_name(place.name + ".png")
