"""The part of a labelled set that can be scored: bad files stop the evaluation, or are left out one by one."""

from collections.abc import Callable

from dlcli.data.check import check_detection_set, refusal, without
from dlcli.data.detection_set import DetectionSet

Say = Callable[[str], None]


def usable_set(data: DetectionSet, say: Say | None = None) -> DetectionSet:
    """The set without its bad files: those the reader could not use, missing pictures, boxes outside their picture.

    Only headers are read. say: is told of each file left out; None: DataError (exit 5) names the files.
    """
    problems = check_detection_set(data, decode=False)
    if not problems:
        return data
    if say is None:
        raise refusal(data.source, problems)
    for problem in problems:
        say(f"left out: {problem}")
    return without(data, problems)
