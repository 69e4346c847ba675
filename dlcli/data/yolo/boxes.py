"""YOLO: one text file per image, a line `class cx cy width height` in parts of the image per box."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.carried import Carried
from dlcli.data.dataset import Problem
from dlcli.data.files import read_score
from dlcli.data.image_size import image_size
from dlcli.data.yolo.data_yaml import read_keys
from dlcli.data.yolo.files import yolo_yaml
from dlcli.data.yolo.label_files import read_label_files
from dlcli.data.yolo.rows import BOX, Meaning, Words, class_number, parts
from dlcli.errors import DataError
from dlcli.messages import listed

LAYOUT = "yolo"
KEYS = ("kpt_shape", "flip_idx", "kpt_names", "nc", "path")  # of data.yaml, which a conversion carries
ROW, POINTS, TRACK = "row", "keypoints", "track_id"  # what it carries of a row, as text: all behind the class


def read_yolo(
    place: Path,
    split: str | None = None,
    labels: tuple[str, ...] | None = None,
    image_dir: Path | None = None,
    keep: bool = False,
) -> BoxSet:
    """Read a folder, or the data.yaml itself (yolo_files says where names, images and label files may lie).

    A line is `class cx cy w h`, with or without a score behind, or a track's id where all of them are whole numbers,
    or both; the same with key points where data.yaml has kpt_shape; or `class x1 y1 x2 y2 x3 y3 ...`, a polygon, of
    which the surrounding box is taken; all in [0, 1] of the upright image, whose size its header tells. An empty or
    absent label file: no boxes. split None: all images of a set without splits. labels: the class names to number by;
    None: the set's own. image_dir: where the images lie, if not in the set (labeled_elsewhere); None: they do.
    keep: carry what a box does not say, for a conversion.
    A file that cannot be understood becomes a Problem and its image is left out, and so does a label file without an
    image (unmet_labels). DataError where the names cannot be found or read, the split does not exist, or holds no
    image.
    """
    files = read_label_files(place, split, image_dir)
    labels = files.names if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    images, problems = [], list(files.problems)
    for (path, label, name), found in files:
        try:
            boxes = boxes_of_rows(found, files.names, class_ids, files.meaning, keep)
        except DataError as error:
            problems.append(Problem(label, str(error)))
            continue
        try:
            images.append(_image(path, label, boxes, name))
        except DataError as error:
            problems.append(Problem(path, str(error).removeprefix(f"{path}: ")))
    carried = _carried_by_set(place) if keep else None
    return BoxSet(LAYOUT, labels, tuple(images), tuple(problems), source=place, notes=files.notes, carried=carried)


def boxes_of_rows(
    rows: "list[tuple[int, Words]] | DataError",
    names: tuple[str, ...],
    class_ids: Mapping[str, int],
    meaning: Meaning,
    keep: bool = False,
) -> list[GroundTruth]:
    """The boxes of a label file, still in parts of the image. DataError: one cannot be understood."""
    if isinstance(rows, DataError):
        raise rows
    return [_truth(words, number, names, class_ids, meaning, keep) for number, words in rows]


def _truth(
    words: Words,
    number: int,
    names: tuple[str, ...],
    class_ids: Mapping[str, int],
    meaning: Meaning,
    keep: bool,
) -> GroundTruth:
    """One line; number: its place in the file from 1, for messages."""
    name = names[class_number(words[0], number, names)]
    if name not in class_ids:
        raise DataError(f"line {number}: unknown class {name!r}; known: {listed(class_ids)}")
    more = words[1 + BOX :]
    if meaning.points and len(words) == 1 + meaning.pose:
        parts(more, number)
        return _kept(_box(words, number, class_ids[name]), words, {POINTS: " ".join(more)}, keep)
    if meaning.scored_tracks and len(more) == 2:
        scored = replace(_box(words, number, class_ids[name]), score=_score(more[0], number))
        return _kept(scored, words, {TRACK: more[1]}, keep)
    values = parts(words[1:], number) if not (meaning.tracked and len(more) == 1) else parts(words[1:5], number)
    if len(values) == BOX:
        return _kept(_box(words, number, class_ids[name]), words, {TRACK: more[0]} if more else {}, keep)
    if len(values) == BOX + 1:
        scored = replace(_box(words, number, class_ids[name]), score=_score(words[5], number))
        return _kept(scored, words, {}, keep)
    if len(values) >= 6 and len(values) % 2 == 0:
        xs, ys = values[::2], values[1::2]
        around = GroundTruth((min(xs), min(ys), max(xs), max(ys)), class_ids[name], outlined=True)
        return _kept(around, words, {}, keep)
    raise DataError(f"line {number}: expected 'class cx cy width height' or a polygon, got {len(words)} numbers")


def _box(words: Words, number: int, class_id: int) -> GroundTruth:
    cx, cy, w, h = parts(words[1 : 1 + BOX], number)
    return GroundTruth((cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2), class_id)


def _kept(box: GroundTruth, words: Words, more: Mapping[str, str], keep: bool) -> GroundTruth:
    return replace(box, carried=Carried(LAYOUT, {ROW: " ".join(words[1:]), **more})) if keep else box


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


def _carried_by_set(place: Path) -> Carried | None:
    config = yolo_yaml(place)
    found = {} if config is None else read_keys(config, KEYS)
    return Carried(LAYOUT, {key: value for key, value in found.items() if key not in ("nc", "path")})
