"""The data of a detector's training: boxes, of which some must be left."""

from pathlib import Path

from dlcli.data.boxes import BoxSet
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from dlcli.training.data import read_checked
from dlcli.training.log import TrainingReport


def checked_set(
    folder: Path, split: str, labels: tuple[str, ...] | None, skip_bad: bool, report: TrainingReport
) -> BoxSet:
    """See read_checked. DataError: bad files, or no box in those that are left."""
    kept = read_checked(BOXES, folder, split, labels, skip_bad, report)
    if BOXES.lack(kept):
        raise DataError(f"{folder}: not one box in the images of {split} that are left; fix the files above")
    return kept
