"""Every image of a set decoded once: what it holds byte for byte, what it looks like, how it is turned."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from dlcli.data.dataset import Item, Kind, Problem
from dlcli.doctor.labeled_set import Part
from dlcli.errors import DataError, ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.look import Look, read_look
from dlcli.runtime.parallel import in_order

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Fingerprint(Look):
    """One image of a split.

    classes: ids of the classes in it, one for each box.
    truth: equal for two that are labeled alike.
    turned: by its EXIF tag.
    """

    part: str
    path: Path
    classes: tuple[int, ...]
    truth: Hashable
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
    try:
        look, image = read_look(item.path)
        truth = kind.truth(item)
    except (ImageError, DataError) as error:
        return Problem(item.path, _described(error, item.path))
    return Fingerprint(
        **vars(look),
        part=part,
        path=item.path,
        classes=kind.classes(truth),
        truth=kind.identity(truth),
        turned=image.exif_orientation != 1,
    )


def _described(error: Exception, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
