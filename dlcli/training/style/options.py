"""What can be set for `dlcli train style-transfer`. Light.

A style model has no labels, so it shares few options with the others.
"""

from pathlib import Path
from typing import Annotated

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.training.engine_options import IMAGES, LEARNING, RUN, EngineOptions
from dlcli.training.registry import Training


@dataclass(frozen=True, kw_only=True)
class StyleTraining(EngineOptions):
    """Options of `dlcli train style-transfer`."""

    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder of photographs to paint, some hundreds.", **THERE)
    ]
    style: Annotated[
        list[str] | None,
        option("An image to paint like, or a bundled style.", "--style", panel=IMAGES, metavar="STYLE"),
    ] = None
    styles: Annotated[
        Path | None,
        option(
            "A folder of paintings, hundreds: a model that paints in any style, of images that it has never seen.",
            panel=IMAGES, metavar="FOLDER",
        ),
    ] = None  # fmt: skip
    size: Annotated[int, option("Side of the crops in pixels, a multiple of 4.", panel=IMAGES, min=32, max=1024)] = 192
    style_size: Annotated[
        int, option("Longer side of the styles: larger makes larger strokes.", panel=IMAGES, min=64, max=4096)
    ] = 448
    steps: Annotated[int, option("Steps.", panel=LEARNING, min=1)] = 5000
    batch: Annotated[
        int, option("Images a step, each in another style if there are enough.", panel=LEARNING, min=1)
    ] = 2
    lr: Annotated[float, option("Peak learning rate.", panel=LEARNING, min=0)] = 1.5e-3
    content_weight: Annotated[float, option("Weight of the content loss.", panel=LEARNING, min=0)] = 1.0
    style_weight: Annotated[float, option("Weight of the style loss.", panel=LEARNING, min=0)] = 60.0
    variation_weight: Annotated[float, option("Weight of the total variation.", panel=LEARNING, min=0)] = 10.0
    layout_weight: Annotated[
        float, option("Weight of keeping colors where they are, in squares of 8 pixels.", panel=LEARNING, min=0)
    ] = 5.0
    checkpoint_minutes: Annotated[float, option("Also write a checkpoint every N minutes.", panel=RUN, min=0)] = 5.0


TRAINING = Training(
    "style-transfer",
    "Train a style model for style-transfer.",
    StyleTraining,
    "dlcli.training.style.recipe:plan",
    (
        "dlcli train style-transfer photos --style mine.jpg --out runs/mine",
        "dlcli train style-transfer photos --styles paintings --steps 20000 --out runs/any",
    ),
)
