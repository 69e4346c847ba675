"""Options of `dlcli segment`. Light."""

from dataclasses import dataclass
from typing import Annotated

from dlcli.tasks.options import RUNTIMES, ModelOptions, option
from dlcli.tasks.segment.tile_plan import TileMerge

FOUND = "Thresholds"
TILES = "Large images"
MERGE_HELP = (
    "Which look decides where tiles of several sizes differ. scale: a coarser one where a region is larger than the "
    "next finer tile, elsewhere the finer one; finest: the tiles of --tile-size alone; mean: all alike, for one large "
    "thing."
)


@dataclass(frozen=True)
class SegmentOptions(ModelOptions):
    """Options of `dlcli segment` beside those of every image command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=RUNTIMES)
    ] = "voc-seg"
    classes: Annotated[
        str,
        option("Only these classes, by name or id: dog,cat; others become background.", panel=FOUND, metavar="LIST"),
    ] = ""
    exclude_classes: Annotated[
        str, option("Without these classes: they become background.", panel=FOUND, metavar="LIST")
    ] = ""
    min_share: Annotated[
        float, option("A class that covers less than this fraction becomes background.", panel=FOUND, min=0, max=1)
    ] = 0.0
    tile: Annotated[bool, option("Run on overlapping, blended tiles, for large images.", "--tile", panel=TILES)] = False
    tile_size: Annotated[
        int,
        option("Tile side in pixels, rounded to a multiple of the network's stride.", panel=TILES, min=64, max=8192),
    ] = 640
    tile_overlap: Annotated[float, option("Tile overlap, as a fraction of the side.", panel=TILES, min=0, max=0.9)] = (
        0.5
    )
    tile_merge: Annotated[TileMerge, option(MERGE_HELP, panel=TILES)] = TileMerge.SCALE
