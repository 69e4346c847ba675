"""What an image's card in the page shows: its thumbnail, its name, what was found, which gates it broke."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dlcli.batch.reports.html.stage import Marked, Stage, stage
from dlcli.batch.reports.html.thumbnails import output_thumbnail, thumbnail_of
from dlcli.batch.reports.predictions import Broken, name_of, one_line, predictions_of
from dlcli.frozen import dataclass
from dlcli.tasks.answers import Record


@dataclass(frozen=True)
class Row:
    """A line of the list of what was found. value: as text, "" for none."""

    item: Marked
    value: str


@dataclass(frozen=True)
class Card:
    """size: (width, height) of the image in pixels. more: what else is to be said of it. after: what a task made."""

    name: str
    size: tuple[int, int]
    more: tuple[str, ...]
    broken: Sequence[Broken]
    rows: tuple[Row, ...]
    before: Stage
    after: Stage | None

    @property
    def noted(self) -> bool:
        return any(row.item.prediction.note for row in self.rows)


def card(
    task: str,
    record: Record,
    labels: Mapping[str, int],
    broken: Sequence[Broken],
    out: Path | None,
    most: tuple[int, int],
) -> Card:
    """labels: the number of each label in the page. out: where the run's files are, None if there are none.

    most: see thumbnails.most_pixels.
    """
    found = [
        Marked(number, labels[prediction.label], prediction)
        for number, prediction in enumerate(predictions_of(task, record))
    ]
    name, size = name_of(record), (record.get("width", 1), record.get("height", 1))
    listed = ", ".join(item.prediction.note or item.prediction.shown() for item in found) or "nothing found"
    made = output_thumbnail(record, out, most)
    before = stage(thumbnail_of(record, most), size, found, f"{name}: {listed}" if made is None else f"{name}, before")
    after = None if made is None else stage(made, (made.width, made.height), (), f"{name}, after")
    rows = tuple(Row(item, item.prediction.shown_value()) for item in found)
    return Card(name, size, _more(record), broken, rows, before, after)


def _more(record: Record) -> tuple[str, ...]:
    crop = record.get("crop")
    parts = [f"part of the image, {one_line(crop['label'])}"] if crop else []
    if record.get("truncated"):
        parts.append("cut by --max-det")
    if record.get("sorted_to"):
        parts.append(f"sorted to {one_line(record['sorted_to'])}")
    return tuple(parts)
