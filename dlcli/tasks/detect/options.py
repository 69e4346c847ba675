"""Options of `dlcli detect`. Light."""

from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.drawing import FONT_SIZE, HIDE_LABELS, HIDE_SCORES, LINE_WIDTH
from dlcli.tasks.options import MODEL, ModelOptions, option
from dlcli.tasks.redaction import REDACT, REDACT_PADDING, REDACT_STYLE, RedactStyle

FOUND = "Thresholds"


TILES = "Large images"


@dataclass(frozen=True)
class DetectOptions(ModelOptions):
    """Options of `dlcli detect` beside those of every image command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=MODEL)
    ] = "coco"
    conf: Annotated[
        float, option("Score threshold: keep boxes with at least this score.", panel=FOUND, min=0, max=1)
    ] = 0.25
    iou: Annotated[float, option("IoU threshold for NMS, per class.", panel=FOUND, min=0, max=1)] = 0.45
    classes: Annotated[str, option("Only these classes, by name or id: dog,cat.", panel=FOUND, metavar="LIST")] = ""
    exclude_classes: Annotated[str, option("Without these classes.", panel=FOUND, metavar="LIST")] = ""
    max_det: Annotated[int, option("Maximum number of boxes per image; the best are kept.", panel=FOUND, min=1)] = 300
    tile: Annotated[bool, option("Also run on overlapping tiles, to find small objects.", "--tile", panel=TILES)] = (
        False
    )
    tile_size: Annotated[int, option("Tile side in pixels.", panel=TILES, min=64)] = 640
    tile_overlap: Annotated[float, option("Tile overlap, as a fraction of the side.", panel=TILES, min=0, max=0.9)] = (
        0.2
    )
    line_width: Annotated[int | None, LINE_WIDTH] = None
    font_size: Annotated[int | None, FONT_SIZE] = None
    hide_labels: Annotated[bool, HIDE_LABELS] = False
    hide_scores: Annotated[bool, HIDE_SCORES] = False
    redact: Annotated[str, REDACT] = ""
    redact_style: Annotated[RedactStyle, REDACT_STYLE] = RedactStyle.BLUR
    redact_padding: Annotated[float, REDACT_PADDING] = 0.1
