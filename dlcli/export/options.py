"""What can be set for an export, each option once. Light: the command line reads it without torch."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

FILES, CARD, CHECK, INT8 = "Files", "Card", "Check", "int8"


class Calibration(StrEnum):
    """How the range of an activation is chosen: all of it, all but a share, or the least loss of information."""

    MINMAX = "minmax"
    PERCENTILE = "percentile"
    ENTROPY = "entropy"


def _option(help_text: str, panel: str, *names: str, **limits: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=panel, **limits)


@dataclass(frozen=True)
class ExportOptions:
    """Options of `dlcli export`."""

    run: Annotated[Path, typer.Argument(help="The folder of a training: its config.json and best.safetensors.")]
    out: Annotated[
        Path | None,
        _option(
            "The .onnx file to write; default RUN/best.onnx, with --int8 RUN/best-int8.onnx.", FILES, "--out", "-o"
        ),
    ] = None
    half_weights: Annotated[
        bool, _option("Store the weights as float16: half the file, the same arithmetic.", FILES, "--half-weights")
    ] = False
    weights: Annotated[
        bool,
        _option(
            "Also write the weights as float16 .safetensors beside the .onnx, for --from and --runtime torch.",
            FILES,
            "--weights",
        ),
    ] = False
    name: Annotated[str, _option("The model's name in its card; default the run's.", CARD)] = ""
    licence: Annotated[str, _option("The licence of the weights, such as Apache-2.0.", CARD)] = ""
    credit: Annotated[
        list[str] | None, _option("Whom the weights are owed to: pictures, a backbone. Repeat for more.", CARD)
    ] = None
    score: Annotated[
        list[str] | None,
        _option("A measured score. Repeat for more.", CARD, metavar="'METRIC=VALUE | DATA | COMMAND'"),
    ] = None
    data: Annotated[
        Path | None,
        _option("Real pictures to check with: a labelled set or a folder of pictures; default the run's.", CHECK),
    ] = None
    pictures: Annotated[int, _option("Compare torch and ONNX Runtime on so many pictures.", CHECK, min=1)] = 8
    int8: Annotated[
        bool, _option("Eight-bit weights and activations: a third of the file, about twice as fast.", INT8, "--int8")
    ] = False
    calibration: Annotated[Calibration, _option("How ranges of activations are chosen.", INT8)] = Calibration.MINMAX
    calibration_pictures: Annotated[int, _option("Choose them on so many pictures.", INT8, min=1)] = 128
    reduce_range: Annotated[
        bool,
        _option(
            "7-bit weights: right on every processor; --full-range saturates on those without VNNI.",
            INT8,
            "--reduce-range/--full-range",
        ),
    ] = True
    ap_pictures: Annotated[
        int, _option("Measure AP before and after on so many val pictures; 0: all.", INT8, min=0)
    ] = 0
    threads: Annotated[int, _option("Threads; 0: as many as there are cores.", CHECK, min=0)] = 0
    quiet: Annotated[bool, _option("No progress and no summary.", CHECK, "--quiet", "-q")] = False
