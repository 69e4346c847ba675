"""The data of a training: read, checked file by file, and refused before the first step where it is bad."""

from pathlib import Path

from dlcli.data.check import check_detection_set, listed_problems, refusal, without
from dlcli.data.detection_set import DetectionSet
from dlcli.data.layouts import read_detection_set
from dlcli.errors import DataError
from dlcli.training.log import TrainingReport


def checked_set(
    folder: Path, split: str, labels: tuple[str, ...] | None, skip_bad: bool, report: TrainingReport
) -> DetectionSet:
    """The split of the set. Bad files are named; they raise DataError (exit 5), or are left out with skip_bad."""
    data = read_detection_set(folder, split, labels)
    with report.bar(f"checking {split}", len(data.pictures)) as bar:
        problems = check_detection_set(data, progress=bar.at)
    if not problems:
        return data
    if not skip_bad:
        raise refusal(folder, problems, f" in {split}")
    for line in listed_problems(problems):
        report.say(f"left out: {line}")
    kept = without(data, problems)
    if not any(len(picture.xyxy) for picture in kept.pictures):
        raise DataError(f"{folder}: not one box in the pictures of {split} that are left; fix the files above")
    return kept
