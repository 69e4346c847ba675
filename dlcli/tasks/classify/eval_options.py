"""Options of `dlcli eval classify`. Light."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.eval_options import EvalOptions
from dlcli.tasks.options import THERE, option


@dataclass(frozen=True, kw_only=True)
class EvalClassify(EvalOptions):
    """Options of `dlcli eval classify`."""

    summary: ClassVar[str] = "Score a classifier: top-1, top-5, average precision."
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli eval classify photos --split val",
        "dlcli eval classify photos --min top1=0.9",
    )

    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A folder per class, or a CSV file of filename,label; its format is detected.", **THERE
        ),
    ]
    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL")
    ] = "imagenet"
    map: Annotated[
        Path | None,
        option(
            "A file of lines WORD,LABEL: how the set calls a class of the model. WordNet ids are known.",
            "--map",
            **THERE,
        ),
    ] = None
    plots: Annotated[
        Path | None,
        option("Write confusion.png, curves.png and worst.png, the worst images, there; needs the extra [plot]."),
    ] = None

    def plots_folder(self) -> Path | None:
        return self.plots

    def aliases(self) -> Mapping[str, str]:
        """What --map says. DataError: it cannot be read."""
        from dlcli.data.classes import read_aliases

        return read_aliases(self.map) if self.map else {}
