"""Where the files of an image go below --out. Light."""

from pathlib import PurePosixPath

from dlcli.tasks.outputs import plain_word


def plot_name(place: PurePosixPath) -> PurePosixPath:
    """losses/<tree>/<name>.png, as cat_jpg.png of cat.jpg."""
    return PurePosixPath("losses") / place.with_name(f"{plain_word(place.name)}.png")
