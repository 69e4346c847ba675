"""Options of `dlcli segment`. Light."""

from dataclasses import dataclass
from typing import Annotated

from dlcli.tasks.options import RUNTIMES, ModelOptions, option

FOUND = "Thresholds"


TILES = "Large images"


@dataclass(frozen=True)
class SegmentOptions(ModelOptions):
    """Options of `dlcli segment` beside those of every picture command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=RUNTIMES)
    ] = "voc-seg"
    classes: Annotated[
        str,
        option("Keep only these, by name or id: dog,cat; others become background.", panel=FOUND, metavar="LIST"),
    ] = ""
    exclude_classes: Annotated[str, option("These become background.", panel=FOUND, metavar="LIST")] = ""
    min_share: Annotated[
        float, option("A class on less than this share of the picture becomes background.", panel=FOUND, min=0, max=1)
    ] = 0.0
    tile: Annotated[
        bool, option("Work in overlapping squares that are blended, for large pictures.", "--tile", panel=TILES)
    ] = False
    tile_size: Annotated[
        int, option("Side of a square in pixels, rounded to what the network divides.", panel=TILES, min=64, max=8192)
    ] = 640
    tile_overlap: Annotated[float, option("What neighbours share, of a side.", panel=TILES, min=0, max=0.9)] = 0.5
