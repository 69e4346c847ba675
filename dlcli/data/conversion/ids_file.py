"""ids.json beside converted annotations: what their format has no place for, so that a way back loses nothing.

It keeps the order of the classes, COCO's category ids, and for each image its id and its name in the set it came
from, by split and by the name that it has now; what COCO and VOC say of an image or the set besides; and the numbers of
COCO's annotations.
"""

import json
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from dlcli.data.annotated import AnnotatedItem
from dlcli.data.carried import Carried, with_kept
from dlcli.data.conversion.annotated_set import AnnotatedSet
from dlcli.data.files import read_text
from dlcli.data.masks import BACKGROUND, VOID
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import short_repr
from dlcli.spelling import keys_of_today

SCHEMA = "dlcli.ids/1"
NAME = "ids.json"
OBJECTS, CARRIED = "objects", "carried"


@dataclass(frozen=True)
class Ids:
    """images: by split and by name as converted, {"name": ...} and {"id": ...} where an annotation file gave one, its
    objects' ids in their order, and what the file says of the image besides. carried: of the set, by split.
    """

    labels: tuple[str, ...] = ()
    category_ids: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    carried: Mapping[str, Any] = field(default_factory=dict)


def ids_path(place: Path) -> Path:
    """In a folder ids.json; beside a file NAME.json or NAME.jsonl it is NAME.ids.json, beside a data.yaml ids.json."""
    if place.is_dir() or place.suffix.lower() not in (".json", ".jsonl", ".yaml", ".yml"):
        return place / NAME
    return place.with_suffix(f".{NAME}") if place.suffix.lower() in (".json", ".jsonl") else place.parent / NAME


def ids_json(sets: Mapping[str, AnnotatedSet], keys: Mapping[str, Mapping[str, str]]) -> str:
    """keys: by split and name, the names as converted."""
    first = next(iter(sets.values()))
    images = {split: {keys[split][p.name]: _entry(found, p) for p in found.items} for split, found in sets.items()}
    content: dict[str, Any] = {"schema": SCHEMA, "labels": first.labels, "category_ids": dict(first.category_ids)}
    content["images"] = images
    carried = {split: _plain(found.carried) for split, found in sets.items() if _plain(found.carried)}
    content |= {CARRIED: carried} if carried else {}
    return json.dumps(content, ensure_ascii=False, indent=0) + "\n"


def read_ids(path: Path) -> Ids | None:
    """None where no such file, or it is not of this form. DataError: it is, and it is damaged."""
    if not path.is_file():
        return None
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return None
    content = keys_of_today(content)
    try:
        labels, categories = tuple(map(str, content["labels"])), dict(content["category_ids"])
        images = {
            split: {key: {"name": str(entry["name"]), **entry} for key, entry in entries.items()}
            for split, entries in content["images"].items()
        }
        sound = all(type(category) is int for category in categories.values())
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise DataError(f"{path}: expected labels, category_ids and images, got {short_repr(content, 80)}; remove it")
    carried = content.get(CARRIED, {})
    return Ids(labels, categories, images, carried if isinstance(carried, dict) else {})


def with_ids(found: AnnotatedSet, ids: Ids, split: str) -> AnnotatedSet:
    """The set with the class order, ids and names that the file kept; what it does not know stays as it is.

    A class that the file does not know comes after those that it does.
    """
    kept = tuple(label for label in ids.labels if label != BACKGROUND)
    kept = (BACKGROUND, *kept) if found.background == 0 else kept if not found.outlined else ids.labels
    labels = (*kept, *(label for label in found.labels if label not in kept))
    numbers = {i: labels.index(label) for i, label in enumerate(found.labels)} | {VOID: VOID}
    entries = {key: entry for other in (*ids.images, split) for key, entry in ids.images.get(other, {}).items()}
    images = tuple(_restored(image, entries.get(image.name, {}), numbers) for image in found.items)
    given = {entries[image.name]["name"] for image in found.items if "id" in entries.get(image.name, {})}
    categories = {**found.category_ids, **ids.category_ids} if not found.category_ids else found.category_ids
    carried = _with_carried(found.carried, ids.carried.get(split))
    known = {*found.ids, *given}
    return replace(found, labels=labels, items=images, category_ids=categories, ids=frozenset(known), carried=carried)


def _entry(found: AnnotatedSet, image: AnnotatedItem) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": image.name} | ({"id": image.image_id} if image.name in found.ids else {})
    numbers = [thing.carried.values.get("id") if thing.carried else None for thing in image.target]
    if numbers and all(isinstance(number, int) for number in numbers):
        entry[OBJECTS] = numbers
    return entry | ({CARRIED: plain} if (plain := _plain(image.carried)) else {})


def _plain(carried: Carried | None) -> dict[str, Any]:
    """As JSON has it; of LabelMe's files none, which hold whole images. {} where there is nothing."""
    if carried is None or carried.format == "labelme" or not any(carried.values.values()):
        return {}
    return {"format": carried.format, "values": dict(carried.values)}


def _with_carried(carried: Carried | None, plain: Any) -> Carried | None:
    """What the file kept beside what is carried already."""
    if not isinstance(plain, dict) or not isinstance(plain.get("values"), dict):
        return carried
    voc = plain.get("format") == "voc"
    values = {key: tuple(v) if voc and isinstance(v, list) else v for key, v in plain["values"].items()}
    return with_kept(carried, str(plain.get("format")), values)


def _restored(image: AnnotatedItem, entry: Mapping[str, Any], numbers: Mapping[int, int]) -> AnnotatedItem:
    things = tuple(replace(thing, class_id=numbers[thing.class_id]) for thing in image.target)
    numbers_of_objects = entry.get(OBJECTS)
    if isinstance(numbers_of_objects, list) and len(numbers_of_objects) == len(things):
        things = tuple(
            replace(thing, carried=with_kept(thing.carried, "coco", {"id": number}))
            for thing, number in zip(things, numbers_of_objects, strict=True)
        )
    carried = _with_carried(image.carried, entry.get(CARRIED))
    named = {"name": entry.get("name", image.name), "image_id": entry.get("id", image.image_id)}
    return replace(image, **named, target=things, carried=carried)
