"""A labeled set as conversions hold it, made from what the readers of boxes and of masks give."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, Objects, annotated_item
from dlcli.data.boxes import BoxItem, BoxSet
from dlcli.data.dataset import Dataset
from dlcli.data.mask_file import read_mask
from dlcli.data.masks import BACKGROUND, VOID, MaskItem, MaskSet, Region
from dlcli.data.records.objects import box_of_mask
from dlcli.frozen import dataclass
from dlcli.ops.masks import counts_by_class, mask_of_counts, polygon_mask


@dataclass(frozen=True)
class AnnotatedSet(Dataset[Objects]):
    """One split of a set; an image may be there or not.

    labels: by class id; "" where records do not tell a class's name.
    ids: names of the images whose image_id an annotation file gave.
    outlined: objects have outlines, and class 0 may be the background; else they are boxes.
    outlines: how many boxes stand for an outline that was left behind.
    skipped: images left out for what is wrong with them.

    An object of the class VOID stands for pixels that do not count.
    """

    ids: frozenset[str] = frozenset()
    outlined: bool = False
    outlines: int = 0
    skipped: int = 0

    @property
    def background(self) -> int | None:
        """The class id of what is no object."""
        return 0 if self.outlined and self.labels[:1] == (BACKGROUND,) else None

    def label(self, thing: AnnotatedObject) -> str:
        return "void" if self.outlined and thing.class_id == VOID else self.labels[thing.class_id]


def of_boxes(data: BoxSet) -> AnnotatedSet:
    """What a reader of boxes gave."""
    items = tuple(_boxes_of(item) for item in data.items)
    outlines = sum(item.target.outlines for item in data.items)
    return _annotated(data, items, ids=_names(items) if data.format == "coco" else frozenset(), outlines=outlines)


def of_masks(data: MaskSet) -> AnnotatedSet:
    """What a reader of masks gave; mask files are read."""
    items = tuple(_outlines_of(item, data.labels) for item in data.items)
    return _annotated(data, items, ids=_names(items) if data.category_ids else frozenset(), outlined=True)


def _annotated(data: Dataset[Any], items: tuple[AnnotatedItem, ...], **more: Any) -> AnnotatedSet:
    given: dict[str, Any] = {"category_ids": data.category_ids, "notes": data.notes, "carried": data.carried}
    return AnnotatedSet(data.format, data.labels, items, (), data.source, **given, **more)


def _names(items: tuple[AnnotatedItem, ...]) -> frozenset[str]:
    return frozenset(item.name for item in items)


def drawn(image: AnnotatedItem, background: int | None) -> np.ndarray:
    """uint8 [H, W]: the classes of outlined objects, a smaller one over a larger one; elsewhere background, or VOID."""
    mask = np.full((image.height, image.width), VOID if background is None else background, np.uint8)
    for _, inside, class_id in sorted(_filled(image), key=lambda item: -item[0]):
        mask[inside] = class_id
    return mask


def inside_of(thing: AnnotatedObject, height: int, width: int) -> np.ndarray:
    """bool [height, width]: the pixels of an outlined object."""
    if thing.counts is not None:
        return mask_of_counts(thing.counts, height, width)
    return polygon_mask(thing.polygons, height, width)


def _filled(image: AnnotatedItem) -> Iterator[tuple[float, np.ndarray, int]]:
    """(area, pixels, class id) of each object."""
    for thing in image.target:
        inside = inside_of(thing, image.height, image.width)
        yield float(np.count_nonzero(inside)), inside, thing.class_id


def objects_of_mask(mask: np.ndarray, background: int | None) -> tuple[AnnotatedObject, ...]:
    """One object a class of uint8 [H, W], VOID too, in run lengths."""
    height, width = mask.shape
    found = [(class_id, counts) for class_id, counts in counts_by_class(mask).items() if class_id != background]
    return tuple(
        AnnotatedObject(class_id, box_of_mask(mask_of_counts(counts, height, width)), counts=counts)
        for class_id, counts in found
    )


def _boxes_of(item: BoxItem) -> AnnotatedItem:
    boxes = item.target
    scores = [None] * len(boxes.xyxy) if boxes.scores is None else boxes.scores.tolist()
    carried = boxes.carried or (None,) * len(boxes.xyxy)
    things = tuple(
        AnnotatedObject(
            int(boxes.class_ids[i]),
            _box(boxes.xyxy[i]),
            None if score is None or np.isnan(score) else score,
            bool(boxes.ignore[i] and not boxes.crowd[i]),
            bool(boxes.crowd[i]),
            carried=carried[i],
        )
        for i, score in enumerate(scores)
    )
    sides = item.width, item.height
    return annotated_item(as_text(item.name), item.image_id, *sides, things, item.path, item.carried)


def as_text(name: str) -> str:
    """The name as annotation files can hold it: what is no UTF-8 in a file's name becomes U+FFFD."""
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _outlines_of(item: MaskItem, labels: tuple[str, ...]) -> AnnotatedItem:
    name = as_text(item.name or item.path.name)
    regions = item.target.mask
    if not isinstance(regions, Path):
        things = tuple(_object(region, item.height, item.width) for region in regions)
        return annotated_item(name, item.image_id, item.width, item.height, things, item.path, item.carried)
    mask = read_mask(item)
    things = objects_of_mask(mask, 0 if labels[:1] == (BACKGROUND,) else None)
    return annotated_item(name, item.image_id, mask.shape[1], mask.shape[0], things, item.path)


def _object(region: Region, height: int, width: int) -> AnnotatedObject:
    if region.counts is not None:
        box = box_of_mask(mask_of_counts(region.counts, height, width))
    else:
        points = np.concatenate(region.polygons)
        box = _box(np.concatenate([points.min(0), points.max(0)]))
    shape = region.polygons, region.counts
    return AnnotatedObject(region.class_id, box, None, False, region.crowd, *shape, region.carried)


def _box(xyxy: np.ndarray) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(value) for value in xyxy)
    return x1, y1, x2, y2
