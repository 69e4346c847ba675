"""Options of `dlcli segment`. Light."""

from enum import StrEnum
from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.drawing import FONT_SIZE, HIDE_LABELS, LINE_WIDTH
from dlcli.tasks.options import MODEL, ModelOptions, option
from dlcli.tasks.redaction import REDACT, REDACT_PADDING, REDACT_STYLE, RedactStyle
from dlcli.tasks.segment.tile_plan import TileMerge

FOUND = "Thresholds"
TILES = "Large images"
MERGE_HELP = (
    "Which look decides where tiles of several sizes differ. scale: a coarser one where a region is larger than the "
    "next finer tile, elsewhere the finer one; finest: the tiles of --tile-size alone; mean: all alike, for one large "
    "thing."
)
CUTOUTS = "Cutouts"


class CutoutBy(StrEnum):
    CLASS = "class"
    REGION = "region"


class CutoutSize(StrEnum):
    CROP = "crop"
    FULL = "full"


@dataclass(frozen=True)
class SegmentOptions(ModelOptions):
    """Options of `dlcli segment` beside those of every image command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=MODEL)
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
    cutout_by: Annotated[
        CutoutBy,
        option(
            "What a file of --save cutouts holds: a class, or a connected region of at least 0.1 % of the image.",
            panel=CUTOUTS,
        ),
    ] = CutoutBy.CLASS
    cutout_size: Annotated[
        CutoutSize, option("Cut out as large as what is shown, or at the size of the image.", panel=CUTOUTS)
    ] = CutoutSize.CROP
    line_width: Annotated[int | None, LINE_WIDTH] = None
    font_size: Annotated[int | None, FONT_SIZE] = None
    hide_labels: Annotated[bool, HIDE_LABELS] = False
    redact: Annotated[str, REDACT] = ""
    redact_style: Annotated[RedactStyle, REDACT_STYLE] = RedactStyle.BLUR
    redact_padding: Annotated[float, REDACT_PADDING] = 0.1
