"""The images below a folder, to learn from without labels; none that the weights are chosen by."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcli.data.files import images_below
from dlcli.errors import DataError, ImageError, UsageError
from dlcli.imaging.look import Look, are_alike, look_of, near
from dlcli.messages import plural
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads
from dlcli.training.log import TrainLog


def unlabeled_images(folder: Path, val: Sequence[Path], skip_bad: bool, log: TrainLog) -> list[Path]:
    """Every image below the folder, sorted; all of them can be read.

    val: images that must not be among them, as a copy or a near-copy. skip_bad: leave out what cannot be read.
    UsageError: the folder holds no image, or one of val. DataError: an image cannot be read.
    """
    paths = images_below(folder)
    if not paths:
        raise UsageError(f"--unlabeled {folder}: holds no image")
    known = [look for look in _looks(val, "looking at val", log) if isinstance(look, Look)]
    looks = _looks(paths, "looking at unlabeled images", log)
    bad = [str(look) for look in looks if isinstance(look, ImageError)]
    if bad and not skip_bad:
        raise DataError(f"--unlabeled {folder}: {plural(len(bad), 'bad file')}; fix or pass --skip-bad\n{bad[0]}")
    for line in bad:
        log.say(f"left out: {line}")
    kept = [(path, look) for path, look in zip(paths, looks, strict=True) if isinstance(look, Look)]
    _refuse_val(folder, kept, known)
    return [path for path, _ in kept]


def _looks(paths: Sequence[Path], title: str, log: TrainLog) -> list[Look | ImageError]:
    found = []
    with log.bar(title, len(paths)) as bar:
        for done, (_, look) in enumerate(in_order(_look, paths, default_threads()), 1):
            found.append(look)
            bar.at(done, len(paths))
    return found


def _look(path: Path) -> Look | ImageError:
    try:
        return look_of(path)
    except ImageError as error:
        return error


def _refuse_val(folder: Path, images: Sequence[tuple[Path, Look]], val: Sequence[Look]) -> None:
    digests, hashes = {look.digest for look in val}, np.array([look.looks for look in val], np.uint64)

    def is_val(look: Look) -> bool:
        rows = () if look.blank else near(hashes, look)
        return look.digest in digests or any(not val[row].blank and are_alike(val[row], look) for row in rows)

    shared = [path for path, look in images if is_val(look)]
    if shared:
        raise UsageError(
            f"--unlabeled {folder}: {len(shared)} of its {plural(len(images), 'image')} are val images or look like "
            f"one, such as {shared[0].name}; what the weights are chosen by must not be learned from; take them out"
        )
