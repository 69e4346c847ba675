"""What can be set for `dlcli train gan`. Light. It has no labels, so it shares few options with the others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.training.engine_options import IMAGES, LEARNING, MODEL, RUN, EngineOptions
from dlcli.training.registry import Training


class AdversarialLoss(StrEnum):
    NON_SATURATING = "non-saturating"
    HINGE = "hinge"


class Regularization(StrEnum):
    R1 = "r1"
    SPECTRAL_NORM = "spectral-norm"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class GanTraining(EngineOptions):
    """Options of `dlcli train gan`."""

    start_size: ClassVar[int] = 0  # both networks are of one size

    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="A folder of images, searched in depth; labels are not read.", **THERE),
    ]
    skip_bad: Annotated[bool, option("Skip bad images instead of stopping.", "--skip-bad", panel=IMAGES)] = False
    zoom: Annotated[
        float, option("Smallest random crop, as a fraction of the side; 1: no crops.", panel=IMAGES, min=0.1, max=1)
    ] = 1.0
    no_flip: Annotated[bool, option("No horizontal flips.", "--no-flip", panel=IMAGES)] = False
    compared: Annotated[
        int, option("Images that the Fréchet distance is measured on, of each kind.", panel=IMAGES, min=2)
    ] = 500
    size: Annotated[int, option("Side of the images in pixels: 16, 32, 64 or 128.", panel=MODEL, min=16, max=128)] = 32
    latent: Annotated[int, option("Random numbers that an image is made of.", panel=MODEL, min=2, max=1024)] = 64
    width: Annotated[
        int, option("Channels at full size, a multiple of 8; doubled at each half.", panel=MODEL, min=8, max=128)
    ] = 32
    loss: Annotated[AdversarialLoss, option("What generator and discriminator minimize.", panel=LEARNING)] = (
        AdversarialLoss.NON_SATURATING
    )
    regularization: Annotated[
        Regularization,
        option("Of the discriminator: r1, a penalty on its gradient at real images; or spectral norm.", panel=LEARNING),
    ] = Regularization.R1
    r1_weight: Annotated[float, option("Weight of that penalty.", panel=LEARNING, min=0)] = 1.0
    epochs: Annotated[int, option("Number of epochs.", panel=LEARNING, min=1)] = 100
    batch: Annotated[int, option("Batch size.", panel=LEARNING, min=1)] = 32
    lr: Annotated[float, option("Peak learning rate.", panel=LEARNING, min=0)] = 5e-4
    ema: Annotated[float, option("EMA decay of the weights.", panel=LEARNING, min=0, max=1)] = 0.995
    eval_every: Annotated[int, option("Measure the Fréchet distance every N epochs.", panel=RUN, min=1)] = 1
    workers: Annotated[int, option("Data-loading worker processes; 0: load in the main process.", panel=RUN, min=0)] = 1


TRAINING = Training(
    "gan",
    "Train a generator of images like yours.",
    GanTraining,
    "dlcli.training.gan.recipe:plan",
    (
        "dlcli train gan photos --out runs/gan",
        "dlcli train gan photos --out runs/gan --size 64 --loss hinge --regularization spectral-norm",
    ),
    exporter="dlcli.export.generator:export_generator",
)
