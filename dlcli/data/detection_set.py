"""What every reader of box annotations gives: labels, pictures with their boxes, and what was wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Problem:
    """Something wrong with one file of a data set: the file, and what is wrong in words."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True)
class LabelledPicture:
    """One picture and its truth.

    picture_id: as the annotation file has it (COCO: the image id; VOC and YOLO: the stem).
    xyxy: float32 [N, 4] in pixels of the upright picture, x2/y2 exclusive.
    class_ids: int64 [N], indices into the set's labels.
    ignore: bool [N]; VOC's `difficult` and COCO's `iscrowd`: neither found nor missed counts.
    crowd: bool [N]; COCO's `iscrowd` alone (overlap is measured by the found box's own area).
    """

    path: Path
    picture_id: int | str
    width: int
    height: int
    xyxy: "np.ndarray"
    class_ids: "np.ndarray"
    ignore: "np.ndarray"
    crowd: "np.ndarray"


@dataclass(frozen=True)
class DetectionSet:
    """labels: class names in the order of class_ids. problems: what the reader found wrong, file by file."""

    layout: str
    labels: tuple[str, ...]
    pictures: tuple[LabelledPicture, ...]
    problems: tuple[Problem, ...] = ()
