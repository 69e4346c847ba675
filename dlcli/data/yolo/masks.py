"""YOLO's polygons as class masks; names, images and label files are found as for boxes."""

from pathlib import Path

import numpy as np

from dlcli.data.coco.masks import polygon_area
from dlcli.data.dataset import Problem
from dlcli.data.files import LARGEST_FILE, read_text
from dlcli.data.image_size import image_size
from dlcli.data.masks import BACKGROUND, MaskSet, Region, mask_item
from dlcli.data.yolo.boxes import FARTHEST
from dlcli.data.yolo.files import yolo_names, yolo_pairs
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

LAYOUT = "yolo"


def read_yolo_masks(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, image_dir: Path | None = None
) -> MaskSet:
    """Read lines `class x1 y1 x2 y2 x3 y3 ...` in parts of the image; labels: background, then the set's names.

    labels: the class names to number by; None: the set's own. A file with a line that is no polygon, a box too,
    becomes a Problem and its image is left out. image_dir, DataError: as for read_yolo.
    """
    names = tuple(name for name in yolo_names(place) if name != BACKGROUND)
    labels = (BACKGROUND, *names) if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    images, problems = [], []
    for path, label, name in yolo_pairs(place, split, image_dir):
        try:
            size = image_size(path)
            regions = _regions(label, size, yolo_names(place), class_ids) if label.is_file() else ()
        except DataError as error:
            problems.append(Problem(label, str(error).removeprefix(f"{label}: ")))
            continue
        images.append(mask_item(path, path.stem, regions, None, *size, name))
    return MaskSet(LAYOUT, labels, tuple(images), tuple(problems), place)


def _regions(
    path: Path, size: tuple[int, int], names: tuple[str, ...], class_ids: dict[str, int]
) -> tuple[Region, ...]:
    lines = [line.split() for line in read_text(path, LARGEST_FILE).splitlines()]
    return tuple(_region(words, i, size, names, class_ids) for i, words in enumerate(lines, 1) if words)


def _region(
    words: list[str], number: int, size: tuple[int, int], names: tuple[str, ...], class_ids: dict[str, int]
) -> Region:
    if not words[0].isdecimal() or len(words[0]) > 6 or int(words[0]) >= len(names):
        raise DataError(f"line {number}: unknown class {short_repr(words[0])}; known: {listed(names)}")
    name = names[int(words[0])]
    if name not in class_ids:
        raise DataError(f"line {number}: unknown class {name!r}; known: {listed(class_ids)}")
    try:
        values = np.array(words[1:], np.float64)
    except ValueError:
        values = np.array([np.nan])
    if len(values) < 6 or len(values) % 2 or not (np.abs(values) <= FARTHEST).all():
        raise DataError(f"line {number}: expected a polygon 'class x1 y1 x2 y2 x3 y3 ...', got {len(words)} words")
    points = (values.reshape(-1, 2) * size).astype(np.float32)  # [N, 2]
    return Region(class_ids[name], (points,), area=polygon_area(points))
