"""Options of `dlcli eval segment`. Light."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.eval_options import EvalOptions
from dlcli.tasks.options import THERE, option
from dlcli.tasks.segment.options import MERGE_HELP
from dlcli.tasks.segment.tile_plan import TileMerge


@dataclass(frozen=True, kw_only=True)
class EvalSegment(EvalOptions):
    """Options of `dlcli eval segment`."""

    summary: ClassVar[str] = "Score a segmenter: IoU, Dice, pixel accuracy."
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli eval segment voc2007 --split val",
        "dlcli eval segment voc2007 --min miou=0.5",
    )

    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="images/ and masks/, VOC's SegmentationClass or COCO; the format is detected.", **THERE
        ),
    ]
    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL")
    ] = "voc-seg"
    map: Annotated[
        Path | None,
        option(
            "A file of lines WORD,LABEL: how the set calls a class of the model, or a mask's value.", "--map", **THERE
        ),
    ] = None
    tile: Annotated[bool, option("Look at large images in blended tiles, as segment does.", "--tile")] = False
    tile_size: Annotated[int, option("Side of a tile in pixels.", min=64, max=8192)] = 640
    tile_overlap: Annotated[float, option("Tile overlap, as a fraction of the side.", min=0, max=0.9)] = 0.5
    tile_merge: Annotated[TileMerge, option(MERGE_HELP)] = TileMerge.SCALE
    plots: Annotated[
        Path | None, option("Write confusion.png and worst.png, the worst images, there; needs the extra [plot].")
    ] = None

    def settings(self) -> dict[str, Any]:
        tiles = {
            "tile": True,
            "tile_size": self.tile_size,
            "tile_overlap": self.tile_overlap,
            "tile_merge": self.tile_merge.value,
        }
        return tiles if self.tile else dict.fromkeys(tiles)

    def plots_folder(self) -> Path | None:
        return self.plots

    def aliases(self) -> Mapping[str, str]:
        """What --map says. DataError: it cannot be read."""
        from dlcli.data.classes import read_aliases

        return read_aliases(self.map) if self.map else {}
