"""The lines of YOLO's label files as words, and what they mean for the set as a whole."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dlcli.data.files import LARGEST_FILE, read_text
from dlcli.data.yolo.data_yaml import read_keys
from dlcli.data.yolo.files import yolo_yaml
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import listed, plural, short_repr

FARTHEST = 100.0  # no box is a hundred images away; what is only a little outside, check_dataset names
BOX = 4  # numbers of a box: cx cy width height
Words = list[str]
Rows = Mapping[Path, "list[tuple[int, Words]] | DataError"]  # by label file, its lines by their number from 1
_NEAR = 0.02  # of the image's side, that a tracker's box may reach out
_CLASS = re.compile(r"\d{1,6}(\.0*)?(e[+-]?0+)?", re.IGNORECASE)  # 0, 0.0 and what numpy.savetxt writes


@dataclass(frozen=True)
class Meaning:
    """points, numbers: of a pose row, how many key points and numbers each; 0 where the set is none of poses.

    tracked: a number behind the box is the id of a track, not a score. scored_tracks: a score and a track's id follow
    the box, where three corners of a polygon would take as many numbers.
    """

    points: int = 0
    numbers: int = 0
    tracked: bool = False
    scored_tracks: bool = False

    @property
    def pose(self) -> int:
        """How many numbers follow the class in a row with key points."""
        return BOX + self.points * self.numbers


def read_rows(labels: Iterable[Path]) -> Rows:
    """Of each label file; one that is not there has none."""
    return {label: _rows_of(label) for label in labels}


def meaning_of(place: Path, rows: Rows, others: Callable[[], Iterable[Rows]]) -> tuple[Meaning, tuple[str, ...]]:
    """What the numbers behind a box mean, decided by data.yaml and by all the rows; and what is to be said of it.

    others: reads those of the other splits, which is asked where the rows alone look like tracks. DataError: the rows
    look like poses, and data.yaml does not say so.
    """
    points, numbers = _kpt_shape(place)
    lines = _lines(rows)
    pose = BOX + points * numbers
    notes = []
    if _track_words(lines, pose, points) or _scored_track_words(lines, pose, points):
        lines = [*lines, *(words for more in others() for words in _lines(more))]
    tracks, scored = _track_words(lines, pose, points), _scored_track_words(lines, pose, points)
    if tracks:
        notes.append(f"{place}: the sixth column holds whole numbers in all {_count(tracks)}: track ids, not scores")
    if scored:
        what = "a score and a track's id follow the box, since whole numbers stand last"
        notes.append(f"{place}: in all {_count(scored)} of seven numbers {what}")
    if points and any(len(words) == 1 + pose for words in lines):
        each = plural(points, "key point")
        notes.append(f"{place}: {each} of {numbers} numbers follow each box (kpt_shape); boxes are used")
    if not points:
        _refuse_poses(place, lines)
    return Meaning(points, numbers, bool(tracks), bool(scored)), tuple(notes)


def _lines(rows: Rows) -> list[Words]:
    return [words for found in rows.values() if not isinstance(found, DataError) for _, words in found]


def _count(words: list[str]) -> str:
    return plural(len(words), "line")


def _track_words(lines: list[Words], pose: int, points: int) -> list[str]:
    """The sixth column, where it holds track ids; else []."""
    sixth = [words[5] for words in lines if len(words) == BOX + 2 and not (points and pose == BOX + 1)]
    return sixth if sixth and _are_whole(sixth) else []


def _scored_track_words(lines: list[Words], pose: int, points: int) -> list[str]:
    """The seventh column, where rows are `class cx cy w h score track`, as trackers write them; else []."""
    longer = [words for words in lines if len(words) > BOX + 2]
    if not longer or any(len(words) != BOX + 3 for words in longer) or (points and pose == BOX + 2):
        return []
    seventh = [words[6] for words in longer]
    return seventh if _are_whole(seventh) and all(_begins_with_box(words) for words in longer) else []


def _refuse_poses(place: Path, lines: list[Words]) -> None:
    """DataError: rows that end in triples whose last is 0, 1 or 2, as key points with their visibility do."""
    longer = [words for words in lines if len(words) > BOX + 3]
    length = len(longer[0]) if longer else 0
    triples = (length - 1 - BOX) // 3
    if not longer or (length - 1 - BOX) % 3 or any(len(words) != length for words in longer):
        return
    seen = {word for words in longer for word in words[BOX + 3 :: 3]}
    if seen <= {"0", "1", "2", "0.0", "1.0", "2.0"} and all(_begins_with_box(words) for words in longer):
        raise DataError(
            f"{place}: its rows look like boxes with {plural(triples, 'key point')} of 3 numbers, where polygons would "
            f"stand; write kpt_shape: [{triples}, 3] into data.yaml, or leave the key points out"
        )


def _begins_with_box(words: Words) -> bool:
    """Whether the four numbers behind the class are a box in the image."""
    try:
        cx, cy, w, h = (float(word) for word in words[1 : 1 + BOX])
    except ValueError:
        return False
    sides = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
    return w > 0 and h > 0 and all(-_NEAR <= side <= 1 + _NEAR for side in sides)


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
