"""Images that are the same, or nearly: within a split they count twice, across splits they make a score too good."""

from collections import defaultdict
from collections.abc import Hashable, Iterator

import numpy as np

from dlcli.doctor.fingerprint import Fingerprint
from dlcli.imaging.look import are_alike, near
from dlcli.imaging.perceptual_hash import distance


def same_bytes(seen: list[Fingerprint]) -> list[list[Fingerprint]]:
    """Groups of two and more images with the same content, in the order of the first; one file twice is none, unless it
    is labeled in two ways.
    """
    groups: dict[bytes, dict[tuple[str, Hashable], Fingerprint]] = defaultdict(dict)
    for item in seen:
        groups[item.digest].setdefault((str(item.path), item.truth), item)
    return [list(group.values()) for group in groups.values() if len(group) > 1]


def same_in_two_parts(seen: list[Fingerprint]) -> list[tuple[Fingerprint, Fingerprint]]:
    """Pairs of images of two splits with the same content: one file in both lists, or a copy. One pair a content."""
    groups: dict[bytes, dict[str, Fingerprint]] = defaultdict(dict)
    for item in seen:
        groups[item.digest].setdefault(item.part, item)
    return [_first_two(group) for group in groups.values() if len(group) > 1]


def alike_in_two_parts(seen: list[Fingerprint]) -> list[tuple[Fingerprint, Fingerprint, int]]:
    """Pairs that look the same without being so, with the bits that differ: each image with the nearest one of an
    earlier split, if that is near. Images of one color are alike to no other.
    """
    by_part: dict[str, list[Fingerprint]] = {}
    for item in seen:
        if not item.blank:
            by_part.setdefault(item.part, []).append(item)
    parts = list(by_part.values())
    return [pair for i, later in enumerate(parts) for earlier in parts[:i] for pair in _pairs(earlier, later)]


def _pairs(earlier: list[Fingerprint], later: list[Fingerprint]) -> Iterator[tuple[Fingerprint, Fingerprint, int]]:
    known = np.array([item.looks for item in earlier], np.uint64)  # [M]
    for item in later:
        for place in near(known, item):
            other = earlier[int(place)]
            if other.digest != item.digest and are_alike(item, other):
                yield other, item, distance(item.looks, other.looks)
                break


def _first_two(group: dict[str, Fingerprint]) -> tuple[Fingerprint, Fingerprint]:
    first, second, *_ = group.values()
    return first, second
