"""What can be set for `dlcli train detect`, beside what every training has. Light."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.training.options import IMAGES, LEARNING, MODEL, TrainingOptions
from dlcli.training.registry import Training
from dlcli.training.teachers.flags import TeacherOptions
from dlcli.training.unlabeled.flags import UNLABELED


class Net(StrEnum):
    ANCHOR = "anchor"
    FAST_RCNN = "fast-rcnn"


class ClassLoss(StrEnum):
    FOCAL = "focal"
    MINED = "mined"


class BoxLoss(StrEnum):
    GIOU = "giou"
    L1 = "l1"
    SMOOTH_L1 = "smooth-l1"
    HUBER = "huber"


class Matching(StrEnum):
    THRESHOLD = "threshold"
    ADAPTIVE = "adaptive"


class Pool(StrEnum):
    ALIGN = "align"
    MAX = "max"


@dataclass(frozen=True, kw_only=True)
class DetectTraining(TeacherOptions, TrainingOptions):
    """Options of `dlcli train detect`."""

    size: Annotated[
        int, option("Side of the network's input in pixels, a multiple of 64.", panel=MODEL, min=64, max=1024)
    ] = 320
    net: Annotated[
        Net,
        option(
            "anchor: one-stage. fast-rcnn: two-stage, RoI features of the top proposals are classified again.",
            panel=MODEL,
        ),
    ] = Net.ANCHOR
    pool: Annotated[Pool, option("fast-rcnn: interpolate (ROI align) or take maxima (ROI pooling).", panel=MODEL)] = (
        Pool.ALIGN
    )
    sides: Annotated[str, option("Base anchor side of each pyramid level, in pixels.", panel=MODEL, metavar="LIST")] = (
        "24,56,112,208"
    )
    class_loss: Annotated[
        ClassLoss, option("Focal loss, or cross-entropy with hard negative mining.", panel=LEARNING)
    ] = ClassLoss.FOCAL
    box_loss: Annotated[
        BoxLoss, option("GIoU of the boxes; or L1, smooth L1 or Huber of the offsets.", panel=LEARNING)
    ] = BoxLoss.GIOU
    box_weight: Annotated[float, option("Weight of the box loss.", panel=LEARNING, min=0)] = 2.0
    matching: Annotated[
        Matching,
        option(
            "Which anchors learn a box: those above --positive, or by a threshold that each box sets itself (ATSS).",
            panel=LEARNING,
        ),
    ] = Matching.THRESHOLD
    positive: Annotated[float, option("Positive anchor IoU threshold.", panel=LEARNING, min=0, max=1)] = 0.5
    negative: Annotated[
        float, option("Negative anchor IoU threshold: below it an anchor is background.", panel=LEARNING, min=0, max=1)
    ] = 0.4
    clip_boxes: Annotated[
        bool, option("Clip boxes that reach out of their image instead of refusing them.", "--clip-boxes", panel=IMAGES)
    ] = False
    zoom: Annotated[float, option("Smallest random crop, as a fraction of the side.", panel=IMAGES, min=0.1, max=1)] = (
        0.4
    )
    expand: Annotated[
        float, option("Largest random expansion, as a multiple of the side.", panel=IMAGES, min=1, max=4)
    ] = 1.5
    mosaic: Annotated[
        float,
        option("Fraction of mosaics of four images; none in the last quarter of the run.", panel=IMAGES, min=0, max=1),
    ] = 0.3
    unlabeled: Annotated[
        Path | None,
        option(
            "Pseudo-labels: also learn from the images below this folder, with the boxes that --teacher finds there; "
            "none of the val images may be there.",
            panel=UNLABELED,
            metavar="DIR",
            **THERE,
        ),
    ] = None
    pseudo_score: Annotated[
        float,
        option(
            "Boxes of the teacher count from this score; around weaker ones nothing is learned of their class.",
            panel=UNLABELED,
            min=0.1,
            max=1,
        ),
    ] = 0.5


TRAINING = Training(
    "detect",
    "Train a detector on VOC, COCO or YOLO annotations.",
    DetectTraining,
    "dlcli.training.detect.recipe:plan",
    (
        "dlcli train detect my-data --out runs/mine --from coco",
        "dlcli train detect my-data --out runs/mine --resume",
    ),
    (
        ("anchor", 3265808, "EfficientNet-Lite0, pyramid and anchors, the default (arXiv:1708.02002)"),
        ("fast-rcnn", 4943913, "The same, and regions pooled and classified again (arXiv:1504.08083)"),
    ),
)
