"""Finds out how a data set of classes is laid out, and reads it; training and evaluation call this."""

from collections.abc import Mapping
from pathlib import Path

from dlcli.data import class_csv
from dlcli.data import class_folders as image_folders
from dlcli.data.class_csv import csv_files, csv_splits, read_class_csv
from dlcli.data.class_folders import class_folders, folder_splits, read_image_folders
from dlcli.data.classification_set import ClassificationSet
from dlcli.data.files import read_text
from dlcli.data.layouts import chosen_split
from dlcli.errors import DataError
from dlcli.messages import short_repr


def read_classification_set(
    place: Path,
    split: str | None,
    labels: tuple[str, ...] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> ClassificationSet:
    """Read one split of labelled pictures: a CSV file, a folder with one, or a folder per class.

    split: its name; a synonym (valid for val) is found too. None or "all": everything, with or without splits.
    labels: the class names to number by (a model's); None: the set's, sorted. aliases: other words for labels.
    DataError where no layout fits, the split does not exist or a class is not among `labels`.
    """
    files = _files(place)
    if files:
        return read_class_csv(files, chosen_split(split, csv_splits(files)), labels, aliases)
    return read_image_folders(place, chosen_split(split, folder_splits(place)), labels, aliases)


def classification_splits(place: Path) -> list[str]:
    """The names of the splits that a labelled set has; empty where it has none. DataError: no layout fits."""
    files = _files(place)
    return csv_splits(files) if files else folder_splits(place)


def read_aliases(path: Path) -> dict[str, str]:
    """A file of lines "word,label": how a set calls what a model calls `label`. DataError names a line that is not."""
    found = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        word, comma, label = (part.strip() for part in line.partition(","))
        if not line.strip():
            continue
        if not (word and comma and label):
            raise DataError(
                f"{path}: line {number}: expected the set's word, a comma and a label, got {short_repr(line)}"
            )
        found[word] = label
    return found


def _files(place: Path) -> dict[str, Path]:
    """The CSV files of a set, {} where it is a folder per class."""
    if not place.exists():
        raise DataError(f"{place}: no such folder; expected labelled pictures")
    if place.is_file() and place.suffix.lower() != ".csv":
        raise DataError(f"{place}: expected a folder or a .csv file, got {place.suffix or 'no ending'}")
    files = csv_files(place)
    if not files and not class_folders(place):
        raise DataError(
            f"{place}: found no labelled pictures; looked for {image_folders.LOOKED_FOR}, and {class_csv.LOOKED_FOR}"
        )
    return files
