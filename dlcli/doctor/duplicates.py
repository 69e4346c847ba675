"""Images that are the same, or nearly: within a split they count twice, across splits they make a score too good."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from dlcli.doctor.fingerprint import Fingerprint

BITS = 4  # of 64 in which the hashes of near-same images may differ
LEVELS = 8.0  # mean difference of their thumbnails, of 255


def same_bytes(seen: list[Fingerprint]) -> list[list[Fingerprint]]:
    """Groups of two and more images with the same content, in the order of the first; one file twice is none."""
    groups: dict[bytes, dict[str, Fingerprint]] = defaultdict(dict)
    for item in seen:
        groups[item.digest].setdefault(str(item.path), item)
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
        apart = np.bitwise_count(known ^ np.uint64(item.looks))  # [M]
        near = np.flatnonzero(apart <= BITS)
        for place in near[np.argsort(apart[near], kind="stable")]:
            other = earlier[int(place)]
            if other.digest != item.digest and _difference(item, other) <= LEVELS:
                yield other, item, int(apart[place])
                break


def _difference(one: Fingerprint, other: Fingerprint) -> float:
    return float(np.abs(one.small.astype(np.int16) - other.small).mean())


def _first_two(group: dict[str, Fingerprint]) -> tuple[Fingerprint, Fingerprint]:
    first, second, *_ = group.values()
    return first, second
