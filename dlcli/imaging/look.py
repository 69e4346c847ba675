"""What an image holds byte for byte and what it looks like, to find copies and near-copies of it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dlcli.frozen import dataclass
from dlcli.imaging.perceptual_hash import perceptual_hash
from dlcli.imaging.reader import read_image
from dlcli.records import DecodedImage, Source

SIDE = 16  # of a thumbnail
BITS = 8  # of 64 in which the hashes of near-same images may differ, as in `preprocess --check`
LIKENESS = 0.85  # correlation of their thumbnails, which a brighter or a darker copy keeps
LEAST_SPREAD = 1.0  # of a thumbnail's levels, of 255: below it there is nothing to compare


@dataclass(frozen=True, kw_only=True)
class Look:
    """One image.

    digest: SHA-256 of the file's bytes.
    looks: perceptual hash.
    small: uint8 [SIDE, SIDE, 3], the image in little.
    blank: all its pixels are equal.
    """

    digest: bytes
    looks: int
    small: np.ndarray
    blank: bool


def look_of(path: Path) -> Look:
    """ImageError: it cannot be read."""
    return read_look(path)[0]


def read_look(path: Path) -> tuple[Look, DecodedImage]:
    """The same, and the image. ImageError: it cannot be read."""
    digests: list[bytes] = []
    image = read_image(Source.of_file(path), on_bytes=lambda data: digests.append(hashlib.sha256(data).digest()))
    pixels = image.pixels
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    blank = bool((pixels == pixels[0, 0]).all())
    return Look(digest=digests[0], looks=perceptual_hash(pixels), small=small, blank=blank), image


def near(looks: np.ndarray, look: Look) -> np.ndarray:
    """int64 [K]: rows of the hashes uint64 [M] that are near an image's, the nearest first."""
    apart = np.bitwise_count(looks ^ np.uint64(look.looks))  # [M]
    found = np.flatnonzero(apart <= BITS)
    return found[np.argsort(apart[found], kind="stable")]


def are_alike(one: Look, other: Look) -> bool:
    """Whether two thumbnails correlate, whatever their brightness and contrast."""
    levels = [item.small.astype(np.float64).ravel() for item in (one, other)]
    first, second = ((values - values.mean()) / max(values.std(), LEAST_SPREAD) for values in levels)
    return float((first * second).mean()) >= LIKENESS


def like_groups(looks: Sequence[Look]) -> np.ndarray:
    """int64 [N]: for each image the first row of its group; images of one group are copies or near-copies.

    Two images are in one group where a chain of equal or near-same images joins them, so that no near pair is parted.
    Images of one color have only copies.
    """
    first = np.arange(len(looks))
    seen: dict[bytes, int] = {}
    hashes = np.array([look.looks for look in looks], np.uint64)
    patterned = np.array([not look.blank for look in looks], np.bool_)
    for row, look in enumerate(looks):
        _join(first, row, seen.setdefault(look.digest, row))
        if not look.blank:
            for other in near(hashes[:row], look):
                if patterned[other] and are_alike(look, looks[other]):
                    _join(first, row, int(other))
    return np.array([_root(first, row) for row in range(len(looks))], np.int64)


def _join(first: np.ndarray, one: int, other: int) -> None:
    ours, theirs = _root(first, one), _root(first, other)
    first[max(ours, theirs)] = min(ours, theirs)


def _root(first: np.ndarray, row: int) -> int:
    while first[row] != row:
        row = int(first[row])
    return row
