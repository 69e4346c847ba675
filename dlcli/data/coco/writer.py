"""A COCO file, written: images, categories and objects; the inverse of coco.py and coco_masks.py."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, number, rle, xywh
from dlcli.data.carried import Carried, values_for
from dlcli.data.coco.carried import ALL_CATEGORIES, CATEGORIES, HEADS, LAYOUT
from dlcli.data.coco.content import coco_key
from dlcli.ops.masks import polygon_mask, rle_area

Entry = dict[str, Any]


def coco_json(
    images: Iterable[AnnotatedItem],
    labels: Sequence[str],
    category_ids: Mapping[int, int],
    carried: Carried | None = None,
) -> str:
    """The file, an entry a line. category_ids: by class id, in the order of the classes; others have no category.

    Objects are numbered from 1, or have the ids that they carry, where each does. One with a score carries `score`, one
    that is difficult `ignore`, which some readers know, as COCO has nothing of the kind. carried: of the whole set.
    """
    entries: list[Entry] = []
    annotations: list[Entry] = []
    for image in images:
        entries.append(_image(image))
        head = {"id": None, "image_id": image.image_id}
        annotations += [head | entry for entry in _objects(image, category_ids)]
    given = [json.dumps(entry["id"]) for entry in annotations if entry["id"] is not None]
    if len(set(given)) < len(annotations):
        annotations = [entry | {"id": number} for number, entry in enumerate(annotations, 1)]
    more = values_for(LAYOUT, carried)
    categories = _categories({labels[class_id]: number for class_id, number in category_ids.items()}, more)
    lists = {"images": entries, "annotations": annotations, "categories": categories}
    heads = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in more.get(HEADS, {}).items()]
    return "{" + ",\n".join([*heads, *(f'"{name}": {_lines(entries)}' for name, entries in lists.items())]) + "}\n"


def _categories(numbers: Mapping[str, int], carried: Mapping[str, Any]) -> list[Entry]:
    """With what the set carries of each, and those of its categories that are no classes."""
    known = carried.get(CATEGORIES, {})
    entries = [{"id": number, "name": name, **known.get(name, {})} for name, number in numbers.items()]
    taken = set(numbers.values())
    for entry in carried.get(ALL_CATEGORIES, ()):
        key = coco_key(entry.get("id"))
        if isinstance(key, int) and key not in taken and entry.get("name") not in known:
            entries.append({**entry, "id": key})
            taken.add(key)
    return entries


def _image(image: AnnotatedItem) -> Entry:
    size = {"width": image.width, "height": image.height}
    return {"id": image.image_id, "file_name": image.name, **size, **values_for(LAYOUT, image.carried)}


def _objects(image: AnnotatedItem, category_ids: Mapping[int, int]) -> Iterator[Entry]:
    for thing in image.target:
        shape, area = _segmentation(thing, image)
        box = xywh(thing.xyxy)
        entry = {"category_id": category_ids[thing.class_id], "bbox": box, "area": number(area or box[2] * box[3])}
        entry |= {"iscrowd": int(thing.crowd), "segmentation": shape}
        if thing.difficult:
            entry["ignore"] = 1
        entry |= {} if thing.score is None else {"score": round(thing.score, 4)}
        yield {**entry, **values_for(LAYOUT, thing.carried)}


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
