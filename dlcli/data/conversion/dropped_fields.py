"""What objects and images carry that another format has no place for, counted by name."""

import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dlcli.data.annotated import AnnotatedObject
from dlcli.data.carried import Carried
from dlcli.data.conversion.annotated_set import AnnotatedSet

NEAR = 0.5  # square pixels that an area may differ by from that of its box
EMPTY: tuple[Any, ...] = (None, "", [], {}, (), False, 0)
USUAL_POSE = ("unspecified", "")


def dropped_fields(found: AnnotatedSet, format: str) -> Iterator[tuple[int, str]]:
    """(count, what) for each kind of thing that a file of `format` cannot hold; none where the set is in that format.

    What ids.json keeps for a way back is not lost: numbers of objects, and what describes an image or the set.
    """
    noun = "objects" if found.outlined else "boxes"
    of_objects: Counter[str] = Counter()
    of_images: Counter[str] = Counter()
    for image in found.items:
        of_images.update(_names(image.carried, format, _IMAGES, None))
        for thing in image.target:
            of_objects.update(_names(thing.carried, format, _OBJECTS, thing))
    yield from ((count, f"{noun} that lose their `{name}`") for name, count in of_objects.items())
    yield from ((count, f"images that lose their `{name}`") for name, count in of_images.items())


Names = Callable[[Mapping[str, Any], AnnotatedObject | None], Iterator[str]]


def _names(
    carried: Carried | None, format: str, known: Mapping[str, Names], thing: AnnotatedObject | None
) -> Iterator[str]:
    if carried is not None and carried.format != format and carried.format in known:
        yield from known[carried.format](carried.values, thing)


def _of_coco(values: Mapping[str, Any], thing: AnnotatedObject | None) -> Iterator[str]:
    for key, value in values.items():
        if key in ("id", "bbox", "segmentation", "num_keypoints") or value in EMPTY:
            continue
        if key == "area" and (values.get("segmentation") or thing is None or _is_area_of(value, thing)):
            continue
        if key == "keypoints" and isinstance(value, list) and not any(value):
            continue
        yield from _below(key, value)


def _below(key: str, value: Any) -> Iterator[str]:
    """Each attribute by its own name."""
    if key == "attributes" and isinstance(value, dict):
        yield from (f"attributes.{name}" for name, inner in value.items() if inner not in EMPTY)
    else:
        yield key


def _is_area_of(value: Any, thing: AnnotatedObject) -> bool:
    x1, y1, x2, y2 = thing.xyxy
    return isinstance(value, int | float) and abs(value - (x2 - x1) * (y2 - y1)) <= NEAR


def _of_voc(values: Mapping[str, Any], thing: AnnotatedObject | None) -> Iterator[str]:
    for tag, elements in values.items():
        if tag == "bndbox":
            continue
        for element in map(ElementTree.fromstring, elements):
            text = (element.text or "").strip()
            usual = USUAL_POSE if tag == "pose" else ("", "0")
            if len(element) or text.casefold() not in usual:
                yield tag


def _of_labelme(values: Mapping[str, Any], thing: AnnotatedObject | None) -> Iterator[str]:
    shapes = values.get("shapes", ())
    for shape in shapes:
        group = shape.get("group_id")
        if group is not None and len(shapes) == 1:
            yield "group_id"
        for key in ("description", "attributes", "kie_linking"):
            if shape.get(key) not in EMPTY:
                yield key
        flags = shape.get("flags")
        if isinstance(flags, dict):
            yield from (f"flags.{name}" for name, on in flags.items() if on and name not in ("difficult", "crowd"))


def _of_labelme_image(values: Mapping[str, Any], thing: AnnotatedObject | None) -> Iterator[str]:
    if values.get("void"):
        yield "__ignore__ or background shapes"
    flags = values.get("head", {}).get("flags")
    if isinstance(flags, dict):
        yield from (f"flags.{name}" for name, on in flags.items() if on)


def _of_yolo(values: Mapping[str, Any], thing: AnnotatedObject | None) -> Iterator[str]:
    yield from (key for key in values if key != "row")


_OBJECTS: dict[str, Names] = {"coco": _of_coco, "voc": _of_voc, "labelme": _of_labelme, "yolo": _of_yolo}
_IMAGES: dict[str, Names] = {"labelme": _of_labelme_image}
