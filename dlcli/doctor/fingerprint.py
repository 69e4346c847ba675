"""Every image of a set decoded once: what it holds byte for byte, what it looks like, how it is turned."""

import hashlib
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dlcli.data.dataset import Item, Kind, Problem
from dlcli.doctor.labeled_set import Part
from dlcli.errors import DataError, ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.perceptual_hash import perceptual_hash
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.runtime.parallel import in_order

Progress = Callable[[int, int], None]
SIDE = 16  # of a thumbnail


@dataclass(frozen=True)
class Fingerprint:
    """One image of a split.

    classes: ids of the classes in it, one for each box.
    truth: equal for two that are labeled alike.
    digest: SHA-256 of the file's bytes.
    looks: perceptual hash.
    small: uint8 [SIDE, SIDE, 3], the image in little.
    blank: all its pixels are equal.
    turned: by its EXIF tag.
    """

    part: str
    path: Path
    classes: tuple[int, ...]
    truth: Hashable
    digest: bytes
    looks: int
    small: np.ndarray
    blank: bool
    turned: bool


def look_at(
    kind: Kind[Any], parts: tuple[Part, ...], progress: Progress | None, threads: int
) -> tuple[list[Fingerprint], list[Problem]]:
    """Every image that no problem names, in order, and what else is wrong with files. progress: (done, total)."""
    tasks = [(kind, part.name, item) for part in parts for item in _usable(part)]
    seen, problems = [], []
    for done, (_, outcome) in enumerate(in_order(_look, tasks, threads), 1):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            seen.append(outcome)
        if progress:
            progress(done, len(tasks))
    return seen, problems


def _usable(part: Part) -> list[Item[Any]]:
    bad = {problem.image or problem.path for problem in part.problems}
    return [item for item in part.data.items if item.path not in bad]


def _look(task: tuple[Kind[Any], str, Item[Any]]) -> Fingerprint | Problem:
    kind, part, item = task
    digests: list[bytes] = []
    try:
        source = Source.of_file(item.path)
        image = read_image(source, on_bytes=lambda data: digests.append(hashlib.sha256(data).digest()))
        truth = kind.truth(item)
    except (ImageError, DataError) as error:
        return Problem(item.path, _described(error, item.path))
    pixels = image.pixels
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    blank, turned = bool((pixels == pixels[0, 0]).all()), image.exif_orientation != 1
    known = kind.classes(truth), kind.identity(truth)
    return Fingerprint(part, item.path, *known, digests[0], perceptual_hash(pixels), small, blank, turned)


def _described(error: Exception, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
