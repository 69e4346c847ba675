"""Options of `dlcli eval detect`. Light."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.eval_options import EvalOptions
from dlcli.tasks.options import THERE, option


@dataclass(frozen=True, kw_only=True)
class EvalDetect(EvalOptions):
    """Options of `dlcli eval detect`."""

    summary: ClassVar[str] = "Score a detector: average precision."
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli eval detect voc2007 --split test",
        "dlcli eval detect voc2007 --min map50=0.55",
    )

    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="A labeled set in VOC, COCO or YOLO format, which is detected.", **THERE),
    ]
    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL")
    ] = "coco"
    map: Annotated[
        Path | None,
        option("A file of lines WORD,LABEL: how the set calls a class of the model.", "--map", **THERE),
    ] = None
    clip_boxes: Annotated[
        bool, option("Clip boxes that reach out of their image instead of refusing them.", "--clip-boxes", "--clip")
    ] = False
    conf: Annotated[float, option("Boxes below this score are not counted.", min=0, max=1)] = 0.001
    iou: Annotated[float, option("IoU threshold for NMS, per class.", min=0, max=1)] = 0.5
    max_det: Annotated[int, option("At most so many boxes an image.", min=1)] = 300

    plots: Annotated[
        Path | None,
        option("Write confusion.png, curves.png and worst.png, the worst images, there; needs the extra [plot]."),
    ] = None

    def plots_folder(self) -> Path | None:
        return self.plots

    def settings(self) -> dict[str, Any]:
        return {"conf": self.conf, "iou": self.iou, "max_det": self.max_det}

    def aliases(self) -> Mapping[str, str]:
        """What --map says. DataError: it cannot be read."""
        from dlcli.data.classes import read_aliases

        return read_aliases(self.map) if self.map else {}

    def clips(self) -> bool:
        return self.clip_boxes
