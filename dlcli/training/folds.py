"""`--kfold K`: the same training K times, each time another part of the images held out; what all of them reach.

Cross-validation as in M. Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions", Journal of the
Royal Statistical Society B 36 (1974). Registry.Training.run comes here first.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from rich.console import Console

from dlcli.errors import UsageError
from dlcli.training import fit
from dlcli.training.checkpoint import LAST, check_run_folder
from dlcli.training.log import TrainLog
from dlcli.training.plan import Plan
from dlcli.training.processes.rank import this_rank
from dlcli.whole_file import write_whole

TABLE = "folds.csv"
Row = Mapping[str, float]


def train(recipe: fit.Recipe, options: Any, console: Console) -> None:
    """Train once, or, with options.kfold, once for each fold below RUN/fold-N. Errors as of fit.train."""
    folds = getattr(options, "kfold", 0)
    if not folds:
        refuse_fold(options)
        fit.train(recipe, options, console)
        return
    check_folds(options)
    plans: list[Plan] = []

    def noting(options: Any, log: TrainLog, saved: fit.Checkpoint | None) -> Plan:
        plans.append(recipe(options, log, saved))
        return plans[-1]

    log = TrainLog(console, options.quiet)
    for one in each_fold(options):
        log.say(f"fold {one.fold} of {folds}")
        fit.train(noting, one, console)
        write_table(options.out, folds, plans[-1].best_by)
    rows = finished(options.out, folds, plans[-1].best_by)
    log.say(f"{spread(rows, plans[-1].best_by)}; {options.out / TABLE}, and each fold's weights below {options.out}")


def refuse_fold(options: Any) -> None:
    """UsageError: a fold of no folds."""
    if getattr(options, "fold", 0):
        raise UsageError(f"--fold {options.fold}: of how many? pass --kfold too, such as --kfold 5")


def check_folds(options: Any) -> None:
    """UsageError: too few folds, a fold that is none of them, or a run that is there already."""
    if this_rank().count > 1:
        raise UsageError(
            f"--kfold {options.kfold}: several processes train one fold at a time; start torchrun for each, with "
            "another --seed and a split of its own (dlcli data split), or train the folds in one process"
        )
    if options.kfold < 2:
        raise UsageError(f"--kfold {options.kfold}: expected 2 or more folds, such as --kfold 5")
    if options.fold > options.kfold:
        raise UsageError(f"--fold {options.fold}: expected a number from 1 to {options.kfold}, that of --kfold")
    for one in each_fold(options):
        check_run_folder(one)


def each_fold(options: Any) -> list[Any]:
    """The options of each training. With --resume, folds that were not begun begin."""
    numbers = [options.fold] if options.fold else range(1, options.kfold + 1)
    places = {number: options.out / f"fold-{number}" for number in numbers}
    begun = [number for number, place in places.items() if (place / LAST).exists()] or list(places)
    return [
        replace(options, out=place, fold=number, resume=options.resume and number in begun)
        for number, place in places.items()
    ]


def finished(out: Path, folds: int, best_by: str) -> dict[int, Row]:
    """The best epoch of each fold that has one, by its number; the first of equals."""
    found: dict[int, Row] = {}
    for number in range(1, folds + 1):
        path = out / f"fold-{number}" / "metrics.csv"
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines())) if path.is_file() else []
        scored = [{name: float(text) for name, text in row.items() if text} for row in rows if row.get(best_by)]
        if scored:
            found[number] = max(scored, key=lambda row: row[best_by])
    return found


def write_table(out: Path, folds: int, best_by: str) -> None:
    """RUN/folds.csv: the best epoch of each fold so far, then mean and sample standard deviation of each measure."""
    rows = finished(out, folds, best_by)
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, ["fold", *names], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"fold": number, **row} for number, row in rows.items())
    values = {name: [row[name] for row in rows.values() if name in row] for name in names if name != "epoch"}
    writer.writerow({"fold": "mean", **{name: mean(known) for name, known in values.items()}})
    writer.writerow({"fold": "std", **{name: stdev(known) for name, known in values.items() if len(known) > 1}})
    write_whole(out / TABLE, text.getvalue().encode())


def spread(rows: Mapping[int, Row], best_by: str) -> str:
    """ "5 folds: top1 0.9123 +- 0.0104 (0.9000 to 0.9300)" """
    values: Sequence[float] = [row[best_by] for row in rows.values()]
    if len(values) < 2:
        return f"{len(values)} fold so far: {best_by} {values[0]:.4f}" if values else "no fold has been measured"
    ends = f"{min(values):.4f} to {max(values):.4f}"
    return f"{len(values)} folds: {best_by} {mean(values):.4f} ± {stdev(values):.4f} ({ends})"
