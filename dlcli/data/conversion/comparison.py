"""What was written, read back and held against what was read."""

import numpy as np

from dlcli.data.annotated import AnnotatedItem
from dlcli.data.conversion.annotated_set import AnnotatedSet, drawn
from dlcli.data.masks import VOID
from dlcli.frozen import dataclass


@dataclass(frozen=True)
class Counts:
    """images, objects: how many. classes: that have an object."""

    images: int
    objects: int
    classes: int

    def text(self, noun: str) -> str:
        """noun: of the objects, in the plural. Numbers stand last, so that one is as good as many."""
        return f"images {self.images:,}, {noun} {self.objects:,}, classes {self.classes:,}"


@dataclass(frozen=True)
class Comparison:
    """read, written: counts of a split. faults: what differs, the first few. shift: of a side of a box, in pixels."""

    split: str
    read: Counts
    written: Counts
    faults: tuple[str, ...]
    shift: float = 0.0


def compared(split: str, read: AnnotatedSet, written: AnnotatedSet, format: str) -> Comparison:
    """Images by name; boxes in their order; outlines by what they draw, where objects do not join."""
    joined = read.outlined and format in ("masks", "jsonl")
    counts = [_counts(found, joined, format) for found in (read, written)]
    faults = [] if counts[0] == counts[1] else ["the counts differ"]
    by_name = {image.name: image for image in written.items}
    shift = 0.0
    for image in read.items:
        other = by_name.get(image.name)
        if other is None:
            faults.append(f"{image.name}: is not among what was written")
        elif read.outlined:
            faults += _mask_faults(read, image, written, other)
        else:
            found, moved = _box_faults(read, image, written, other)
            faults, shift = faults + found, max(shift, moved)
        if other is not None and read.format == format:
            faults += _carried_faults(image, other)
    return Comparison(split, counts[0], counts[1], tuple(faults), shift)


def _carried_faults(image: AnnotatedItem, other: AnnotatedItem) -> list[str]:
    """What the file says besides and the new one does not; numbers of objects may be new where two shared one."""
    pairs = [(image.carried, other.carried)]
    if len(image.target) == len(other.target):
        pairs += [(one.carried, two.carried) for one, two in zip(image.target, other.target, strict=True)]
    lost = [
        name
        for before, after in pairs
        if before is not None
        for name, value in before.values.items()
        if name != "id" and (after is None or after.values.get(name) != value)
    ]
    return [f"{image.name}: {', '.join(dict.fromkeys(lost))} did not come back"] if lost else []


def _counts(found: AnnotatedSet, joined: bool, format: str) -> Counts:
    """joined: objects of one class in an image count once."""
    seen = [[t.class_id for t in p.target if t.class_id != VOID or format == "masks"] for p in found.items]
    objects = sum(len(set(ids) if joined else ids) for ids in seen)
    names = {class_id for ids in seen for class_id in ids}
    return Counts(len(found.items), objects, len(names))


def _box_faults(
    read: AnnotatedSet, image: AnnotatedItem, written: AnnotatedSet, other: AnnotatedItem
) -> tuple[list[str], float]:
    labels = [[found.label(t) for t in p.target] for found, p in ((read, image), (written, other))]
    if labels[0] != labels[1]:
        return [f"{image.name}: the classes of its boxes differ"], 0.0
    if not image.target:
        return [], 0.0
    boxes = [np.array([thing.xyxy for thing in p.target]) for p in (image, other)]
    return [], float(np.abs(boxes[0] - boxes[1]).max())


def _mask_faults(read: AnnotatedSet, image: AnnotatedItem, written: AnnotatedSet, other: AnnotatedItem) -> list[str]:
    """Names of classes are compared, since formats number them in their own way."""
    masks = [drawn(p, found.background) for found, p in ((read, image), (written, other))]
    if masks[0].shape != masks[1].shape:
        return [f"{image.name}: {masks[0].shape} became {masks[1].shape} rows and columns"]
    names = [np.array([*found.labels, *[""] * (256 - len(found.labels))]) for found in (read, written)]
    counted = masks[0] != VOID
    wrong = np.count_nonzero(counted & (names[0][masks[0]] != names[1][masks[1]]))
    return [f"{image.name}: {wrong:,} pixels have another class"] if wrong else []
