"""Every picture of a set decoded once: what it holds byte for byte, what it looks like, how it is turned."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dlcli.data.detection_set import Problem
from dlcli.doctor.labelled_set import Part, Sample, mask_classes
from dlcli.errors import DataError, PictureError
from dlcli.imaging.perceptual_hash import perceptual_hash
from dlcli.imaging.reader import read_picture
from dlcli.records import Source
from dlcli.runtime.parallel import in_order

Progress = Callable[[int, int], None]
SIDE = 16  # of a thumbnail


@dataclass(frozen=True)
class Seen:
    """digest: SHA-256 of the file's bytes. looks: perceptual hash. small: uint8 [SIDE, SIDE, 3], the picture in little.

    blank: all its pixels are equal. turned: by its EXIF tag.
    """

    part: str
    sample: Sample
    digest: bytes
    looks: int
    small: np.ndarray
    blank: bool
    turned: bool


def look_at(parts: tuple[Part, ...], progress: Progress | None, threads: int) -> tuple[list[Seen], list[Problem]]:
    """Every picture that no problem names, in order, and what else is wrong with files. progress: (done, total)."""
    tasks = [(part.name, sample) for part in parts for sample in _usable(part)]
    seen, problems = [], []
    for done, (_, outcome) in enumerate(in_order(_look, tasks, threads), 1):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            seen.append(outcome)
        if progress:
            progress(done, len(tasks))
    return seen, problems


def _usable(part: Part) -> list[Sample]:
    bad = {problem.path for problem in part.problems}
    masks = {sample.path for sample in part.samples if sample.masked and sample.masked.annotation in bad}
    return [sample for sample in part.samples if sample.path not in bad | masks]


def _look(task: tuple[str, Sample]) -> Seen | Problem:
    name, sample = task
    digests: list[bytes] = []
    try:
        source = Source.of_file(sample.path)
        picture = read_picture(source, on_bytes=lambda data: digests.append(hashlib.sha256(data).digest()))
        sample = mask_classes(sample)
    except (PictureError, DataError) as error:
        return Problem(sample.path, _told(error, sample.path))
    pixels = picture.pixels
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    blank = bool((pixels == pixels[0, 0]).all())
    return Seen(name, sample, digests[0], perceptual_hash(pixels), small, blank, picture.exif_orientation != 1)


def _told(error: Exception, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
