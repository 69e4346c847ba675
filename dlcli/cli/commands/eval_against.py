"""`dlcli eval --against MODEL`: several models in one table a metric."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dlcli.cli.commands.eval_gates import RESAMPLES, EvalGates
from dlcli.cli.commands.eval_text import changed, columns, shown, spanned
from dlcli.console import Console
from dlcli.evaluation.metric_names import MetricNames
from dlcli.evaluation.tables import TableLayout

if TYPE_CHECKING:
    from dlcli.evaluation.against import Bounds, Rival
    from dlcli.evaluation.evaluate import Evaluation


def held_against(
    done: "Evaluation[Any]", others: Sequence["Evaluation[Any]"], gates: EvalGates, console: Console
) -> "list[Rival]":
    """The first is `done` itself. DataError: they were scored on other images."""
    from dlcli.evaluation.against import rivals

    options = gates.options
    resamples = RESAMPLES if options.bootstrap is None else options.bootstrap
    with console.progress("resampling") as bar:
        return rivals([done, *others], tuple(gates.metrics.means), resamples, options.seed, bar.at)


def show_against(rivals: "Sequence[Rival]", layout: TableLayout, metrics: MetricNames, console: Console) -> None:
    """A table a metric: a line a model."""
    for name in layout.means if rivals else ():
        titles = [metrics.means[name], "score", "95 %", "more", "95 % of more"]
        rows = [
            [
                *(one.model, shown(one.scores[name]), _span(one.intervals.get(name))),
                *(("", "") if one is rivals[0] else (changed(one.more[name]), _span(one.more_intervals.get(name)))),
            ]
            for one in rivals
        ]
        console.line("")
        columns(console, titles, rows)


def _span(bounds: "Bounds | None") -> str:
    known = [value for value in bounds or () if value is not None]
    return spanned(known if len(known) == 2 else None)
