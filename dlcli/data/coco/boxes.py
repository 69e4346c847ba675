"""COCO: one JSON file of images, categories and boxes for each split."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.coco.carried import carried_by_image, carried_by_object, carried_by_set
from dlcli.data.coco.content import (
    Entry,
    Key,
    coco_annotations,
    coco_categories,
    coco_class,
    coco_content,
    coco_crowd,
    coco_images,
)
from dlcli.data.coco.files import coco_file, coco_files, image_folders
from dlcli.data.coco.places import Place, ambiguous_images, image_places, unlisted_images, with_sides
from dlcli.data.dataset import Problem
from dlcli.data.files import pixel, read_score
from dlcli.errors import DataError
from dlcli.messages import short_repr

LAYOUT = "coco"


def read_coco(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, keep: bool = False
) -> BoxSet:
    """Read a COCO file, or the one that belongs to the split in a folder (coco_files says where it may lie).

    COCO's bbox (x, y, width, height) counts pixels from 0; it becomes (x, y, x + width, y + height). Category ids,
    which may leave numbers out, become 0, 1, 2 ... in their order, and stand in category_ids by label.
    `iscrowd` sets crowd and ignore, `ignore` the latter alone. labels: the class names to number by; None: the
    file's own. keep: carry what else the file says, for a conversion.
    An image or box that cannot be understood becomes a Problem and its image is left out. DataError where the
    file is no COCO file, two categories share a name, or it holds no image.
    """
    path = coco_file(place, split)
    content = coco_content(path)
    categories = coco_categories(path, content)
    labels = tuple(categories.names.values()) if labels is None else labels
    problems: list[Problem] = []
    entries = dict(coco_images(path, content["images"], problems))
    if not entries:
        raise DataError(f"{path}: expected images in 'images', found none that can be read")
    class_ids = {label: index for index, label in enumerate(labels)}
    places = image_places(entries, image_folders(place, path, split))
    entries = with_sides(entries, places)
    boxes = coco_annotations(
        path,
        content["annotations"],
        entries,
        lambda entry, image: _truth(entry, image, categories.names, class_ids, keep),
        problems,
    )
    doubtful = ambiguous_images(path, content["images"], places)
    images = [_image(path, entries[key], found, places[key]) for key, found in boxes.items() if key not in doubtful]
    if keep:
        images = [
            replace(item, carried=carried_by_image(entries[key])) for item, key in _with_keys(images, boxes, doubtful)
        ]
    return BoxSet(
        *(LAYOUT, labels, tuple(images), (*problems, *dict.fromkeys(doubtful.values())), place),
        category_ids=category_numbers(categories.names, labels),
        notes=(*categories.notes, *unlisted_images(place, path, places, len(coco_files(place)) == 1)),
        carried=carried_by_set(content, categories.names) if keep else None,
    )


def category_numbers(names: Mapping[Key, str], labels: tuple[str, ...]) -> dict[str, int]:
    """COCO's own number of each label that has one; an id that is text is none."""
    ids = {name: key for key, name in names.items()}
    found = {label: ids[label] for label in labels if label in ids}
    return {label: key for label, key in found.items() if isinstance(key, int)}


def _with_keys(
    images: list[BoxItem], boxes: Mapping[Key, Any], left_out: Mapping[Key, Any]
) -> list[tuple[BoxItem, Key]]:
    return list(zip(images, (key for key in boxes if key not in left_out), strict=True))


def _truth(
    entry: Entry, image: Entry, names: Mapping[Key, str], class_ids: Mapping[str, int], keep: bool
) -> GroundTruth:
    class_id = coco_class(entry, names, class_ids)
    box = entry.get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        raise DataError(f"expected a bbox [x, y, width, height], got {short_repr(box)}")
    x, y, width, height = (pixel(value, f"bbox[{place}]") for place, value in enumerate(box))
    crowd = coco_crowd(entry)
    refuse_other_size(entry.get("segmentation"), image)
    ignore, score = bool(crowd or entry.get("ignore") in (1, "1")), read_score(entry.get("score"))
    outlined = _is_outline(entry.get("segmentation"), (x, y, x + width, y + height))
    carried = carried_by_object(entry) if keep else None
    return GroundTruth((x, y, x + width, y + height), class_id, ignore, crowd, score, outlined, carried)


def refuse_other_size(shape: Any, image: Entry) -> None:
    """DataError: run lengths of an image of other sides than the entry's, such as one that was turned since.

    image: `with_sides`.
    """
    size = shape.get("size") if isinstance(shape, dict) else None
    stated = [image["height"], image["width"]]
    if not isinstance(size, list) or len(size) != 2 or not all(type(side) in (int, float) for side in size):
        return
    if size != stated and any(stated):
        turned = "; it was made of the image turned" if size == stated[::-1] else ""
        raise DataError(
            f"run lengths of {size[1]}x{size[0]} (width x height), the image is {stated[1]}x{stated[0]}{turned}"
        )


def _is_outline(shape: Any, box: tuple[float, float, float, float]) -> bool:
    """Whether a segmentation says more than the box does."""
    if not isinstance(shape, list):
        return isinstance(shape, dict)
    x1, y1, x2, y2 = box
    corners = {(x1, y1), (x2, y1), (x2, y2), (x1, y2)}
    polygon = shape[0] if len(shape) == 1 and isinstance(shape[0], list) else shape
    if not shape or not all(type(value) in (int, float) for value in polygon) or len(polygon) % 2:
        return bool(shape)
    points = list(zip(polygon[::2], polygon[1::2], strict=True))
    ring = points[:-1] if len(points) > 1 and points[0] == points[-1] else points  # closed
    return not (len(ring) == 4 and set(ring) == corners)


def _image(path: Path, image: Mapping[str, Any], boxes: list[GroundTruth], place: Place) -> BoxItem:
    return box_item(place[0], image_id(image), (image["width"], image["height"]), boxes, path, place[1])


def image_id(image: Entry) -> int | str:
    """As the file has it; 3.0 is 3."""
    given = image["id"]
    return int(given) if isinstance(given, float) else given
