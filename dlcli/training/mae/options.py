"""What can be set for `dlcli train mae`. Light. It has no labels, so it shares few options with the others."""

from pathlib import Path
from typing import Annotated, ClassVar

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.training.engine_options import IMAGES, LEARNING, MODEL, RUN, EngineOptions
from dlcli.training.registry import Training


@dataclass(frozen=True, kw_only=True)
class MaeTraining(EngineOptions):
    """Options of `dlcli train mae`."""

    start_size: ClassVar[int] = 0  # learned positions belong to one side

    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="A folder of images, searched in depth; labels are not read.", **THERE),
    ]
    val_share: Annotated[
        float, option("Fraction of the images that is only looked at.", panel=IMAGES, min=0.01, max=0.9)
    ] = 0.05
    skip_bad: Annotated[bool, option("Skip bad images instead of stopping.", "--skip-bad", panel=IMAGES)] = False
    zoom: Annotated[
        float, option("Smallest random crop, as a fraction of the side; 1: no crops.", panel=IMAGES, min=0.1, max=1)
    ] = 0.5
    no_flip: Annotated[bool, option("No horizontal flips.", "--no-flip", panel=IMAGES)] = False
    net: Annotated[
        str,
        option(
            "Which ViT's encoder learns: vit-micro, or another by name (dlcli models networks).",
            panel=MODEL,
            metavar="NAME",
        ),
    ] = "vit-micro"
    size: Annotated[
        int,
        option("Side of the network's input in pixels; a classifier that starts from it has the same.", panel=MODEL,
               min=32, max=1024),
    ] = 96  # fmt: skip
    hidden: Annotated[
        float, option("Fraction of the patches that the encoder does not see.", panel=LEARNING, min=0.1, max=0.95)
    ] = 0.75
    epochs: Annotated[int, option("Number of epochs.", panel=LEARNING, min=1)] = 100
    batch: Annotated[int, option("Batch size.", panel=LEARNING, min=1)] = 64
    lr: Annotated[float, option("Peak learning rate.", panel=LEARNING, min=0)] = 1e-3
    weight_decay: Annotated[float, option("Weight decay, of all but norms and biases.", panel=LEARNING, min=0)] = 0.05
    workers: Annotated[int, option("Data-loading worker processes; 0: load in the main process.", panel=RUN, min=0)] = 1


TRAINING = Training(
    "mae",
    "Train an encoder on images without labels.",
    MaeTraining,
    "dlcli.training.mae.recipe:plan",
    (
        "dlcli train mae photos --out runs/mae",
        "dlcli train mae photos --out runs/mae --size 64 --epochs 300",
    ),
)
