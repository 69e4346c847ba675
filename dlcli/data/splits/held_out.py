"""Which images a training held out where its set has no val split: RUN/split.json, by which others know that split.

Written by a training; read by `dlcli eval` and `dlcli export`, of the run's folder or of a model file in it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from dlcli.data.dataset import Dataset, Kind
from dlcli.data.files import read_text
from dlcli.data.formats import ALL, chosen_split, dataset_splits, read_dataset
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import listed, plural

T = TypeVar("T")
NAME, SCHEMA = "split.json", "dlcli.split/1"
PARTS = ("train", "val")


@dataclass(frozen=True)
class HeldOut:
    """of: the split that was parted, "" for a set without. images: of train and val, by their paths below the set."""

    file: Path
    of: str
    images: Mapping[str, frozenset[str]]


def split_json(place: Path, of: str | None, train: Dataset[Any], val: Dataset[Any]) -> str:
    """of: see HeldOut; None: the set as a whole."""
    parts = {name: sorted(_names(place, data)) for name, data in zip(PARTS, (train, val), strict=True)}
    return json.dumps({"schema": SCHEMA, "of": of or "", **parts}, ensure_ascii=False, indent=0) + "\n"


def read_held_out(model: Path) -> HeldOut | None:
    """Of a run's folder, or of the one that a model file lies in; None: it has none. DataError: that is damaged."""
    file = (model if model.is_dir() else model.parent) / NAME
    if not file.is_file():
        return None
    try:
        content = json.loads(read_text(file))
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            return None
        images = {name: frozenset(map(str, content[name])) for name in PARTS}
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise DataError(f"{file}: expected the split of a training ({SCHEMA}), got {error}") from None
    return HeldOut(file, str(content.get("of", "")), images)


def lacks_split(kind: Kind[Any], place: Path, split: str | None) -> bool:
    """Whether a set has no split of that name, nor a synonym, though it is one that a training makes itself."""
    return split in PARTS and chosen_split(split, dataset_splits(kind, place)) not in dataset_splits(kind, place)


def part_of(
    kind: Kind[T], place: Path, split: str, held_out: HeldOut, labels: tuple[str, ...] | None = None, **more: Any
) -> Dataset[T]:
    """The images of a set that a training learned from, or held out. DataError: they are not those of this set."""
    data = read_dataset(kind, place, held_out.of or ALL, labels, **more)
    wanted = held_out.images[split]
    items = tuple(item for item in data.items if _name(place, item.path) in wanted)
    missing = sorted(wanted - _names(place, data))
    if missing:
        raise DataError(
            f"{place}: has no split {split!r}, and {len(missing):,} of the {plural(len(wanted), 'image')} that "
            f"{held_out.file} names are not in it: {listed(missing, 3)}; give the set that was trained on, or pass "
            "--split all"
        )
    other = "learned from" if split == PARTS[0] else "held out"
    note = f"{place}: has no split {split!r}, so it is the {plural(len(items), 'image')} that the training {other}"
    spoilt = tuple(
        problem for problem in data.problems if problem.image is None or _name(place, problem.image) in wanted
    )
    return replace(data, items=items, problems=spoilt, notes=(*data.notes, f"{note} ({held_out.file})"))


def _names(place: Path, data: Dataset[Any]) -> set[str]:
    return {_name(place, item.path) for item in data.items}


def _name(place: Path, image: Path) -> str:
    root = place if place.is_dir() else place.parent
    return Path(os.path.relpath(image, root)).as_posix()
