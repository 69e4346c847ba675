"""What can be set for a training, each option once. Light: the command line reads it without torch."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

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


def _option(help_text: str, panel: str, *names: str, **limits: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=panel, **limits)


@dataclass(frozen=True)
class DetectTraining:
    """Options of `dlcli train detect`."""

    data: Annotated[Path, typer.Argument(help="A data set in VOC, COCO or YOLO layout; which one is found by looking.")]
    out: Annotated[Path, _option("The folder of this run; a new one, or --resume.", RUN, "--out", "-o")]
    split: Annotated[str, _option("The list of pictures to learn from.", PICTURES)] = "train"
    val_split: Annotated[str, _option("The list of pictures that chooses the best weights.", PICTURES)] = "val"
    skip_bad: Annotated[bool, _option("Leave bad pictures out instead of stopping.", PICTURES, "--skip-bad")] = False
    net: Annotated[
        Net, _option("anchor: one pass. fast-rcnn: its best boxes are pooled and looked at again.", MODEL)
    ] = Net.ANCHOR
    pool: Annotated[Pool, _option("fast-rcnn: interpolate (ROI align) or take maxima (ROI pooling).", MODEL)] = (
        Pool.ALIGN
    )
    from_: Annotated[
        str,
        _option(
            "Start from: imagenet, none, a bundled model (voc), a run's folder, or a .safetensors file.",
            MODEL,
            "--from",
        ),
    ] = "imagenet"
    size: Annotated[
        int, _option("Side of the network's input in pixels, a multiple of 64.", MODEL, min=64, max=1024)
    ] = 320
    start_size: Annotated[
        int, _option("Side during the first half of the epochs; 0: --size throughout.", LEARNING, min=0, max=1024)
    ] = 0
    freeze: Annotated[
        int,
        _option(
            "Leave the first N stages of the backbone as they are: the stem, then its 16 blocks; 0 trains all, "
            "and so does --from none.",
            MODEL,
            min=0,
            max=17,
        ),
    ] = 4
    sides: Annotated[str, _option("Base side of the anchors of each level, in pixels.", MODEL)] = "24,56,112,208"
    epochs: Annotated[int, _option("Passes over the pictures.", LEARNING, min=1)] = 20
    batch: Annotated[int, _option("Pictures a step.", LEARNING, min=1)] = 16
    lr: Annotated[float, _option("Peak learning rate of pyramid and head.", LEARNING, min=0)] = 1.5e-3
    backbone_lr: Annotated[float, _option("Peak learning rate of the backbone.", LEARNING, min=0)] = 3e-4
    weight_decay: Annotated[float, _option("Weight decay of AdamW.", LEARNING, min=0)] = 0.02
    warmup: Annotated[int, _option("Steps over which the rate rises; at most a quarter of all.", LEARNING, min=0)] = 300
    clip: Annotated[float, _option("Largest norm of the gradient; 0: any.", LEARNING, min=0)] = 10.0
    ema: Annotated[float, _option("Decay of the weights' moving average.", LEARNING, min=0, max=1)] = 0.999
    class_loss: Annotated[ClassLoss, _option("Focal, or cross-entropy on the hardest negatives.", LEARNING)] = (
        ClassLoss.FOCAL
    )
    box_loss: Annotated[BoxLoss, _option("GIoU of the boxes, or smooth L1 of the offsets.", LEARNING)] = BoxLoss.GIOU
    box_weight: Annotated[float, _option("Weight of the box loss.", LEARNING, min=0)] = 2.0
    positive: Annotated[float, _option("An anchor with this IoU or more joins a box.", LEARNING, min=0, max=1)] = 0.5
    negative: Annotated[float, _option("Below this IoU an anchor is background.", LEARNING, min=0, max=1)] = 0.4
    zoom: Annotated[
        float, _option("The smallest crop, as a share of the picture's side.", PICTURES, min=0.1, max=1)
    ] = 0.4
    expand: Annotated[
        float, _option("The largest margin, as a multiple of the picture's side.", PICTURES, min=1, max=4)
    ] = 1.5
    mosaic: Annotated[
        float, _option("Share of samples made of four pictures; none in the last quarter.", PICTURES, min=0, max=1)
    ] = 0.3
    balance: Annotated[
        float, _option("Draw classes in fewer pictures than this share more often; 0: never.", PICTURES, min=0, max=1)
    ] = 0.1
    seed: Annotated[int, _option("Seed of every random number.", RUN, min=0)] = 0
    workers: Annotated[int, _option("Processes that make pictures; 0: none.", RUN, min=0)] = 1
    threads: Annotated[int, _option("Threads of the network; 0: as many as there are cores.", RUN, min=0)] = 0
    eval_every: Annotated[int, _option("Measure AP on the val list every so many epochs.", RUN, min=1)] = 1
    checkpoint_minutes: Annotated[float, _option("Also keep a checkpoint every so many minutes.", RUN, min=0)] = 10.0
    resume: Annotated[bool, _option("Go on with the run in --out, as it was set.", RUN, "--resume")] = False
    quiet: Annotated[bool, _option("No progress and no summary.", RUN, "--quiet", "-q")] = False
