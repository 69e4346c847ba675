"""A labeled set as conversions hold it, made from what the readers of boxes and of masks give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dlcli.data.annotated import AnnotatedImage, AnnotatedObject
from dlcli.data.boxes import BoxItem, BoxSet
from dlcli.data.mask_file import read_mask
from dlcli.data.masks import BACKGROUND, VOID, MaskItem, MaskSet, Region
from dlcli.data.records.objects import box_of_mask
from dlcli.ops.masks import counts_by_class, mask_of_counts, polygon_mask


@dataclass(frozen=True)
class AnnotatedSet:
    """One split of a set.

    labels: by class id; "" where records do not tell a class's name. files: where each image lies, there or not.
    category_ids: COCO's, by label, as far as an annotation file gave them. ids: names of the images whose image_id
    an annotation file gave. outlined: objects have outlines, and class 0 may be the background; else they are boxes.
    outlines: how many boxes stand for an outline that was left behind.
    skipped: images left out for what is wrong with them.

    An object of the class VOID stands for pixels that do not count.
    """

    labels: tuple[str, ...]
    images: tuple[AnnotatedImage, ...]
    files: tuple[Path, ...]
    category_ids: Mapping[str, int] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    outlined: bool = False
    outlines: int = 0
    skipped: int = 0

    @property
    def background(self) -> int | None:
        """The class id of what is no object."""
        return 0 if self.outlined and self.labels[:1] == (BACKGROUND,) else None

    @property
    def objects(self) -> int:
        return sum(len(image.objects) for image in self.images)

    def label(self, thing: AnnotatedObject) -> str:
        return "void" if self.outlined and thing.class_id == VOID else self.labels[thing.class_id]

    def used(self) -> set[str]:
        """Names of the classes that have an object."""
        return {self.label(thing) for image in self.images for thing in image.objects}


def of_boxes(dataset: BoxSet) -> AnnotatedSet:
    """What a reader of boxes gave."""
    images = tuple(_image_of_boxes(item) for item in dataset.items)
    has_ids = dataset.format == "coco"
    return AnnotatedSet(
        dataset.labels,
        images,
        tuple(item.path for item in dataset.items),
        dataset.category_ids,
        frozenset(image.name for image in images) if has_ids else frozenset(),
        outlines=sum(item.target.outlines for item in dataset.items),
    )


def of_masks(dataset: MaskSet) -> AnnotatedSet:
    """What a reader of masks gave; mask files are read."""
    images = tuple(_image_of_masks(item, dataset.labels) for item in dataset.items)
    ids = frozenset(image.name for image in images) if dataset.category_ids else frozenset()
    files = tuple(item.path for item in dataset.items)
    return AnnotatedSet(dataset.labels, images, files, dataset.category_ids, ids, outlined=True)


def drawn(image: AnnotatedImage, background: int | None) -> np.ndarray:
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


def _filled(image: AnnotatedImage) -> Iterator[tuple[float, np.ndarray, int]]:
    """(area, pixels, class id) of each object."""
    for thing in image.objects:
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


def _image_of_boxes(item: BoxItem) -> AnnotatedImage:
    boxes = item.target
    scores = [None] * len(boxes.xyxy) if boxes.scores is None else boxes.scores.tolist()
    things = tuple(
        AnnotatedObject(
            int(boxes.class_ids[i]),
            _box(boxes.xyxy[i]),
            None if score is None or np.isnan(score) else score,
            bool(boxes.ignore[i] and not boxes.crowd[i]),
            bool(boxes.crowd[i]),
        )
        for i, score in enumerate(scores)
    )
    return AnnotatedImage(as_text(item.name), item.image_id, item.width, item.height, things)


def as_text(name: str) -> str:
    """The name as annotation files can hold it: what is no UTF-8 in a file's name becomes U+FFFD."""
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _image_of_masks(item: MaskItem, labels: tuple[str, ...]) -> AnnotatedImage:
    name = as_text(item.name or item.path.name)
    regions = item.target.mask
    if not isinstance(regions, Path):
        things = tuple(_object(region, item.height, item.width) for region in regions)
        return AnnotatedImage(name, item.image_id, item.width, item.height, things)
    mask = read_mask(item)
    things = objects_of_mask(mask, 0 if labels[:1] == (BACKGROUND,) else None)
    return AnnotatedImage(name, item.image_id, mask.shape[1], mask.shape[0], things)


def _object(region: Region, height: int, width: int) -> AnnotatedObject:
    if region.counts is not None:
        box = box_of_mask(mask_of_counts(region.counts, height, width))
    else:
        points = np.concatenate(region.polygons)
        box = _box(np.concatenate([points.min(0), points.max(0)]))
    return AnnotatedObject(region.class_id, box, None, False, region.crowd, region.polygons, region.counts)


def _box(xyxy: np.ndarray) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(value) for value in xyxy)
    return x1, y1, x2, y2
