"""The end of every `dlcli eval` command: scores for people or programs, what changed, and gates as an exit code."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from dlcli.cli.commands.eval_against import held_against, show_against
from dlcli.cli.commands.eval_gates import EvalGates, interval_of
from dlcli.cli.commands.eval_text import changed, columns, shown, spanned
from dlcli.console import GOOD, Console
from dlcli.errors import ExitCode
from dlcli.evaluation.metric_names import MetricNames, class_of, value_of
from dlcli.evaluation.tables import TABLES, TableLayout, rounded
from dlcli.tasks.eval_options import EvalOptions

if TYPE_CHECKING:
    from dlcli.evaluation.evaluate import Evaluation


def summary(done: "Evaluation[Any]", metrics: MetricNames, options: EvalOptions) -> dict[str, Any]:
    """An Evaluation as JSON values. A metric without a value is null."""
    scores, table = done.scores, TABLES[done.kind.name]
    head = {"schema": metrics.schema, "model": done.model, "data": str(options.data), "split": options.split}
    settings = {name: value for name, value in options.settings().items() if value is not None}
    means = {name: rounded(getattr(scores, name)) for name in metrics.means}
    entries = [
        {**entry, **{name: rounded(getattr(scores, name)[place]) for name in metrics.of_a_class}}
        for place, entry in enumerate(table.classes(scores, done.labels))
    ]
    more = table.more(done)
    return head | {"images": scores.images} | settings | means | {"classes": entries} | more


def conclude(
    done: "Evaluation[Any]",
    now: dict[str, Any],
    gates: EvalGates,
    layout: TableLayout,
    console: Console,
    others: Sequence["Evaluation[Any]"] = (),
) -> None:
    """Tell the scores of an Evaluation. now: its summary. others: of the models that it is held against.

    typer.Exit(GATE): a gate broke. DataError: the others were scored on other images.
    """
    more, outcomes = gates.answers(done, now, console)
    rivals = held_against(done, others, gates, console) if others else []
    more |= {"against": [one.to_dict() for one in rivals[1:]]} if rivals else {}
    if gates.options.json:
        console.data(json.dumps(now | more, separators=(",", ":")))
    else:
        show(now, more, gates, layout, console)
        show_against(rivals, layout, gates.metrics, console)
    for one in outcomes:
        console.error(one.sentence()) if one.broken else console.say(one.sentence(), GOOD)
    if any(one.broken for one in outcomes) and not gates.options.exit_zero:
        raise typer.Exit(ExitCode.GATE)


def show(
    now: Mapping[str, Any], more: Mapping[str, Any], gates: EvalGates, layout: TableLayout, console: Console
) -> None:
    """Tables for people: plain, or with what was before and the intervals where these were asked for."""
    metrics = gates.metrics
    if gates.before is None and not gates.resamples:
        titles = ["class", layout.amount, *(metrics.of_a_class[name] for name in layout.of_a_class)]
        rows = [
            [entry["label"], f"{entry[metrics.amount]:,}", *(shown(entry[name]) for name in layout.of_a_class)]
            for entry in now["classes"]
        ]
        columns(console, titles, rows)
        for name in layout.means:
            console.line(f"{metrics.means[name]}: {shown(now[name])}")
    else:
        labels = [entry["label"] for entry in more.get("differences", now)["classes"]]
        for name in _metrics_shown(gates):
            rows = [[label, *_cells(now, more, gates, name, label)] for label in labels]
            columns(console, [metrics.of_a_class[name], *_titles(gates)], rows)
            console.line("")
        rows = [[metrics.means[name], *_cells(now, more, gates, name)] for name in layout.means]
        columns(console, ["all", *_titles(gates)], rows)
    if gates.before is not None:
        console.line(f"before: {gates.before['model']}, from {gates.options.baseline}")
    console.line(layout.last_line)


def _metrics_shown(gates: EvalGates) -> list[str]:
    """The metrics of a class that the gates are on, or that explain those that they are on; else the first."""
    class_of_mean = gates.metrics.class_of
    asked = [class_of_mean.get(gate.metric, gate.metric) for gate in gates.score_gates]
    return list(dict.fromkeys(asked)) or [next(iter(gates.metrics.of_a_class))]


def _titles(gates: EvalGates) -> list[str]:
    before = ["before", "now", "difference"] if gates.before is not None else ["now"]
    return [*before, *(["95 % of now"] if gates.resamples else [])]


def _cells(
    now: Mapping[str, Any], more: Mapping[str, Any], gates: EvalGates, name: str, label: str | None = None
) -> list[str]:
    """Of a metric, under `_titles`."""
    cells = [shown(value_of(now, name, label))]
    if gates.before is not None:
        place = more["differences"]["means"] if label is None else class_of(more["differences"], label) or {}
        cells = [shown(value_of(gates.before, name, label)), *cells, changed(place.get(name))]
    return [*cells, *([spanned(interval_of(more, name, label))] if gates.resamples else [])]
