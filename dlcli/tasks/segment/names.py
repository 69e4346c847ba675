"""Where the masks and overlays of an image go below --out. Light."""

from pathlib import PurePosixPath

from dlcli.tasks.outputs import image_name

LEGEND = PurePosixPath("legend.json")


def index_name(place: PurePosixPath) -> PurePosixPath:
    """<tree>/<stem>.png."""
    return place.with_suffix(".png") if place.suffix else place.with_name(f"{place.name}.png")


def overlay_name(place: PurePosixPath) -> PurePosixPath:
    """overlay/<tree>/<name>."""
    return PurePosixPath("overlay") / image_name(place)
