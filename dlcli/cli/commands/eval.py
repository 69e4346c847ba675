"""`dlcli eval ...`: a command for each task that has a kind of labels. Light: no torch."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from dlcli.cli.build import add_command
from dlcli.console import Console
from dlcli.errors import MissingError, UsageError
from dlcli.evaluation.metric_names import MetricNames, metric_names_of
from dlcli.tasks.contract import Task
from dlcli.tasks.eval_options import EvalOptions
from dlcli.tasks.registry import all_tasks, import_name

if TYPE_CHECKING:
    from dlcli.evaluation.evaluate import Evaluation


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="eval", help="Score a model on a labeled set.")
    for task in all_tasks().values():
        if task.kind is not None:
            options, metrics = import_name(task.eval_options), metric_names_of(task.name, task.kind)
            text = f"{options.summary}\n\n{metrics.help}"
            add_command(group, task.name, text, (options,), _command(task, metrics), options.examples)


def _command(task: Task, metrics: MetricNames) -> Callable[[EvalOptions], None]:
    def body(options: EvalOptions) -> None:
        from dlcli.cli.commands.eval_gates import read_eval_gates

        gates = read_eval_gates(options, metrics)
        from dlcli.cli.commands.eval_report import conclude, summary
        from dlcli.evaluation.confusion_plot import need_matplotlib
        from dlcli.evaluation.evaluate import evaluate
        from dlcli.evaluation.tables import TABLES

        console, plots = Console(options.quiet), options.plots_folder()
        if plots:
            need_matplotlib("--plots")
            _check_plots(task, plots)
        rivals = _rivals(task, options)
        aliases, say = options.aliases(), console.error if options.skip_bad else None

        def score(options: EvalOptions, note: str = "") -> "Evaluation[Any]":
            with console.progress(f"scoring {options.split}{note}") as bar:
                return evaluate(
                    *(task, options.predictor_options(task.options), options.data, options.split, aliases),
                    *(options.threads or None, say, bar.at, gates.check_labels),
                    *(console.say, options.clips()),
                )

        done = score(options)
        others = [score(one, f" by {one.model}") for one in rivals]
        if plots:
            _write_plots(done, options, console)
        now, layout = summary(done, metrics, options), TABLES[done.kind.name].layout(done)
        conclude(done, now, gates, layout, console, others)

    return body


def _rivals(task: Task, options: EvalOptions) -> list[EvalOptions]:
    """Options for each model of --against, each of which can be opened; errors name that option."""
    found = [replace(options, model=name) for name in options.against or ()]
    for one in found:
        try:
            task.load(one.predictor_options(task.options), 1, 1)
        except (MissingError, UsageError) as error:
            raise type(error)(str(error).replace("--model ", "--against ", 1)) from error
    return found


def _check_plots(task: Task, folder: Path) -> None:
    from dlcli.evaluation.plots import check_plots

    if task.kind is not None:
        check_plots(task.kind, folder)


def _write_plots(done: Any, options: EvalOptions, console: Console) -> None:
    from dlcli.evaluation.plots import write_plots

    folder = options.plots_folder()
    for path in write_plots(done, folder) if folder else []:
        console.say(f"{path}: written")
