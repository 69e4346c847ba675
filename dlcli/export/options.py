"""What can be set for an export, each option once. Light: the command line reads it without torch."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option

FILES, CARD, CHECK, INT8 = "Files", "Card", "Check", "int8"


class Calibration(StrEnum):
    """How the range of an activation is chosen: all of it, all but a share, or the least loss of information."""

    MINMAX = "minmax"
    PERCENTILE = "percentile"
    ENTROPY = "entropy"


@dataclass(frozen=True)
class ExportOptions:
    """Options of `dlcli export`."""

    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="Folder of a training run, with config.json and best.safetensors.", **THERE),
    ]
    out: Annotated[
        Path | None,
        option(
            "The .onnx file to write; default RUN/best.onnx, with --int8 RUN/best-int8.onnx.",
            "--out",
            "-o",
            panel=FILES,
        ),
    ] = None
    half_weights: Annotated[
        bool, option("Store weights as float16: half the size, the same arithmetic.", "--half-weights", panel=FILES)
    ] = False
    weights: Annotated[
        bool,
        option(
            "Also write the weights as float16 .safetensors beside the .onnx, for --from and --runtime torch.",
            "--weights",
            panel=FILES,
        ),
    ] = False
    name: Annotated[str, option("The model's name in its card; default the run's.", panel=CARD, metavar="NAME")] = ""
    license: Annotated[str, option("License of the weights, such as Apache-2.0.", panel=CARD)] = ""
    credit: Annotated[list[str] | None, option("Attribution of the weights: data sets, a backbone.", panel=CARD)] = None
    score: Annotated[
        list[str] | None,
        option("A measured metric.", panel=CARD, metavar="'METRIC=VALUE | DATA | COMMAND'"),
    ] = None
    calibrate_scores: Annotated[
        bool,
        option(
            "Detectors: make a box's score the share of such boxes that are right, as measured on val.",
            "--calibrate-scores",
            panel=CARD,
        ),
    ] = False
    data: Annotated[
        Path | None,
        option("Images to check with: a labeled set or a folder; default the run's.", panel=CHECK, **THERE),
    ] = None
    images: Annotated[int, option("Compare torch and ONNX Runtime on this many images.", panel=CHECK, min=1)] = 8
    int8: Annotated[
        bool,
        option(
            "Quantize weights and activations to int8: a third of the size, about twice as fast.", "--int8", panel=INT8
        ),
    ] = False
    calibration: Annotated[Calibration, option("Calibration method for the ranges of activations.", panel=INT8)] = (
        Calibration.MINMAX
    )
    calibration_images: Annotated[int, option("Number of calibration images.", panel=INT8, min=1)] = 128
    reduce_range: Annotated[
        bool,
        option(
            "7-bit weights: right on every processor; --full-range saturates on those without VNNI.",
            "--reduce-range/--full-range",
            panel=INT8,
        ),
    ] = True
    ap_images: Annotated[
        int, option("Measure AP before and after on this many val images; 0: all.", panel=INT8, min=0)
    ] = 0
    threads: Annotated[int, option("Threads; 0: one per core.", panel=CHECK, min=0)] = 0
    quiet: Annotated[bool, option("Print nothing but errors.", "--quiet", "-q", panel=CHECK)] = False
