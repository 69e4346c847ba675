"""The lines of YOLO's label files as words, and what they mean for the set as a whole."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcli.data.files import LARGEST_FILE, read_text
from dlcli.data.yolo.data_yaml import read_keys
from dlcli.data.yolo.files import yolo_yaml
from dlcli.errors import DataError
from dlcli.messages import listed, plural, short_repr

FARTHEST = 100.0  # no box is a hundred images away; what is only a little outside, check_dataset names
BOX = 4  # numbers of a box: cx cy width height
Words = list[str]
Rows = Mapping[Path, "list[tuple[int, Words]] | DataError"]  # by label file, its lines by their number from 1
_CLASS = re.compile(r"\d{1,6}(\.0*)?(e[+-]?0+)?", re.IGNORECASE)  # 0, 0.0 and what numpy.savetxt writes


@dataclass(frozen=True)
class Meaning:
    """points, numbers: of a pose row, how many key points and numbers each; 0 where the set is none of poses.

    tracked: a number behind the box is the id of a track, not a score.
    """

    points: int = 0
    numbers: int = 0
    tracked: bool = False

    @property
    def pose(self) -> int:
        """How many numbers follow the class in a row with key points."""
        return BOX + self.points * self.numbers


def read_rows(labels: Iterable[Path]) -> Rows:
    """Of each label file; one that is not there has none."""
    return {label: _rows_of(label) for label in labels}


def meaning_of(place: Path, rows: Rows) -> tuple[Meaning, tuple[str, ...]]:
    """What the numbers behind a box mean, decided by data.yaml and by all the rows; and what is to be said of it."""
    points, numbers = _kpt_shape(place)
    lines = [words for found in rows.values() if not isinstance(found, DataError) for _, words in found]
    pose = BOX + points * numbers
    sixth = [words[5] for words in lines if len(words) == BOX + 2 and not (points and pose == BOX + 1)]
    tracked = bool(sixth) and _are_whole(sixth)
    notes = []
    if tracked:
        count = plural(len(sixth), "line")
        notes.append(f"{place}: the sixth column holds whole numbers in all {count}: track ids, not scores")
    if points and any(len(words) == 1 + pose for words in lines):
        notes.append(f"{place}: {points} key points of {numbers} numbers follow each box (kpt_shape); boxes are used")
    return Meaning(points, numbers, tracked), tuple(notes)


def class_number(word: str, number: int, names: tuple[str, ...]) -> int:
    """The class of a line; number: of the line, for messages. DataError: it is none of the set's."""
    if _CLASS.fullmatch(word) and int(float(word)) < len(names):
        return int(float(word))
    known = listed(f"{index} {name}" for index, name in enumerate(names))
    raise DataError(f"line {number}: unknown class {short_repr(word)}; known: {known}")


def parts(words: Iterable[str], number: int) -> list[float]:
    """Numbers in parts of the image. DataError: one is no such number."""
    return [_part(word, number) for word in words]


def _rows_of(label: Path) -> "list[tuple[int, Words]] | DataError":
    if not label.is_file():
        return []
    try:
        lines = enumerate(read_text(label, LARGEST_FILE).splitlines(), 1)
        return [(number, line.split()) for number, line in lines if line.strip()]
    except DataError as error:
        return DataError(str(error).removeprefix(f"{label}: "))


def _kpt_shape(place: Path) -> tuple[int, int]:
    """(key points, numbers each) of data.yaml, zeros where it has none. DataError: they are no such numbers."""
    config = yolo_yaml(place)
    value: Any = None if config is None else read_keys(config, ("kpt_shape",)).get("kpt_shape")
    if value is None:
        return 0, 0
    if not isinstance(value, list) or len(value) != 2 or not all(str(word).isdecimal() for word in value):
        raise DataError(f"{config}: kpt_shape: expected two numbers, such as [17, 3], got {short_repr(value)}")
    points, numbers = (int(str(word)) for word in value)
    if numbers not in (2, 3):
        raise DataError(f"{config}: kpt_shape: expected 2 or 3 numbers a point, got {numbers}")
    return points, numbers


def _are_whole(words: list[str]) -> bool:
    """Whether all are whole numbers: 3 or 3e0, or 3.0 among some above 1, since 1.0 alone may be a score."""
    try:
        values = [float(word) for word in words]
    except ValueError:
        return False
    plain = all(word.isdecimal() or "e" in word.casefold() for word in words)
    return all(value.is_integer() for value in values) and (plain or max(values) > 1)


def _part(word: str, number: int) -> float:
    try:
        value = float(word)
    except ValueError:
        value = FARTHEST + 1
    if not abs(value) <= FARTHEST:
        raise DataError(f"line {number}: expected a part of the image, 0 to 1, got {short_repr(word)}")
    return value
