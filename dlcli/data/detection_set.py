"""What every reader of box annotations gives: labels, pictures with their boxes, and what was wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROUNDING = 1.0  # pixels that a box may overshoot the picture by; annotation tools round either way


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
    width, height: as annotated; 0 where the annotation does not say and the picture could not be asked.
    xyxy: float32 [N, 4] in pixels of the upright picture, x2/y2 exclusive.
    class_ids: int64 [N], indices into the set's labels.
    ignore: bool [N]; VOC's `difficult` and COCO's `iscrowd`: neither found nor missed counts.
    crowd: bool [N]; COCO's `iscrowd` alone (overlap is measured by the found box's own area).
    annotation: the file that the boxes came from, None where there is none (a YOLO background picture).
    scores: float32 [N], NaN for a truth; None where no box has one. outlines: how many boxes stand for a polygon.
    name: the file below the folder of pictures, as "tree/a.jpg".
    """

    path: Path
    picture_id: int | str
    width: int
    height: int
    xyxy: np.ndarray
    class_ids: np.ndarray
    ignore: np.ndarray
    crowd: np.ndarray
    annotation: Path | None = None
    scores: np.ndarray | None = None
    outlines: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        _check("xyxy", self.xyxy, (count, 4), "float32")
        _check("class_ids", self.class_ids, (count,), "int64")
        _check("ignore", self.ignore, (count,), "bool")
        _check("crowd", self.crowd, (count,), "bool")


@dataclass(frozen=True)
class DetectionSet:
    """labels: class names in the order of class_ids. problems: what the reader found wrong, file by file.

    A picture whose annotation could not be understood in full is in problems and not in pictures.
    coco_category_ids: COCO's own id of each label, empty for other layouts. source: the folder or file that was read.
    """

    layout: str
    labels: tuple[str, ...]
    pictures: tuple[LabelledPicture, ...]
    problems: tuple[Problem, ...] = ()
    coco_category_ids: tuple[int, ...] = ()
    source: Path = Path()


@dataclass(frozen=True)
class Truth:
    """One box as a reader finds it. xyxy: pixels, x2/y2 exclusive. outlined: it stands for a polygon or a mask."""

    xyxy: tuple[float, float, float, float]
    class_id: int
    ignore: bool = False
    crowd: bool = False
    score: float | None = None
    outlined: bool = False


def labelled_picture(
    path: Path,
    picture_id: int | str,
    size: tuple[int, int],
    boxes: Sequence[Truth],
    annotation: Path | None = None,
    name: str = "",
) -> LabelledPicture:
    """Align the boxes of one picture in arrays. size: (width, height), zeros where unknown. name: "" is the path's.

    A box up to ROUNDING pixels outside the picture is clipped to it; one further out stays as it is, for
    check_detection_set to find. Zero boxes give arrays of length 0.
    """
    xyxy = np.array([box.xyxy for box in boxes], dtype=np.float32).reshape(-1, 4)  # [N, 4]
    return LabelledPicture(
        path=path,
        picture_id=picture_id,
        width=size[0],
        height=size[1],
        xyxy=_clipped(xyxy, size) if all(size) else xyxy,
        class_ids=np.array([box.class_id for box in boxes], dtype=np.int64),
        ignore=np.array([box.ignore for box in boxes], dtype=bool),
        crowd=np.array([box.crowd for box in boxes], dtype=bool),
        annotation=annotation,
        scores=_scores(boxes),
        outlines=sum(box.outlined for box in boxes),
        name=name or path.name,
    )


def _scores(boxes: Sequence[Truth]) -> np.ndarray | None:
    """float32 [N]; None where no box has a score, as in every set of truths."""
    if all(box.score is None for box in boxes):
        return None
    return np.array([np.nan if box.score is None else box.score for box in boxes], dtype=np.float32)


def _clipped(xyxy: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Clip the coordinates [N, 4] that lie at most ROUNDING pixels outside; others are returned as they are."""
    limits = np.array([*size, *size], dtype=np.float32)
    inside = np.clip(xyxy, 0, limits)
    return np.where(np.abs(xyxy - inside) <= ROUNDING, inside, xyxy)  # [N, 4]


def _check(name: str, array: np.ndarray, shape: tuple[int, ...], dtype: str) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"{name}: expected {dtype} {list(shape)}, got {array.dtype} {list(array.shape)}")
