"""Labels in CSV: filename,label[,split], several labels of an image parted by "|"."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from dlcli.data.classes import ClassItem, ClassSet, number_classes
from dlcli.data.dataset import Item, Problem
from dlcli.data.files import no_split, read_text, stays_below
from dlcli.data.folders import files_in
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import listed, plural, short_repr

LOOKED_FOR = "a .csv with the columns filename,label[,split]"
SHOWN = 5  # names in a note
BETWEEN = "|"  # labels of one image
COLUMNS = {
    "filename": ("filename", "file", "file_name", "path", "image", "image_path", "picture", "name"),
    "label": ("label", "labels", "class", "classes", "category", "target"),
    "split": ("split", "set", "subset"),
}


@dataclass(frozen=True)
class Row:
    """One line: an image's name as it stands there, its labels, its split ("" for none).

    beyond: what stands behind the columns of the heading.
    """

    line: int
    name: str
    labels: tuple[str, ...]
    split: str
    beyond: tuple[str, ...] = ()


def read_class_csv(
    files: Mapping[str, Path],
    split: str | None,
    labels: tuple[str, ...] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> ClassSet:
    """Read one split of the CSV files, or all with None. Names of images are relative to their file's folder.

    files: as csv_files gives them. labels, aliases: see number_classes. A set where some image has several labels
    is multi-label, and an empty label then means none of the classes. DataError: no such split, or a class that
    `labels` lacks.
    """
    rows = {path: read_rows(path) for path in files.values()}
    splits = _splits(files, rows)
    first = next(iter(files.values()))
    if split is not None and split not in splits:
        raise no_split(first, split, splits, LOOKED_FOR)
    every = [row for found in rows.values() for row in found]
    multi = any(len(row.labels) > 1 for row in every)
    names = {label for row in every for label in row.labels}
    if not names:
        raise DataError(f"{first}: expected labels, found none in its {len(every)} lines")
    found, numbers = number_classes(names, labels, aliases, first)
    images: dict[Path, tuple[Row, ClassItem]] = {}
    problems: list[Problem] = []
    torn: set[Path] = set()
    for name, path in files.items():
        for row in rows[path]:
            if split not in (None, row.split or name):
                continue
            image = path.parent / row.name
            item = Item(image, tuple(sorted({numbers[word] for word in row.labels})), path)
            wrong = _wrong(row, multi)
            if not wrong and image in images and images[image][1].target != item.target:
                wrong = _contradiction(row, images[image][0])
                torn.add(image)
            if wrong:
                problems.append(Problem(path, f"line {row.line}: {wrong}", image if image in torn else None))
            else:
                images.setdefault(image, (row, item))
    source = first if len(files) == 1 else first.parent
    items = tuple(item for image, (_, item) in images.items() if image not in torn)
    listed_images = {path.parent / row.name for path, found_rows in rows.items() for row in found_rows}
    bare = [row.name for row in every if not row.split] if split is not None and len(files) == 1 else []
    notes = (*_without_split(source, bare), *_unlisted(source, listed_images))
    return ClassSet("csv", found, items, tuple(problems), source, multi, notes=notes)


def csv_files(place: Path) -> dict[str, Path]:
    """CSV files with a label column: {"": the file itself}, or right in a folder by their stems; {} for none."""
    if place.is_file():
        return {"": place}
    paths = [path for path in files_in(place, ".csv") if path.is_file()]
    fitting = [path for path in paths if _columns(_table(path)[:1]) is not None]
    if len(fitting) == 1:
        return {"": fitting[0]}
    return {path.stem: path for path in fitting}


def csv_splits(files: Mapping[str, Path]) -> list[str]:
    """The splits of the files: what their split column says, or the files' own names."""
    return _splits(files, {path: read_rows(path) for path in files.values()})


def read_rows(path: Path) -> list[Row]:
    """The lines of a CSV file; commas, semicolons or tabs between the columns, a heading or none.

    DataError: not text, or neither the columns nor an image's name and a label in the first line.
    """
    table = _table(path)
    columns = _columns(table[:1])
    if columns is None:
        raise DataError(f"{path}: expected {LOOKED_FOR}, got {short_repr(','.join(table[0]) if table else '')}")
    start, name, label, split = columns
    rows = []
    for number, cells in enumerate(table[start:], start + 1):
        if any(cells):
            words = tuple(word.strip() for word in _cell(cells, label).split(BETWEEN) if word.strip())
            beyond = tuple(filter(None, cells[len(table[0]) :]))
            rows.append(Row(number, _cell(cells, name), words, _cell(cells, split), beyond))
    return rows


def _columns(heading: list[list[str]]) -> tuple[int, int, int, int] | None:
    """(lines to skip, column of the name, of the label, of the split or -1); None where this is no such table."""
    if not heading:
        return None
    words = [cell.casefold() for cell in heading[0]]
    at = {key: next((words.index(name) for name in names if name in words), -1) for key, names in COLUMNS.items()}
    if at["filename"] >= 0 and at["label"] >= 0:
        return 1, at["filename"], at["label"], at["split"]
    if len(words) in (2, 3) and looks_like_image(heading[0][0]):
        return 0, 0, 1, 2 if len(words) == 3 else -1
    return None


def _table(path: Path) -> list[list[str]]:
    text = read_text(path)
    heading = text.partition("\n")[0]
    between = max(",;\t", key=heading.count)
    try:
        return [[cell.strip() for cell in cells] for cells in csv.reader(io.StringIO(text), delimiter=between)]
    except csv.Error as error:
        raise DataError(f"{path}: expected {LOOKED_FOR}; {error}") from error


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if 0 <= column < len(cells) else ""


def _splits(files: Mapping[str, Path], rows: Mapping[Path, list[Row]]) -> list[str]:
    names = {row.split or name for name, path in files.items() for row in rows[path]}
    return sorted(names - {""})


def _without_split(source: Path, names: Sequence[str]) -> tuple[str, ...]:
    """A note of lines that are in no split, of a file in which others are."""
    what = f"{plural(len(names), 'line')} without a split, read in none: {listed(names, SHOWN)}"
    return (f"{source}: {what}",) if names else ()


def _unlisted(source: Path, images: Collection[Path]) -> tuple[str, ...]:
    """A note of images beside those of the lines that no line names."""
    folders = sorted({image.parent for image in images})
    bare = [path for folder in folders for path in files_in(folder) if looks_like_image(path) and path not in images]
    names = listed((path.name for path in bare), SHOWN)
    return (f"{source}: {plural(len(bare), 'image')} that no line names, left out: {names}",) if bare else ()


def _contradiction(row: Row, before: Row) -> str:
    """Two lines of one image; which of them is right nobody can tell, or whether both are."""
    here, there = (BETWEEN.join(one.labels) for one in (row, before))
    both = f"{there}{BETWEEN}{here}"
    return f"{row.name} is {here} here and {there} in line {before.line}; if both, write {both} in one line"


def _wrong(row: Row, multi: bool) -> str | None:
    """What is wrong with a line, None for nothing."""
    if not stays_below(row.name):
        return f"expected an image's path below the file's folder, got {short_repr(row.name)}"
    if row.beyond:
        return (
            f"{row.name} has more cells than the columns: {listed(row.beyond)}; part labels of one image by {BETWEEN}"
        )
    if not row.labels and not multi:
        return f"{row.name} has no label"
    return None
