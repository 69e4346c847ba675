"""Splits a set of boxes or masks, written in its own format by way of a conversion, which reads back what it wrote."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from dlcli.data.annotated import AnnotatedItem
from dlcli.data.conversion.annotated_set import AnnotatedSet
from dlcli.data.conversion.run import Conversion, Converted, convert
from dlcli.data.conversion.source import Reading, chosen_splits, found_format, read_source
from dlcli.data.dataset import Kind
from dlcli.data.formats import format_of
from dlcli.data.kinds import MASKS
from dlcli.data.splits.dealing import Dealer, Dealt
from dlcli.errors import UsageError
from dlcli.frozen import dataclass


@dataclass(frozen=True)
class Split:
    """images: of each split, in order. objects: as a conversion counted them, a line a split. notes: to be said."""

    format: str
    images: Mapping[str, int]
    dealt: Dealt
    notes: tuple[str, ...] = ()
    skipped: int = 0


def split_objects(asked: Conversion, kind: Kind[Any], dealer: Dealer, say: Any = None) -> Split:
    """Errors as of `convert`. asked: with neither `to` nor `masks`."""
    outlined = kind is MASKS
    format = found_format(asked.source, outlined)
    if outlined and format_of(MASKS, asked.source).name != "coco":
        format = "masks"  # where a set has outlines and drawn masks, these are what is learned from
    if format == "jsonl":
        raise UsageError(f"{asked.source}: is a file of records, not a labeled set; expected VOC, COCO, YOLO or masks")
    outlined = outlined or _has_outlines(asked.source, format)
    asked = replace(asked, to=format, format=format, masks=outlined)
    found: list[Dealt] = []

    def regroup(sets: Mapping[str, AnnotatedSet]) -> dict[str, AnnotatedSet]:
        whole = joined(sets)
        classes = [classes_in(image, whole) for image in whole.items]
        found.append(dealer.deal(asked.source, [image.path for image in whole.items], classes))
        return parted(whole, found[0].part, tuple(dealer.shares))

    done = convert(asked, say, dealer.bar, regroup)
    return Split(format, _counts(done), found[0], done.notes, done.skipped)


def joined(sets: Mapping[str, AnnotatedSet]) -> AnnotatedSet:
    """All splits as one set, an image of two of them once. Ids that two images have are numbered again, and so is the
    second of two equal names, by its split.
    """
    items: dict[str, AnnotatedItem] = {}
    names: set[str] = set()
    for split, found in sets.items():
        for image in found.items:
            real = os.path.realpath(image.path)
            if real not in items:
                items[real] = replace(image, name=_free(image.name, split, names))
                names.add(items[real].name)
    first = next(iter(sets.values()))
    ids = frozenset(name for found in sets.values() for name in found.ids)
    unique = len({image.image_id for image in items.values()}) == len(items)
    skipped = sum(found.skipped for found in sets.values())
    return replace(first, items=tuple(items.values()), ids=ids if unique else frozenset(), skipped=skipped)


def _free(name: str, split: str, taken: set[str]) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{split}-{path.name}")) if name in taken else name


def parted(whole: AnnotatedSet, part: tuple[str, ...], names: tuple[str, ...]) -> dict[str, AnnotatedSet]:
    """part: the split of each image."""
    items = {name: tuple(i for i, own in zip(whole.items, part, strict=True) if own == name) for name in names}
    bare = replace(whole, skipped=0)
    return {name: replace(whole if name == names[0] else bare, items=items[name]) for name in names}


def classes_in(image: AnnotatedItem, found: AnnotatedSet) -> tuple[int, ...]:
    """Ids of an image's objects, without background and what does not count."""
    ids = {thing.class_id for thing in image.target if not thing.crowd}
    return tuple(sorted(i for i in ids if i < len(found.labels) and i != found.background))


def _has_outlines(source: Path, format: str) -> bool:
    """Whether a set that is read as boxes holds outlines too, which would be lost."""
    if format not in ("coco", "yolo", "labelme"):
        return False
    readings = (read_source(Reading(source, format, False), split) for split in chosen_splits(source, format, None))
    return any(found.outlines for found in readings)


def _counts(done: Converted) -> dict[str, int]:
    return {made.split: made.read.images for made in done.comparisons}
