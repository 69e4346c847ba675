"""The label files of a split with what they say, before anybody asks whether it is boxes or polygons."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dlcli.data.dataset import Problem
from dlcli.data.yolo.data_yaml import read_keys
from dlcli.data.yolo.files import lacks_test, yolo_names, yolo_pairs, yolo_splits, yolo_yaml
from dlcli.data.yolo.rows import Meaning, Rows, Words, meaning_of, read_rows
from dlcli.data.yolo.unmet import Pair, unmet_labels
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import plural, short_repr


@dataclass(frozen=True)
class LabelFiles:
    """names: of the classes. pairs: without the images that are left out. problems, notes: of the set so far."""

    names: tuple[str, ...]
    pairs: tuple[Pair, ...]
    rows: Rows
    meaning: Meaning
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def __iter__(self) -> "Iterator[tuple[Pair, list[tuple[int, Words]] | DataError]]":
        """Each pair and the lines of its label file."""
        return ((pair, self.rows[pair[1]]) for pair in self.pairs)


def read_label_files(place: Path, split: str | None, image_dir: Path | None) -> LabelFiles:
    """image_dir: where the images lie, if not in the set. DataError: see boxes.read_yolo."""
    names = yolo_names(place)
    pairs = yolo_pairs(place, split, image_dir)
    unmet = unmet_labels(place, pairs if image_dir is None else ())
    rows = read_rows(label for _, label, _ in pairs)
    meaning, notes = meaning_of(place, rows, lambda: _other_rows(place, split))
    kept = tuple(pair for pair in pairs if pair[0] not in unmet.left_out)
    said = (*notes, *unmet.notes, *_of_yaml(place, len(names)))
    return LabelFiles(names, kept, rows, meaning, unmet.problems, said)


def _of_yaml(place: Path, count: int) -> Iterator[str]:
    """What the YAML says that is not so."""
    if lacks_test(place):
        yield f"{place}: its YAML names a split test, which is not there"
    config = yolo_yaml(place)
    stated = None if config is None else read_keys(config, ("nc",)).get("nc")
    if stated is not None and stated != str(count):
        yield f"{config}: nc is {short_repr(stated)}, and names has {plural(count, 'class')}; names counts"


def _other_rows(place: Path, split: str | None) -> Iterator[Rows]:
    """Of each other split that can be read."""
    for other in yolo_splits(place) if split is not None else ():
        if other != split:
            with suppress(DataError):
                yield read_rows(label for _, label, _ in yolo_pairs(place, other))
