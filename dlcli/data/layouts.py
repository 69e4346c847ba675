"""Finds out how a data set of boxes is laid out, and reads it; training and evaluation call this."""

from pathlib import Path

from dlcli.data.detection_set import DetectionSet
from dlcli.data.voc import read_voc
from dlcli.errors import DataError


def read_detection_set(folder: Path, split: str | None, labels: tuple[str, ...] | None = None) -> DetectionSet:
    """Read one split of a labelled folder, its layout found by looking.

    labels: the class names to number by (a model's); None: the data set's own.
    DataError where no layout fits or the split does not exist; it says what was looked for and what is there.
    """
    if (folder / "Annotations").is_dir():
        return read_voc(folder, split, labels)
    raise DataError(f"{folder}: no known layout")
