"""A COCO file, written: images, categories and objects; the inverse of coco.py and coco_masks.py."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, number, rle, xywh
from dlcli.ops.masks import polygon_mask, rle_area

Entry = dict[str, Any]


def coco_json(images: Iterable[AnnotatedItem], labels: Sequence[str], category_ids: Mapping[int, int]) -> str:
    """The file, an entry a line. category_ids: by class id, in the order of the classes; others have no category.

    Objects are numbered from 1. One with a score carries `score`, one that is difficult `ignore`, which some readers
    know, as COCO has nothing of the kind.
    """
    entries: list[Entry] = []
    annotations: list[Entry] = []
    for image in images:
        entries.append(_image(image))
        for entry in _objects(image, category_ids):
            annotations.append({"id": len(annotations) + 1, "image_id": image.image_id, **entry})
    categories = [{"id": category, "name": labels[class_id]} for class_id, category in category_ids.items()]
    lists = {"images": entries, "annotations": annotations, "categories": categories}
    return "{" + ",\n".join(f'"{name}": {_lines(entries)}' for name, entries in lists.items()) + "}\n"


def usual_category_ids(count: int, background: int | None = None) -> dict[int, int]:
    """By class id, where no annotation file gave any: one more than the class id, as COCO's begin at 1.

    background: has no category; where it is class 0, the others keep their numbers.
    """
    first = 0 if background == 0 else 1
    return {class_id: class_id + first for class_id in range(count) if class_id != background}


def _image(image: AnnotatedItem) -> Entry:
    size = {"width": image.width, "height": image.height}
    return {"id": image.image_id, "file_name": image.name, **size}


def _objects(image: AnnotatedItem, category_ids: Mapping[int, int]) -> Iterator[Entry]:
    for thing in image.target:
        shape, area = _segmentation(thing, image)
        box = xywh(thing.xyxy)
        entry = {"category_id": category_ids[thing.class_id], "bbox": box, "area": number(area or box[2] * box[3])}
        entry |= {"iscrowd": int(thing.crowd), "segmentation": shape}
        if thing.difficult:
            entry["ignore"] = 1
        yield entry if thing.score is None else entry | {"score": round(thing.score, 4)}


def _segmentation(thing: AnnotatedObject, image: AnnotatedItem) -> tuple[Any, float]:
    """The outline as COCO has it, and its pixels; [] and 0 for a box."""
    if thing.counts is not None:
        return rle(thing.counts, image.width, image.height), rle_area(thing.counts)
    if not thing.polygons:
        return [], 0
    inside = polygon_mask(thing.polygons, image.height, image.width)
    return [[number(value) for value in points.ravel()] for points in thing.polygons], int(np.count_nonzero(inside))


def _lines(entries: list[Entry]) -> str:
    return "[" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "]"
