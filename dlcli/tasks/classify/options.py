"""Options of `dlcli classify`. Light."""

from pathlib import Path
from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.drawing import FONT_SIZE, HIDE_SCORES
from dlcli.tasks.options import MODEL, ModelOptions, option

FOUND = "Classes"


SORTING = "Sorting"


@dataclass(frozen=True)
class ClassifyOptions(ModelOptions):
    """Options of `dlcli classify` beside those of every image command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=MODEL)
    ] = "imagenet"
    top: Annotated[int, option("Number of top classes to report.", "--top", "--topk", panel=FOUND, min=1)] = 5
    threshold: Annotated[
        float | None,
        option(
            "Only classes with at least this probability; default 0, or 0.5 for a model of several classes an image.",
            panel=FOUND,
            min=0,
            max=1,
        ),
    ] = None
    classes: Annotated[
        str,
        option("Only these classes, by name or id: cat,dog; scores stay those among all classes.", panel=FOUND,
               metavar="LIST"),
    ] = ""  # fmt: skip
    exclude_classes: Annotated[
        str, option("Without these classes; scores stay those among all classes.", panel=FOUND, metavar="LIST")
    ] = ""
    sort_into: Annotated[
        Path | None,
        option(
            "Copy each image into DIR/CLASS by its top class, or into DIR/unsure below --threshold; a copy that an "
            "earlier run sorted elsewhere in DIR is moved.",
            panel=SORTING,
            metavar="DIR",
        ),
    ] = None
    link: Annotated[bool, option("With --sort-into: hard links instead of copies.", "--link", panel=SORTING)] = False
    move: Annotated[
        bool, option("With --sort-into: remove the original once the copy is complete.", "--move", panel=SORTING)
    ] = False
    font_size: Annotated[int | None, FONT_SIZE] = None
    hide_scores: Annotated[bool, HIDE_SCORES] = False
