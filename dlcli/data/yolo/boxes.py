"""YOLO: one text file per image, a line `class cx cy width height` in parts of the image per box."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.dataset import Problem
from dlcli.data.files import LARGEST_FILE, read_score, read_text
from dlcli.data.image_size import image_size
from dlcli.data.yolo.files import yolo_names, yolo_pairs
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

LAYOUT = "yolo"
FARTHEST = 100.0  # no box is a hundred images away; what is only a little outside, check_dataset names


def read_yolo(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, image_dir: Path | None = None
) -> BoxSet:
    """Read a folder, or the data.yaml itself (yolo_files says where names, images and label files may lie).

    A line is `class cx cy w h`, with or without a score behind, or `class x1 y1 x2 y2 x3 y3 ...`, a polygon, of which
    the surrounding box is taken; all in [0, 1] of the upright image, whose size its header tells. An empty or absent
    label file: no boxes. split None: all images of a set without splits. labels: the class names to number by; None:
    the set's own. image_dir: where the images lie, if not in the set (labeled_elsewhere); None: they do.
    A file that cannot be understood becomes a Problem and its image is left out. DataError where the names cannot
    be found or read, the split does not exist, or holds no image.
    """
    names = yolo_names(place)
    labels = names if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    images, problems = [], []
    for path, label, name in yolo_pairs(place, split, image_dir):
        try:
            boxes = _boxes(label, names, class_ids) if os.path.isfile(label) else []
        except DataError as error:
            problems.append(Problem(label, str(error).removeprefix(f"{label}: ")))
            continue
        try:
            images.append(_image(path, label, boxes, name))
        except DataError as error:
            problems.append(Problem(path, str(error).removeprefix(f"{path}: ")))
    return BoxSet(LAYOUT, labels, tuple(images), tuple(problems), source=place)


def _boxes(path: Path, names: tuple[str, ...], class_ids: Mapping[str, int]) -> list[GroundTruth]:
    """The boxes of a label file, still in parts of the image."""
    lines = enumerate(read_text(path, LARGEST_FILE).splitlines(), 1)
    return [_truth(line.split(), number, names, class_ids) for number, line in lines if line.strip()]


def _truth(words: list[str], number: int, names: tuple[str, ...], class_ids: Mapping[str, int]) -> GroundTruth:
    """One line; number: its place in the file from 1, for messages."""
    if not words[0].isdecimal() or len(words[0]) > 6 or int(words[0]) >= len(names):
        known = listed(f"{index} {name}" for index, name in enumerate(names))
        raise DataError(f"line {number}: unknown class {short_repr(words[0])}; known: {known}")
    name = names[int(words[0])]
    if name not in class_ids:
        raise DataError(f"line {number}: unknown class {name!r}; known: {listed(class_ids)}")
    values = [_part(word, number) for word in words[1:]]
    if len(values) in (4, 5):
        cx, cy, w, h = values[:4]
        score = _score(words[5], number) if len(values) == 5 else None
        return GroundTruth((cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2), class_ids[name], score=score)
    if len(values) >= 6 and len(values) % 2 == 0:
        xs, ys = values[::2], values[1::2]
        return GroundTruth((min(xs), min(ys), max(xs), max(ys)), class_ids[name], outlined=True)
    raise DataError(f"line {number}: expected 'class cx cy width height' or a polygon, got {len(words)} numbers")


def _part(word: str, number: int) -> float:
    try:
        value = float(word)
    except ValueError:
        value = FARTHEST + 1
    if not abs(value) <= FARTHEST:
        raise DataError(f"line {number}: expected a part of the image, 0 to 1, got {short_repr(word)}")
    return value


def _score(word: str, number: int) -> float | None:
    try:
        return read_score(word)
    except DataError as error:
        raise DataError(f"line {number}: {error}") from None


def _image(path: Path, label: Path, boxes: list[GroundTruth], name: str) -> BoxItem:
    """Scale the boxes to pixels. DataError where the image's header cannot be read."""
    width, height = image_size(path)
    scaled = []
    for box in boxes:
        x1, y1, x2, y2 = box.xyxy
        scaled.append(replace(box, xyxy=(x1 * width, y1 * height, x2 * width, y2 * height)))
    return box_item(path, path.stem, (width, height), scaled, label if os.path.isfile(label) else None, name)
