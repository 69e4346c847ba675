"""Options of `dlcli classify`. Light."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from dlcli.tasks.options import RUNTIMES, ModelOptions, option

if TYPE_CHECKING:
    pass


FOUND = "Classes"


SORTING = "Sorting"


@dataclass(frozen=True)
class ClassifyOptions(ModelOptions):
    """Options of `dlcli classify` beside those of every picture command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL", panel=RUNTIMES)
    ] = "imagenet"
    top: Annotated[int, option("So many of the best classes.", "--top", "--topk", panel=FOUND, min=1)] = 5
    threshold: Annotated[
        float | None,
        option(
            "Only classes with at least this probability; default 0, or 0.5 for a model of several classes a picture.",
            panel=FOUND,
            min=0,
            max=1,
        ),
    ] = None
    classes: Annotated[
        str,
        option("Choose among these only, by name or id: cat,dog; they share the probability.", panel=FOUND,
               metavar="LIST"),
    ] = ""  # fmt: skip
    exclude_classes: Annotated[str, option("Leave these out; the others share.", panel=FOUND, metavar="LIST")] = ""
    sort_into: Annotated[
        Path | None,
        option(
            "Copy each picture into a folder of its best class below DIR, or unsure/ below --threshold.",
            panel=SORTING,
            metavar="DIR",
        ),
    ] = None
    link: Annotated[bool, option("With --sort-into: hard links in place of copies.", "--link", panel=SORTING)] = False
    move: Annotated[
        bool, option("With --sort-into: remove the original once its copy is whole.", "--move", panel=SORTING)
    ] = False
