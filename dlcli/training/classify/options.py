"""What can be set for `dlcli train classify`, beside what every training has. Light."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dlcli.frozen import dataclass
from dlcli.nets.classifiers.table import NETWORKS
from dlcli.tasks.options import THERE, option
from dlcli.training.optimization.names import InitName
from dlcli.training.options import IMAGES, LEARNING, MODEL, TrainingOptions
from dlcli.training.registry import Training
from dlcli.training.teachers.flags import TeacherOptions
from dlcli.training.unlabeled.flags import UnlabeledOptions

ALL_BUT_LAST = "all-but-last"


class ClassifyLoss(StrEnum):
    CE = "ce"
    FOCAL = "focal"


class Augment(StrEnum):
    BASIC = "basic"
    RANDAUGMENT = "randaugment"
    TRIVIALAUGMENT = "trivialaugment"


class ClassWeights(StrEnum):
    AUTO = "auto"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class ClassifyTraining(UnlabeledOptions, TeacherOptions, TrainingOptions):
    """Options of `dlcli train classify`."""

    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="A folder per class, or the same below train/ and val/, or a .csv of filename,label[,split].",
            **THERE,
        ),
    ]
    net: Annotated[
        str,
        option(
            "lite0, another network by name (dlcli models networks), or any classifier of torchvision or timm, such as "
            "torchvision/mobilenet_v3_small or timm/convnext_atto (extra timm).",
            panel=MODEL,
            metavar="NAME",
        ),
    ] = "lite0"
    from_: Annotated[
        str,
        option(
            "Start from: imagenet, none, a bundled model, a run's folder, or a .safetensors file. auto: imagenet, or "
            "none where the network has no such weights.",
            "--from",
            panel=MODEL,
            metavar="MODEL|RUN",
        ),
    ] = "auto"
    freeze: Annotated[
        str,
        option(
            "Leave the first N layers and blocks as they came, or all-but-last; 0 trains all, and so does --from none.",
            panel=MODEL,
            metavar="N|all-but-last",
        ),
    ] = "4"  # type: ignore[assignment]  # a word or a number
    init: Annotated[
        InitName, option("How the weights are drawn with --from none; default: the network's way.", panel=MODEL)
    ] = InitName.DEFAULT
    size: Annotated[int, option("Side of the network's input in pixels.", panel=MODEL, min=32, max=1024)] = 224
    multi_label: Annotated[
        bool,
        option(
            "Multi-label: an independent sigmoid per class; on by itself where a .csv gives an image several.",
            "--multi-label",
            panel=MODEL,
        ),
    ] = False
    batch: Annotated[
        str, option("Batch size; auto: as many images as memory holds, measured.", panel=LEARNING, metavar="N|auto")
    ] = "32"
    loss: Annotated[
        ClassifyLoss, option("Cross-entropy, or focal loss, in which easy images count less.", panel=LEARNING)
    ] = ClassifyLoss.CE
    label_smoothing: Annotated[
        float,
        option("Label smoothing: fraction of the target spread over all classes.", panel=LEARNING, min=0, max=0.9),
    ] = 0.0
    class_weights: Annotated[
        ClassWeights, option("auto: classes with few images weigh more in the loss.", panel=LEARNING)
    ] = ClassWeights.NONE
    mixup: Annotated[float, option("mixup alpha of Beta(ALPHA, ALPHA); 0 disables.", panel=IMAGES, min=0, max=10)] = 0.0
    cutmix: Annotated[float, option("CutMix alpha; 0 disables.", panel=IMAGES, min=0, max=10)] = 0.0
    zoom: Annotated[
        float, option("Smallest random crop, as a fraction of the side; 1: no crops.", panel=IMAGES, min=0.1, max=1)
    ] = 0.6
    augment: Annotated[
        Augment,
        option(
            "basic: color jitter. randaugment: two random operations of fourteen. trivialaugment: one, of random "
            "strength.",
            panel=IMAGES,
        ),
    ] = Augment.BASIC
    erase: Annotated[
        float, option("Random erasing: how often a part of the image is blanked.", panel=IMAGES, min=0, max=1)
    ] = 0.0
    synthetic: Annotated[
        str,
        option(
            "More images of a rare class to learn from, made by the generator of a train gan run.",
            panel=IMAGES,
            metavar="CLASS=RUN",
        ),
    ] = ""
    synthetic_count: Annotated[
        int, option("How many; 0: as many as the class has.", panel=IMAGES, min=0, max=1_000_000)
    ] = 0
    no_color: Annotated[
        bool, option("No color jitter: where colors tell the classes apart.", "--no-color", panel=IMAGES)
    ] = False


TRAINING = Training(
    "classify",
    "Train a classifier on a folder per class, or a CSV.",
    ClassifyTraining,
    "dlcli.training.classify.recipe:plan",
    (
        "dlcli train classify my-data --out runs/mine",
        "dlcli train classify my-data --out runs/mine --freeze all-but-last --mixup 0.2",
    ),
    (
        ("lite0", 4652008, "EfficientNet-Lite0, the default (arXiv:1905.11946)"),
        *((name, net.parameters, net.summary) for name, net in NETWORKS.items()),
    ),
)
