"""Images that a run of dlcli drew: boxes or masks on top of what it looked at, which no data set may take for it."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from dlcli.records import RECORD_KINDS

STATES = ("results.", ".results."), (".state.jsonl", ".state.jsonl.part")  # how names of a run's state begin and end
PARTS = ("crops", "cutouts")  # nothing is drawn on these


def own_overlays(images: Iterable[Path]) -> dict[Path, Path]:
    """The images among these that a run drew, and its --out; by its state, in a folder at or above the image.

    A state that cannot be read says nothing.
    """
    images = [path for path in images if os.path.lexists(path)]
    parents = {path.parent for path in images}
    folders = {above for parent in parents for place in (_absolute(parent),) for above in (place, *place.parents)}
    drawn = {path: folder for folder in folders for path in _drawn_in(folder)}
    return {path: _as_given(path, drawn[_absolute(path)]) for path in images if _absolute(path) in drawn}


def drawing_message(out: Path) -> str:
    """What is wrong with such an image, and what to do. out: the run's."""
    return (
        f"was drawn by the run whose --out is {out}, and is not the image that it read; "
        f"`dlcli convert {out} NEW --to coco` makes a set with those (or give convert --images DIR)"
    )


def _drawn_in(folder: Path) -> Iterator[Path]:
    heads, tails = STATES
    with suppress(OSError):
        names = [name for name in os.listdir(folder) if name.startswith(heads) and name.endswith(tails)]
        for name in sorted(names):
            yield from _listed(folder, folder / name)


def _listed(folder: Path, state: Path) -> Iterator[Path]:
    """What the state of a run that draws says that it wrote, less parts of images."""
    with suppress(OSError, ValueError, RecursionError, AttributeError, TypeError, KeyError), open(state, "rb") as lines:
        task = json.loads(next(lines, b""))["fingerprint"]["task"]
        if RECORD_KINDS and task not in RECORD_KINDS:  # others make images that may be labeled
            return
        for line in lines:
            for name in json.loads(line).get("files", ()):
                if name.partition("/")[0] not in PARTS:
                    yield folder / name


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _as_given(image: Path, out: Path) -> Path:
    """The folder as the image's path has it, "an" rather than "/home/me/an", where it does."""
    return next((above for above in image.parents if _absolute(above) == out), out)
