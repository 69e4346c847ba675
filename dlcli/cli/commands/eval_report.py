"""The end of every `dlcli eval` command: scores for people or programs, what changed, and gates as an exit code."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from dlcli.cli.commands.eval_gates import EvalGates, interval_of
from dlcli.cli.commands.eval_text import changed, columns, shown, spanned
from dlcli.console import GOOD, Console
from dlcli.errors import ExitCode
from dlcli.evaluation.metric_names import MetricNames, class_of, value_of
from dlcli.evaluation.tables import TABLES, TableLayout, rounded
from dlcli.tasks.eval_options import EvalOptions

if TYPE_CHECKING:
    from dlcli.evaluation.evaluate import Evaluation


def summary(done: "Evaluation[Any]", figures: MetricNames, options: EvalOptions) -> dict[str, Any]:
    """An Evaluation as JSON values. A figure without a value is null."""
    scores, table = done.scores, TABLES[done.kind.name]
    head = {"schema": figures.schema, "model": done.model, "data": str(options.data), "split": options.split}
    settings = {name: value for name, value in options.settings().items() if value is not None}
    means = {name: rounded(getattr(scores, name)) for name in figures.means}
    entries = [
        {**entry, **{name: rounded(getattr(scores, name)[place]) for name in figures.of_a_class}}
        for place, entry in enumerate(table.classes(done))
    ]
    more = table.more(done)
    return head | {"images": scores.images} | settings | means | {"classes": entries} | more


def conclude(
    done: "Evaluation[Any]", now: dict[str, Any], demands: EvalGates, layout: TableLayout, console: Console
) -> None:
    """Tell the scores of an Evaluation. now: its summary. typer.Exit(GATE): a gate broke."""
    more, outcomes = demands.answers(done, now, console)
    if demands.options.json:
        console.data(json.dumps(now | more, separators=(",", ":")))
    else:
        show(now, more, demands, layout, console)
    for one in outcomes:
        console.error(one.sentence()) if one.broken else console.say(one.sentence(), GOOD)
    if any(one.broken for one in outcomes) and not demands.options.exit_zero:
        raise typer.Exit(ExitCode.GATE)


def show(
    now: Mapping[str, Any], more: Mapping[str, Any], demands: EvalGates, layout: TableLayout, console: Console
) -> None:
    """Tables for people: plain, or with what was before and the intervals where these were asked for."""
    figures = demands.figures
    if demands.before is None and not demands.resamples:
        titles = ["class", layout.amount, *(figures.of_a_class[name] for name in layout.of_a_class)]
        rows = [
            [entry["label"], f"{entry[figures.amount]:,}", *(shown(entry[name]) for name in layout.of_a_class)]
            for entry in now["classes"]
        ]
        columns(console, titles, rows)
        for name in layout.means:
            console.line(f"{figures.means[name]}: {shown(now[name])}")
    else:
        labels = [entry["label"] for entry in more.get("differences", now)["classes"]]
        for name in _figures_shown(demands):
            rows = [[label, *_cells(now, more, demands, name, label)] for label in labels]
            columns(console, [figures.of_a_class[name], *_titles(demands)], rows)
            console.line("")
        rows = [[figures.means[name], *_cells(now, more, demands, name)] for name in layout.means]
        columns(console, ["all", *_titles(demands)], rows)
    if demands.before is not None:
        console.line(f"before: {demands.before['model']}, from {demands.options.baseline}")
    console.line(layout.closing)


def _figures_shown(demands: EvalGates) -> list[str]:
    """The figures of a class that the gates are on, or that explain those that they are on; else the first."""
    class_of_mean = demands.figures.class_of
    asked = [class_of_mean.get(gate.figure, gate.figure) for gate in demands.gates]
    return list(dict.fromkeys(asked)) or [next(iter(demands.figures.of_a_class))]


def _titles(demands: EvalGates) -> list[str]:
    before = ["before", "now", "difference"] if demands.before is not None else ["now"]
    return [*before, *(["95 % of now"] if demands.resamples else [])]


def _cells(
    now: Mapping[str, Any], more: Mapping[str, Any], demands: EvalGates, name: str, label: str | None = None
) -> list[str]:
    """Of a figure, under `_titles`."""
    cells = [shown(value_of(now, name, label))]
    if demands.before is not None:
        place = more["differences"]["means"] if label is None else class_of(more["differences"], label) or {}
        cells = [shown(value_of(demands.before, name, label)), *cells, changed(place.get(name))]
    return [*cells, *([spanned(interval_of(more, name, label))] if demands.resamples else [])]
