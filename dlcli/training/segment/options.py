"""What can be set for `dlcli train segment`, beside what every training has. Light."""

from pathlib import Path
from typing import Annotated

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.training.optimization.names import InitName
from dlcli.training.options import IMAGES, LEARNING, MODEL, TrainingOptions
from dlcli.training.registry import Training
from dlcli.training.teachers.flags import TeacherOptions
from dlcli.training.unlabeled.flags import UnlabeledOptions

AUTO, NONE, GRABCUT = "auto", "none", "grabcut"


@dataclass(frozen=True, kw_only=True)
class SegmentTraining(UnlabeledOptions, TeacherOptions, TrainingOptions):
    """Options of `dlcli train segment`."""

    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="Images with class masks: VOC, images/ and masks/ folders, or COCO; the format is detected.",
            **THERE,
        ),
    ]
    net: Annotated[
        str,
        option(
            "light, unet, unet-lite0, fcn32s, fcn16s, fcn8s, torchvision/ and a name, such as "
            "torchvision/deeplabv3_mobilenet_v3_large, or smp/ARCH-ENCODER, such as smp/unet-resnet18 (extra smp).",
            panel=MODEL,
            metavar="NAME",
        ),
    ] = "light"
    from_: Annotated[
        str,
        option(
            "Start from: imagenet, none, a bundled model, a run's folder, or a .safetensors file; torchvision for "
            "the cached weights of a torchvision network. auto: imagenet, or none for unet.",
            "--from",
            panel=MODEL,
            metavar="MODEL|RUN",
        ),
    ] = AUTO
    init: Annotated[
        InitName, option("How the weights are drawn with --from none; default: the network's way.", panel=MODEL)
    ] = InitName.DEFAULT
    size: Annotated[
        int, option("Side of the network's input in pixels, a multiple of 32.", panel=MODEL, min=32, max=1024)
    ] = 320
    loss: Annotated[
        str, option("dice, ce, focal, or a weighted sum of them, such as dice+ce.", panel=LEARNING, metavar="SUM")
    ] = "0.5*dice+ce"
    class_weights: Annotated[
        str,
        option(
            "What the classes weigh in the loss: none, auto (rare ones more), or a number a class: 1,2,2.",
            panel=LEARNING,
            metavar="none|auto|LIST",
        ),
    ] = NONE
    dice_smooth: Annotated[
        float, option("Pixels given to every mask in Dice, so that small ones count less.", panel=LEARNING, min=0)
    ] = 1.0
    dice_per_image: Annotated[
        bool, option("Dice of each image by itself, not of the batch.", "--dice-per-image", panel=LEARNING)
    ] = False
    label_smoothing: Annotated[
        float,
        option(
            "Label smoothing of ce: fraction of the target spread over all classes.", panel=LEARNING, min=0, max=0.9
        ),
    ] = 0.0
    ema: Annotated[float, option("EMA decay of the weights.", panel=LEARNING, min=0, max=1)] = 0.998
    balance: Annotated[
        float,
        option(
            "Repeat-factor sampling: oversample classes present in less than this fraction of images; 0 disables.",
            panel=IMAGES,
            min=0,
            max=1,
        ),
    ] = 0.08
    zoom: Annotated[float, option("Smallest random crop, as a fraction of the side.", panel=IMAGES, min=0.1, max=1)] = (
        0.45
    )
    expand: Annotated[
        float, option("Largest random expansion, as a multiple of the side.", panel=IMAGES, min=1, max=4)
    ] = 1.3
    weak_masks: Annotated[
        str,
        option(
            "Also learn from images of DATA without a mask: a folder of masks for them, or grabcut to guess them "
            "from DATA's boxes, into RUN/weak-masks.",
            panel=IMAGES,
            metavar="FOLDER|grabcut",
        ),
    ] = ""
    true_weight: Annotated[
        float,
        option("How often a true mask is drawn for each time a weak one is.", panel=IMAGES, min=0.01, max=1000),
    ] = 4.0


TRAINING = Training(
    "segment",
    "Train a segmenter on images with class masks.",
    SegmentTraining,
    "dlcli.training.segment.recipe:plan",
    (
        "dlcli train segment my-data --out runs/mine",
        "dlcli train segment my-data --out runs/mine --weak-masks grabcut",
    ),
    (
        ("light", 3114133, "EfficientNet-Lite0 and a light decoder, the default (arXiv:1802.02611)"),
        ("unet", 1816437, "U-Net of plain convolutions (arXiv:1505.04597)"),
        ("unet-lite0", 3354469, "U-Net on EfficientNet-Lite0"),
        ("fcn32s", 3051605, "Fully convolutional, from stride 32 in one step (arXiv:1411.4038)"),
        ("fcn16s", 2989802, "The same, by way of stride 16"),
        ("fcn8s", 2974871, "The same, by way of strides 16 and 8"),
    ),
)
