"""One page that holds all it shows: it asks nothing of any server, and its policy (CSP) forbids that it does.

The page works without its script too, which brings the filters alone. What it says is put together here, how it says
it is in assets/: Jinja2's templates, a style sheet and a script.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from dlcli.batch.reports.html.card import Card, card
from dlcli.batch.reports.html.templates import ASSETS, policy_of, templates_of
from dlcli.batch.reports.html.thumbnails import most_pixels
from dlcli.batch.reports.predictions import (
    BrokenGates,
    message_of,
    name_of,
    noun_of,
    predictions_of,
)
from dlcli.batch.reports.summary import RunSummary
from dlcli.console import Console
from dlcli.frozen import dataclass
from dlcli.imaging.drawing.palette import label_color, readable_on
from dlcli.messages import many, plural
from dlcli.tasks.answers import Record
from dlcli.tasks.registry import find_task

MOST_IMAGES = 2_000
MOST_FAILURES = 500
MOST_CHIPS = 24  # shown before "more" is asked for


@dataclass(frozen=True)
class Tile:
    """A number at the head of the page, and what it counts. kind: "good", "bad" or ""."""

    value: str
    name: str
    kind: str = ""


@dataclass(frozen=True)
class Chip:
    """A label that can be chosen, with how often it was found."""

    label: str
    count: int


@dataclass(frozen=True)
class FailedImage:
    kind: str
    name: str
    reason: str


def render(
    summary: RunSummary, records: Sequence[Record], out: Path | None = None, console: Console | None = None
) -> bytes:
    """UTF-8. out: the folder of the run's files; what a task made of an image is shown beside it.

    console: shows how far it has come, as images are read once more.
    """
    page = BytesIO()  # images make most of it, which are there once
    context = _context(summary, records, out, console or Console(quiet=True))
    for part in templates_of(ASSETS).get_template("page.html").generate(context):
        page.write(part.encode("utf-8", "replace"))
    return page.getvalue()


def chosen(records: Sequence[Record], broken: BrokenGates, most: int = MOST_IMAGES) -> list[Record]:
    """At most so many of the images that did not fail, in order; those that broke a gate stay longest."""
    whole = [record for record in records if record["ok"]]
    if len(whole) <= most:
        return whole
    best = sorted(range(len(whole)), key=lambda index: not broken.of(whole[index]))[:most]
    return [whole[index] for index in sorted(best)]


def _context(summary: RunSummary, records: Sequence[Record], out: Path | None, console: Console) -> dict[str, Any]:
    """What the templates ask for by name."""
    from markupsafe import Markup

    broken, task = BrokenGates(summary.gates), find_task(summary.task)
    shown = chosen(records, broken)
    chips = _chips(summary, shown)
    style = (ASSETS / "page.css").read_text("utf-8") + _color_rules([chip.label for chip in chips])
    script = (ASSETS / "page.js").read_text("utf-8")
    labels = {chip.label: number for number, chip in enumerate(chips)}
    return {
        "summary": summary,
        "task": task,
        "noun": noun_of(summary.task),
        "nouns": many(noun_of(summary.task)),
        "policy": policy_of(style, script),
        "style": Markup(style),
        "script": Markup(script),
        "headline": plural(summary.images, "image"),
        "tiles": _tiles(summary, _counted(summary.task, records)),
        "failed": [_failed(record) for record in records if not record["ok"]],
        "views": _views(summary, bool(chips), any(broken.of(record) for record in shown)),
        "chips": chips,
        "shown": len(shown),
        "whole": summary.images - summary.failures,
        "any_broke": bool(broken.by_name),
        "cards": _cards(summary, shown, labels, broken, out, console),
        "most_failures": MOST_FAILURES,
        "most_chips": MOST_CHIPS,
    }


def _cards(
    summary: RunSummary,
    shown: Sequence[Record],
    labels: dict[str, int],
    broken: BrokenGates,
    out: Path | None,
    console: Console,
) -> Iterator[Card]:
    """One at a time: no more than one image is in memory."""
    most = most_pixels(len(shown))
    with console.progress("html report", len(shown)) as bar:
        for record in shown:
            yield card(summary.task, record, labels, broken.of(record), out, most)
            bar.step()


def _chips(summary: RunSummary, shown: Sequence[Record]) -> list[Chip]:
    """The labels of the page, the most frequent first."""
    counts = Counter(prediction.label for record in shown for prediction in predictions_of(summary.task, record))
    return [Chip(label, count) for label, count in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]


def _counted(task: str, records: Sequence[Record]) -> int:
    """As the sentence counts: what was found in all images, of rankings the best alone; of what is made, the kinds."""
    found = find_task(task)
    if found.makes_images:
        return len({prediction.label for record in records for prediction in predictions_of(task, record)})
    return sum(len(found.counted(record)) for record in records if record["ok"])


def _tiles(summary: RunSummary, predictions: int) -> list[Tile]:
    broken = sum(gate.broken for gate in summary.gates)
    tiles = []
    if predictions:
        tiles.append(Tile(*plural(predictions, noun_of(summary.task)).split(" ", 1)))
    if summary.failures:
        tiles.append(Tile(f"{summary.failures:,}", "failed", "bad"))
    if summary.skipped:
        tiles.append(Tile(f"{sum(summary.skipped.values()):,}", "not looked at", "bad"))
    if summary.gates:
        tiles.append(Tile(f"{broken} of {len(summary.gates)}", "gates failed", "bad" if broken else "good"))
    return tiles


def _failed(record: Record) -> FailedImage:
    return FailedImage(record["error"]["kind"], name_of(record), message_of(record))


def _views(summary: RunSummary, any_found: bool, any_broke: bool) -> list[tuple[str, str]]:
    """(value, text) of the choices which images to see."""
    views = [("all", "All")]
    if any_found and not find_task(summary.task).makes_images:  # where every image has one
        views += [("with", f"With {many(noun_of(summary.task))}"), ("without", "Without")]
    return [*views, ("broke", "Failed a gate")] if any_broke else views


def _color_rules(labels: Sequence[str]) -> str:
    """The color of each label, by its number in the page, as in every drawing."""
    colors = enumerate(map(label_color, labels))
    return "\n".join(f".c{i}{{--c:{_hex(color)};--on:{_hex(readable_on(color))}}}" for i, color in colors) + "\n"


def _hex(color: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
