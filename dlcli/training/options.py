"""What can be set for a training, each option once. Light: the command line reads it without torch."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dlcli.tasks.options import option

MODEL, LEARNING, PICTURES, RUN = "Network", "Learning", "Pictures", "Run"


class Net(StrEnum):
    ANCHOR = "anchor"
    FAST_RCNN = "fast-rcnn"


class ClassLoss(StrEnum):
    FOCAL = "focal"
    MINED = "mined"


class BoxLoss(StrEnum):
    GIOU = "giou"
    SMOOTH_L1 = "smooth-l1"


class Pool(StrEnum):
    ALIGN = "align"
    MAX = "max"


@dataclass(frozen=True)
class DetectTraining:
    """Options of `dlcli train detect`."""

    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A data set in VOC, COCO or YOLO layout, found by looking.")
    ]
    out: Annotated[Path, option("The folder of this run; a new one, or --resume.", "--out", "-o", panel=RUN)]
    split: Annotated[str, option("The list of pictures to learn from.", panel=PICTURES)] = "train"
    val_split: Annotated[str, option("The list of pictures that chooses the best weights.", panel=PICTURES)] = "val"
    skip_bad: Annotated[bool, option("Leave bad pictures out instead of stopping.", "--skip-bad", panel=PICTURES)] = (
        False
    )
    net: Annotated[
        Net, option("anchor: one pass. fast-rcnn: its best boxes are pooled and looked at again.", panel=MODEL)
    ] = Net.ANCHOR
    pool: Annotated[Pool, option("fast-rcnn: interpolate (ROI align) or take maxima (ROI pooling).", panel=MODEL)] = (
        Pool.ALIGN
    )
    from_: Annotated[
        str,
        option(
            "Start from: imagenet, none, a bundled model (voc), a run's folder, or a .safetensors file.",
            "--from",
            panel=MODEL,
        ),
    ] = "imagenet"
    size: Annotated[
        int, option("Side of the network's input in pixels, a multiple of 64.", panel=MODEL, min=64, max=1024)
    ] = 320
    start_size: Annotated[
        int, option("Side during the first half of the epochs; 0: --size throughout.", panel=LEARNING, min=0, max=1024)
    ] = 0
    freeze: Annotated[
        int,
        option(
            "Leave the first N stages of the backbone as they are: the stem, then its 16 blocks; 0 trains all, "
            "and so does --from none.",
            panel=MODEL,
            min=0,
            max=17,
        ),
    ] = 4
    sides: Annotated[str, option("Base side of the anchors of each level, in pixels.", panel=MODEL)] = "24,56,112,208"
    epochs: Annotated[int, option("Passes over the pictures.", panel=LEARNING, min=1)] = 20
    batch: Annotated[int, option("Pictures a step.", panel=LEARNING, min=1)] = 16
    lr: Annotated[float, option("Peak learning rate of pyramid and head.", panel=LEARNING, min=0)] = 1.5e-3
    backbone_lr: Annotated[float, option("Peak learning rate of the backbone.", panel=LEARNING, min=0)] = 3e-4
    weight_decay: Annotated[float, option("Weight decay of AdamW.", panel=LEARNING, min=0)] = 0.02
    warmup: Annotated[
        int, option("Steps over which the rate rises; at most a quarter of all.", panel=LEARNING, min=0)
    ] = 300
    clip: Annotated[float, option("Largest norm of the gradient; 0: any.", panel=LEARNING, min=0)] = 10.0
    ema: Annotated[float, option("Decay of the weights' moving average.", panel=LEARNING, min=0, max=1)] = 0.999
    class_loss: Annotated[ClassLoss, option("Focal, or cross-entropy on the hardest negatives.", panel=LEARNING)] = (
        ClassLoss.FOCAL
    )
    box_loss: Annotated[BoxLoss, option("GIoU of the boxes, or smooth L1 of the offsets.", panel=LEARNING)] = (
        BoxLoss.GIOU
    )
    box_weight: Annotated[float, option("Weight of the box loss.", panel=LEARNING, min=0)] = 2.0
    positive: Annotated[float, option("An anchor with this IoU or more joins a box.", panel=LEARNING, min=0, max=1)] = (
        0.5
    )
    negative: Annotated[float, option("Below this IoU an anchor is background.", panel=LEARNING, min=0, max=1)] = 0.4
    zoom: Annotated[
        float, option("The smallest crop, as a share of the picture's side.", panel=PICTURES, min=0.1, max=1)
    ] = 0.4
    expand: Annotated[
        float, option("The largest margin, as a multiple of the picture's side.", panel=PICTURES, min=1, max=4)
    ] = 1.5
    mosaic: Annotated[
        float, option("Share of samples made of four pictures; none in the last quarter.", panel=PICTURES, min=0, max=1)
    ] = 0.3
    balance: Annotated[
        float,
        option("Draw classes in fewer pictures than this share more often; 0: never.", panel=PICTURES, min=0, max=1),
    ] = 0.1
    seed: Annotated[int, option("Seed of every random number.", panel=RUN, min=0)] = 0
    workers: Annotated[int, option("Processes that make pictures; 0: none.", panel=RUN, min=0)] = 1
    threads: Annotated[int, option("Threads of the network; 0: as many as there are cores.", panel=RUN, min=0)] = 0
    eval_every: Annotated[int, option("Measure AP on the val list every so many epochs.", panel=RUN, min=1)] = 1
    checkpoint_minutes: Annotated[float, option("Also keep a checkpoint every so many minutes.", panel=RUN, min=0)] = (
        10.0
    )
    resume: Annotated[bool, option("Go on with the run in --out, as it was set.", "--resume", panel=RUN)] = False
    quiet: Annotated[bool, option("No progress and no summary.", "--quiet", "-q", panel=RUN)] = False
