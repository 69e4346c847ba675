"""What can be set of images without labels, for a training that learns to agree with itself on them. Light."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option

UNLABELED = "Unlabeled images"


class Method(StrEnum):
    PI_MODEL = "pi-model"
    TEMPORAL_ENSEMBLING = "temporal-ensembling"
    MEAN_TEACHER = "mean-teacher"


@dataclass(frozen=True, kw_only=True)
class UnlabeledOptions:
    """Beside those of every training."""

    unlabeled: Annotated[
        Path | None,
        option(
            "Semi-supervised: also learn from the images below this folder, which need no labels; none of the val "
            "images may be there.",
            panel=UNLABELED,
            metavar="DIR",
            **THERE,
        ),
    ] = None
    method: Annotated[
        Method,
        option(
            "What an unlabeled image's answer should agree with: another view's (pi-model), earlier epochs' "
            "(temporal-ensembling), or the averaged network's (mean-teacher).",
            panel=UNLABELED,
        ),
    ] = Method.MEAN_TEACHER
    unlabeled_weight: Annotated[
        float,
        option(
            "What agreement weighs in the loss once it has risen, in the first 30 % of the run.", panel=UNLABELED, min=0
        ),
    ] = 10.0
