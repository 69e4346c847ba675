"""The kinds of targets that data sets have labels for: BOXES, MASKS and CLASSES."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from dlcli.data import kind_names
from dlcli.data.boxes import BoxItem, BoxSet, BoxTarget, box_problem, where
from dlcli.data.classes import ClassItem, ClassSet, ClassTarget, present_classes
from dlcli.data.dataset import Format, ImageScore, Kind, Problem
from dlcli.data.formats import BOX_FORMATS, CLASS_FORMATS, MASK_FORMATS
from dlcli.data.image_size import lies_on_its_side
from dlcli.data.mask_file import read_mask
from dlcli.data.masks import VOID, MaskItem, MaskSet, MaskTarget
from dlcli.errors import DataError
from dlcli.metrics.classification import ClassificationMetric
from dlcli.metrics.detection import DetectionMetric
from dlcli.metrics.segmentation import SegmentationMetric, scores_of
from dlcli.records import Boxes


class _Boxes(Kind[BoxTarget]):
    """Targets are BoxTarget, answers dlcli.records.Boxes."""

    name: ClassVar[str] = kind_names.BOXES
    formats: ClassVar[tuple[Format[Any], ...]] = BOX_FORMATS
    things: ClassVar[str] = "boxes"
    expected: ClassVar[str] = "a labeled data set"
    places: ClassVar[str] = "a folder, a COCO or LabelMe .json or a YOLO .yaml file"

    def lack(self, data: BoxSet) -> str:
        return "" if any(len(item.target.xyxy) for item in data.items) else "not one box in any of its images"

    def check(self, item: BoxItem, labels: tuple[str, ...], size: tuple[int, int]) -> Problem | None:
        annotated = (item.width, item.height)
        if annotated == size:
            message = box_problem(item, labels)
            return Problem(item.path, message) if message else None
        turned = _turned(item.path, "annotate") if annotated == size[::-1] else ""
        return Problem(item.path, f"{_other_sides(item, size)}{turned}{where(item)}")

    def classes(self, truth: BoxTarget) -> tuple[int, ...]:
        """Of crowds none: each stands for many, or for none that is meant."""
        return tuple(truth.class_ids[~truth.crowd].tolist())

    def identity(self, truth: BoxTarget) -> Hashable:
        return tuple(sorted(zip(truth.class_ids.tolist(), map(tuple, truth.xyxy.round().tolist()), strict=True)))

    def metric(self, data: BoxSet) -> DetectionMetric:
        return DetectionMetric(len(data.labels))

    def add(self, metric: DetectionMetric, truth: BoxTarget, answer: Boxes) -> ImageScore:
        """value: F1 of the boxes that `dlcli detect` would show."""
        return ImageScore(metric.add(answer, truth.xyxy, truth.class_ids, truth.ignore, truth.crowd))


class _Masks(Kind[MaskTarget]):
    """Targets are MaskTarget, truths and answers uint8 [H, W] of class ids, truths with VOID."""

    name: ClassVar[str] = kind_names.MASKS
    formats: ClassVar[tuple[Format[Any], ...]] = MASK_FORMATS
    things: ClassVar[str] = "masks"
    expected: ClassVar[str] = "images with masks"
    places: ClassVar[str] = "a folder or a COCO .json file"
    nothing: ClassVar[str] = "holds no image with a mask that can be used"

    def needs_image(self, item: MaskItem) -> bool:
        return isinstance(item.target.mask, Path)

    def check(self, item: MaskItem, labels: tuple[str, ...], size: tuple[int, int]) -> Problem | None:
        file = item.annotation or item.path
        if item.annotation is None and (item.width, item.height) != size:
            return Problem(file, _other_sides(item, size), item.path)
        try:
            mask = read_mask(item)
        except (DataError, ValueError) as error:
            return Problem(file, str(error).removeprefix(f"{file}: "), item.path)
        if mask.shape != size[::-1]:
            return Problem(file, _other_mask(mask.shape[::-1], size, item.path), item.path)
        if (mask == VOID).all():
            return Problem(file, f"every pixel is {VOID}, which does not count", item.path)
        return None

    def truth(self, item: MaskItem) -> np.ndarray:
        return read_mask(item)

    def classes(self, truth: np.ndarray) -> tuple[int, ...]:
        """Each once, without VOID."""
        present = np.flatnonzero(np.bincount(truth.ravel(), minlength=256))
        return tuple(int(value) for value in present if value != VOID)

    def identity(self, truth: np.ndarray) -> Hashable:
        return truth.shape, hash(truth.tobytes())

    def metric(self, data: MaskSet) -> SegmentationMetric:
        return SegmentationMetric(len(data.labels))

    def add(self, metric: SegmentationMetric, truth: np.ndarray, answer: np.ndarray) -> ImageScore:
        """value: mIoU over the classes that the image's truth or answer holds."""
        return ImageScore(scores_of(metric.add(answer, truth)).miou)


class _Classes(Kind[ClassTarget]):
    """Targets are class ids, answers float [C], a score of each class."""

    name: ClassVar[str] = kind_names.CLASSES
    formats: ClassVar[tuple[Format[Any], ...]] = CLASS_FORMATS
    things: ClassVar[str] = "labeled images"
    expected: ClassVar[str] = "labeled images"
    places: ClassVar[str] = "a folder or a .csv file"

    def check(self, item: ClassItem, labels: tuple[str, ...], size: tuple[int, int]) -> Problem | None:
        return None

    def classes(self, truth: ClassTarget) -> tuple[int, ...]:
        return truth

    def identity(self, truth: ClassTarget) -> Hashable:
        return truth

    def metric(self, data: ClassSet) -> ClassificationMetric:
        return ClassificationMetric(present_classes(data))

    def add(self, metric: ClassificationMetric, truth: ClassTarget, answer: np.ndarray) -> ImageScore:
        """value: the score of its best true class, 0 where it has none."""
        metric.add(answer, truth)
        best = int(np.argmax(answer))
        value = float(answer[list(truth)].max()) if truth else 0.0
        return ImageScore(value, best, float(answer[best]))


def _other_sides(item: BoxItem | MaskItem, size: tuple[int, int]) -> str:
    return f"annotated as {item.width}x{item.height}, the image is {size[0]}x{size[1]}"


def _other_mask(mask: tuple[int, ...], image: tuple[int, int], path: Path) -> str:
    turned = _turned(path, "save") if mask == image[::-1] else ""
    return f"the mask is {mask[0]}x{mask[1]}, its image {path} is {image[0]}x{image[1]}{turned}"


def _turned(path: Path, verb: str) -> str:
    """On sides that are swapped."""
    if lies_on_its_side(path):
        return f"; it is turned by its EXIF tag, {verb} it upright"
    return f"; width and height are swapped, and no EXIF tag turns the image: {verb} it as it lies in its file"


BOXES, MASKS, CLASSES = _Boxes(), _Masks(), _Classes()
KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in (BOXES, MASKS, CLASSES)}
