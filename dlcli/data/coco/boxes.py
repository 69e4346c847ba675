"""COCO: one JSON file of images, categories and boxes for each split."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.coco.files import coco_file, image_folders
from dlcli.data.dataset import Problem
from dlcli.data.files import is_file_name, is_unicode, pixel, read_score, read_text, stays_below, text_of_name
from dlcli.data.image_size import size_or_asked
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

LAYOUT = "coco"
Thing = TypeVar("Thing")  # what a reader makes of an annotation


def read_coco(place: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> BoxSet:
    """Read a COCO file, or the one that belongs to the split in a folder (coco_files says where it may lie).

    COCO's bbox (x, y, width, height) counts pixels from 0; it becomes (x, y, x + width, y + height). Category ids,
    which may leave numbers out, become 0, 1, 2 ... in their order, and stand in category_ids by label.
    `iscrowd` sets crowd and ignore, `ignore` the latter alone. labels: the class names to number by; None: the
    file's own.
    An image or box that cannot be understood becomes a Problem and its image is left out. DataError where the
    file is no COCO file, two categories share a name, or it holds no image.
    """
    path = coco_file(place, split)
    content = coco_content(path)
    names = coco_names(path, content)
    labels = tuple(names.values()) if labels is None else labels
    ids = {name: category for category, name in names.items()}
    problems: list[Problem] = []
    entries = dict(coco_images(path, content["images"], problems))
    if not entries:
        raise DataError(f"{path}: expected images in 'images', found none that can be read")
    class_ids = {label: index for index, label in enumerate(labels)}
    boxes = coco_annotations(
        path, content["annotations"], entries, lambda entry: _truth(entry, names, class_ids), problems
    )
    folders = image_folders(place, path, split)
    images = [_image(path, image, boxes[image_id], folders) for image_id, image in entries.items() if image_id in boxes]
    categories = {label: ids[label] for label in labels if label in ids}
    return BoxSet(LAYOUT, labels, tuple(images), tuple(problems), place, category_ids=categories)


def coco_content(path: Path) -> dict[str, Any]:
    """The file's JSON, with lists of images, annotations and categories. DataError: it is no COCO file."""
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of too many digits
        raise DataError(f"{path}: not valid JSON ({short_repr(str(error), 80)})") from None
    for key in ("images", "annotations", "categories"):
        found = content.get(key) if isinstance(content, dict) else None
        if not isinstance(found, list):
            raise DataError(f"{path}: expected a COCO file with a list {key!r}, got {short_repr(found)}")
    return content


def coco_names(path: Path, content: Mapping[str, Any]) -> dict[int, str]:
    """Names by category id, in the order of the ids."""
    names: dict[int, str] = {}
    for number, category in enumerate(content["categories"]):
        id_, name = (_field(category, key) for key in ("id", "name"))
        if type(id_) is not int or not isinstance(name, str) or id_ in names:
            raise DataError(
                f"{path}: categories[{number}]: expected a new integer 'id' and a 'name', got {short_repr(category)}"
            )
        names[id_] = text_of_name(name.strip(), f"{path}: categories[{number}]: name")
    if len(set(names.values())) < len(names):
        repeated = sorted({name for name in names.values() if list(names.values()).count(name) > 1})
        raise DataError(f"{path}: expected each category name once, found again: {listed(repeated)}")
    return dict(sorted(names.items()))


def coco_images(
    path: Path, items: Iterable[Any], problems: list[Problem]
) -> Iterator[tuple[int | str, dict[str, Any]]]:
    """The well-formed entries of 'images' by id; the others go to problems."""
    seen: set[int | str] = set()
    for number, image in enumerate(items):
        image_id, name = _field(image, "id"), _field(image, "file_name")
        if type(image_id) not in (int, str) or image_id in seen or not is_unicode(str(image_id)):
            message = f"expected a new integer 'id', got {short_repr(image_id)}"
        elif not isinstance(name, str) or not stays_below(name) or not is_file_name(name):
            message = f"expected a 'file_name' below the folder, got {short_repr(name)}"
        else:
            seen.add(image_id)
            yield image_id, image
            continue
        problems.append(Problem(path, f"images[{number}]: {message}"))


def coco_annotations(
    path: Path,
    items: Iterable[Any],
    entries: Mapping[int | str, Any],
    read: Callable[[Mapping[str, Any]], Thing],
    problems: list[Problem],
) -> dict[int | str, list[Thing]]:
    """What `read` makes of each annotation, by image id; an image with one that cannot be read is absent."""
    things: dict[int | str, list[Thing]] = {image_id: [] for image_id in entries}
    spoilt = set()
    for number, entry in enumerate(items):
        image_id = _field(entry, "image_id")
        if type(image_id) not in (int, str) or image_id not in entries:
            problems.append(Problem(path, f"annotations[{number}]: no image has the id {short_repr(image_id)}"))
            continue
        try:
            things[image_id].append(read(entry))
        except DataError as error:
            spoilt.add(image_id)
            name = entries[image_id]["file_name"]
            problems.append(Problem(path, f"annotations[{number}] of {name}: {error}"))
    return {image_id: found for image_id, found in things.items() if image_id not in spoilt}


def coco_class(entry: Mapping[str, Any], names: Mapping[int, str], class_ids: Mapping[str, int]) -> int:
    """The class id of an annotation. DataError: an unknown category or class."""
    category = entry.get("category_id")
    name = names.get(category) if type(category) is int else None
    if name is None:
        raise DataError(f"unknown category_id {short_repr(category)}")
    if name not in class_ids:
        raise DataError(f"unknown class {name!r}; known: {listed(class_ids)}")
    return class_ids[name]


def _truth(entry: Mapping[str, Any], names: Mapping[int, str], class_ids: Mapping[str, int]) -> GroundTruth:
    class_id = coco_class(entry, names, class_ids)
    box = entry.get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        raise DataError(f"expected a bbox [x, y, width, height], got {short_repr(box)}")
    x, y, width, height = (pixel(value, f"bbox[{place}]") for place, value in enumerate(box))
    crowd = entry.get("iscrowd", 0)
    if crowd not in (0, 1):
        raise DataError(f"expected iscrowd 0 or 1, got {short_repr(crowd)}")
    ignore, score = bool(crowd or entry.get("ignore") == 1), read_score(entry.get("score"))
    outlined = _is_outline(entry.get("segmentation"), (x, y, x + width, y + height))
    return GroundTruth((x, y, x + width, y + height), class_id, ignore, bool(crowd), score, outlined)


def _is_outline(shape: Any, box: tuple[float, float, float, float]) -> bool:
    """Whether a segmentation says more than the box does."""
    if not isinstance(shape, list):
        return isinstance(shape, dict)
    x1, y1, x2, y2 = box
    corners = {(x1, y1), (x2, y1), (x2, y2), (x1, y2)}
    polygon = shape[0] if len(shape) == 1 and isinstance(shape[0], list) else None
    return bool(shape) and not (
        polygon and len(polygon) == 8 and set(zip(polygon[::2], polygon[1::2], strict=True)) == corners
    )


def _image(path: Path, image: Mapping[str, Any], boxes: list[GroundTruth], folders: list[Path]) -> BoxItem:
    found, size = coco_image(image, folders)
    return box_item(found, image["id"], size, boxes, path, image["file_name"])


def coco_image(image: Mapping[str, Any], folders: list[Path]) -> tuple[Path, tuple[int, int]]:
    """Where the image of an entry of 'images' lies, and its (width, height); zeros where nothing tells."""
    name = image["file_name"]
    found = next((folder / name for folder in folders if os.path.isfile(folder / name)), folders[0] / name)
    return found, size_or_asked((_side(image, "width"), _side(image, "height")), found)


def _side(image: Mapping[str, Any], key: str) -> int:
    """An image's width or height; 0, which check_dataset reports, where it is no number."""
    try:
        return int(pixel(image.get(key, 0), key))
    except DataError:
        return 0


def _field(entry: Any, key: str) -> Any:
    """entry[key], None where the entry is no object or has no such key."""
    return entry.get(key) if isinstance(entry, dict) else None
