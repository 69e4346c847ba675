"""A picture's card in the page: its thumbnail, its name, what was found, which gates it broke."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.html.boxes import marks, stage
from dlcli.batch.reports.html.thumbnails import output_thumbnail, thumbnail_of
from dlcli.batch.reports.predictions import name_of, one_line, predictions_of
from dlcli.tasks.answers import SCORE, Prediction, Record
from dlcli.tasks.registry import find_task


def card(task: str, record: Record, labels: Mapping[str, int], broken: Sequence[GateOutcome], out: Path | None) -> str:
    """labels: the number of each label in the page. out: where the run's files are, None if there are none."""
    finds = [(number, labels[find.label], find) for number, find in enumerate(numbered(task, record, labels))]
    name, size = name_of(record), (record.get("width", 1), record.get("height", 1))
    told = ", ".join(find.note or find.shown() for _, _, find in finds) or "nothing found"
    after = output_thumbnail(record, out)
    before = stage(thumbnail_of(record), size, finds, f"{name}: {told}" if after is None else f"{name}, before")
    kind = "card" if after is None else "card pair"
    figure = before
    if after is not None:
        second = stage(after, (after.width, after.height), (), f"{name}, after")
        figure = f"{_captioned(before, 'before')}{_captioned(second, 'after')}"
    return (
        f'<li class="{kind}{" broke" if broken else ""}"><div class="figure">{figure}</div><div class="text">'
        f"<h3>{path_shown(name)}</h3>"
        f'<p class="size">{size[0]:,} × {size[1]:,}{_extra(record)}</p>'
        f"{''.join(_gate(gate) for gate in broken)}{_list(task, finds)}</div></li>\n"
    )


def numbered(task: str, record: Record, labels: Mapping[str, int]) -> list[Prediction]:
    """The finds; where a task knows no class ids, the labels' numbers serve, so that each has its colour."""
    found = predictions_of(task, record)
    if find_task(task).makes_images:
        return [replace(find, class_id=labels[find.label]) for find in found]
    return found


def path_shown(name: str) -> str:
    """The name with its folders apart, so that the eye finds what differs."""
    folder, sign, last = name.rpartition("/")
    return f'<bdi><span class="dir">{escape(folder + sign)}</span>{escape(last)}</bdi>'


def value_shown(task: str, value: float) -> str:
    """Scores as 0.90, shares as 82%."""
    if find_task(task).value_name == SCORE:
        return f"{value:.2f}"
    return f"{value:.0%}" if value >= 0.01 else "&lt; 1%"


def _captioned(svg: str, text: str) -> str:
    return f'<figure>{svg}<figcaption aria-hidden="true">{text}</figcaption></figure>'


def _extra(record: Record) -> str:
    crop = record.get("crop")
    parts = [f"part of the picture, {one_line(crop['label'])}"] if crop else []
    if record.get("truncated"):
        parts.append("cut by --max-det")
    if record.get("sorted_to"):
        parts.append(f"sorted to {one_line(record['sorted_to'])}")
    return "".join(f" · {escape(part)}" for part in parts)


def _gate(gate: GateOutcome) -> str:
    return f'<p class="why"><b>breaks</b> <code>{escape(one_line(f"{gate.option} {gate.text}"))}</code></p>'


def _list(task: str, finds: Sequence[tuple[int, int, Prediction]]) -> str:
    if not finds:
        return "" if find_task(task).makes_images else '<p class="none">nothing found</p>'
    kind = "finds bars" if find_task(task).ranked else "finds"
    kind += " notes" if any(find.note for _, _, find in finds) else ""
    scrolled = ' tabindex="0" aria-label="what was found"' if len(finds) > 12 else ""
    rows = "".join(_row(task, number, label, find) for number, label, find in finds)
    return f'<ul class="{kind}"{scrolled}>{rows}</ul>'


def _row(task: str, number: int, label: int, find: Prediction) -> str:
    value = "" if find.value is None else f' <span class="v">{value_shown(task, find.value)}</span>'
    bar = ""
    if find_task(task).ranked:
        bar = (
            '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect class="track" width="100" height="4"/><rect class="fill" width="{100 * (find.value or 0):.1f}" '
            'height="4"/></svg>'
        )
    note = f' <span class="note">{escape(one_line(find.note))}</span>' if find.note else ""
    return (
        f'<li class="c{find.class_id}" {marks(number, label, find)}><i class="dot"></i>'
        f'<span class="l">{escape(one_line(find.label))}</span>{value}{bar}{note}</li>'
    )
