"""YOLO's polygons as class masks; names, images and label files are found as for boxes."""

from pathlib import Path

import numpy as np

from dlcli.data.coco.masks import polygon_area
from dlcli.data.dataset import Problem
from dlcli.data.image_size import image_size
from dlcli.data.masks import BACKGROUND, MaskSet, Region, mask_item
from dlcli.data.yolo.label_files import read_label_files
from dlcli.data.yolo.rows import BOX, Meaning, Words, class_number, parts
from dlcli.errors import DataError
from dlcli.messages import listed

LAYOUT = "yolo"


def read_yolo_masks(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, image_dir: Path | None = None
) -> MaskSet:
    """Read lines `class x1 y1 x2 y2 x3 y3 ...` in parts of the image; labels: background, then the set's names.

    labels: the class names to number by; None: the set's own. A file with a line that is no polygon, a box too,
    becomes a Problem and its image is left out. image_dir, DataError: as for read_yolo.
    """
    files = read_label_files(place, split, image_dir)
    names = files.names
    labels = (BACKGROUND, *(name for name in names if name != BACKGROUND)) if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    images, problems = [], list(files.problems)
    for (path, label, name), found in files:
        try:
            if isinstance(found, DataError):
                raise found
            size = image_size(path)
            regions = tuple(_region(words, number, size, names, class_ids, files.meaning) for number, words in found)
        except DataError as error:
            problems.append(Problem(label, str(error).removeprefix(f"{label}: ")))
            continue
        images.append(mask_item(path, path.stem, regions, None, *size, name))
    return MaskSet(LAYOUT, labels, tuple(images), tuple(problems), place, notes=files.notes)


def _region(
    words: Words,
    number: int,
    size: tuple[int, int],
    names: tuple[str, ...],
    class_ids: dict[str, int],
    meaning: Meaning,
) -> Region:
    name = names[class_number(words[0], number, names)]
    if name not in class_ids:
        raise DataError(f"line {number}: unknown class {name!r}; known: {listed(class_ids)}")
    posed = bool(meaning.points) and len(words) == 1 + meaning.pose
    tracked = meaning.scored_tracks and len(words) == 1 + BOX + 2
    if posed or tracked or len(words) < 7 or not len(words) % 2:
        boxes = "a box with key points" if posed else "a box with a score and a track" if tracked else ""
        what = boxes or f"{len(words)} words"
        raise DataError(f"line {number}: expected a polygon 'class x1 y1 x2 y2 x3 y3 ...', got {what}")
    values = np.array(parts(words[1:], number), np.float64)
    points = (values.reshape(-1, 2) * size).astype(np.float32)  # [N, 2]
    return Region(class_ids[name], (points,), area=polygon_area(points))
