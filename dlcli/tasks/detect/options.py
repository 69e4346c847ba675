"""Options of `dlcli detect`. Light."""

from dataclasses import dataclass
from typing import Annotated

from dlcli.tasks.options import RUNTIMES, ModelOptions, option

FOUND = "Thresholds"


TILES = "Large images"


@dataclass(frozen=True)
class DetectOptions(ModelOptions):
    """Options of `dlcli detect` beside those of every picture command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=RUNTIMES)
    ] = "voc"
    conf: Annotated[float, option("Keep boxes with at least this score.", panel=FOUND, min=0, max=1)] = 0.25
    iou: Annotated[
        float, option("Of two boxes of a class that overlap more, the better stays.", panel=FOUND, min=0, max=1)
    ] = 0.45
    classes: Annotated[str, option("Look only for these, by name or id: dog,cat.", panel=FOUND, metavar="LIST")] = ""
    exclude_classes: Annotated[str, option("Do not look for these.", panel=FOUND, metavar="LIST")] = ""
    max_det: Annotated[int, option("At most so many boxes a picture, the best ones.", panel=FOUND, min=1)] = 300
    tile: Annotated[
        bool, option("Also look at overlapping squares of the picture, for small things.", "--tile", panel=TILES)
    ] = False
    tile_size: Annotated[int, option("Side of a square in pixels.", panel=TILES, min=64)] = 640
    tile_overlap: Annotated[float, option("What neighbours share, of a side.", panel=TILES, min=0, max=0.9)] = 0.2
