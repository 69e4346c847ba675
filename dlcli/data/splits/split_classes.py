"""Splits a set of class labels: OUT/SPLIT/CLASS/x.jpg of folders, OUT/labels.csv with a column `split` of a CSV."""

import csv
import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from dlcli.data.class_csv import BETWEEN
from dlcli.data.classes import ClassSet
from dlcli.data.conversion.place import beside, put_set
from dlcli.data.conversion.run import Conversion, refuse_target
from dlcli.data.conversion.transfer import put_image
from dlcli.data.files import stays_below
from dlcli.data.formats import ALL, read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.data.splits.dealing import Dealer
from dlcli.data.splits.split_objects import Split
from dlcli.errors import DataError, DlcliError
from dlcli.signals import unbroken

LABELS = "labels.csv"


def split_classes(asked: Conversion, data: ClassSet, dealer: Dealer) -> Split:
    """data: all of the set, checked. UsageError: the target is there. DataError: two images would have one name, or
    what was written reads otherwise; then nothing was written.
    """
    refuse_target(asked)
    dealt = dealer.deal(asked.source, [item.path for item in data.items], [item.target for item in data.items])
    with beside(Path(os.path.realpath(asked.target))) as staged:
        try:
            _write(staged, asked, data, dealt.part)
        except OSError as error:
            raise DlcliError(f"{asked.target}: cannot be written: {error.strerror}; free some space") from error
        counts = Counter(dealt.part)
        _read_back(staged, data, {name: counts[name] for name in dealer.shares}, asked.target)
        with unbroken():
            put_set(staged, Path(os.path.realpath(asked.target)))
    return Split(data.format, {name: counts[name] for name in dealer.shares}, dealt, data.notes)


def _write(staged: Path, asked: Conversion, data: ClassSet, part: Sequence[str]) -> None:
    names = _names(data, part)
    for item, name in zip(data.items, names, strict=True):
        if not stays_below(str(name)):
            raise DataError(f"{item.path}: expected an image below {asked.source}")
        put_image(item.path, staged, name, asked.transfer)
    if data.format == "csv":
        (staged / LABELS).write_text(_table(data, names, part), encoding="utf-8")


def _names(data: ClassSet, part: Sequence[str]) -> list[PurePosixPath]:
    """Below the new set: as the CSV has it, or SPLIT/CLASS/x.jpg; a second one of a name has its old split in front."""
    root = data.source if data.source.is_dir() else data.source.parent
    found: dict[PurePosixPath, None] = {}
    for item, split in zip(data.items, part, strict=True):
        below = PurePosixPath(Path(os.path.relpath(item.path, root)).as_posix())
        if data.format != "csv":
            start = below.parts.index(data.labels[item.target[0]])
            name = PurePosixPath(split, *below.parts[start:])
            below = name if name not in found else name.with_name("-".join((*below.parts[:start], name.name)))
        if below in found:
            raise DataError(f"{data.source}: two images would be {below}; rename one")
        found[below] = None
    return list(found)


def _table(data: ClassSet, names: Sequence[PurePosixPath], part: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("filename", "label", "split"))
    for item, name, split in zip(data.items, names, part, strict=True):
        writer.writerow((name, BETWEEN.join(data.labels[i] for i in item.target), split))
    return text.getvalue()


def _read_back(staged: Path, data: ClassSet, counts: dict[str, int], target: Path) -> None:
    """DataError: our reader finds other images, or other classes of them."""
    kept = Counter(item.target for item in data.items)
    whole = read_dataset(CLASSES, staged, ALL, data.labels)
    found = {name: len(read_dataset(CLASSES, staged, name, data.labels).items) for name in counts}
    if found != counts or Counter(item.target for item in whole.items) != kept:
        raise DataError(f"{target}: what was written reads otherwise ({found}, not {counts}); nothing was kept")
