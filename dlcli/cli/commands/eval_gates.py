"""What the command line asks of the scores of `dlcli eval`: read and refused before a model is opened."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.console import Console
from dlcli.errors import UsageError
from dlcli.evaluation.baseline import check_images, check_metrics, check_settings, read_baseline
from dlcli.evaluation.gates import MAX_DROP, MIN, ScoreGate, check_labels, judge, parse_score_gates
from dlcli.evaluation.metric_names import MetricNames, class_of, differences
from dlcli.evaluation.tables import rounded
from dlcli.frozen import dataclass
from dlcli.tasks.eval_options import EvalOptions

RESAMPLES = 200


@dataclass(frozen=True)
class EvalGates:
    """before: the baseline's JSON. resamples: 0 where no interval is asked for."""

    metrics: MetricNames
    options: EvalOptions
    score_gates: tuple[ScoreGate, ...]
    before: dict[str, Any] | None
    resamples: int

    def check_labels(self, labels: Sequence[str]) -> None:
        check_labels(self.score_gates, labels)

    def answers(self, done: Any, now: Mapping[str, Any], console: Console) -> tuple[dict[str, Any], list[GateOutcome]]:
        """What the JSON gains by them, and what came of each gate. done: an Evaluation. now: its JSON."""
        more: dict[str, Any] = {}
        if self.before is not None and self.options.baseline is not None:
            check_images(self.options.baseline, self.before, now, self.metrics)
            head = {"baseline": str(self.options.baseline), "model": self.before["model"]}
            more["differences"] = head | differences(now, self.before, self.metrics)
        if self.resamples:
            more["intervals"] = self._intervals(done, now, console)
        outcomes = [
            judge(gate, now, self.before, interval_of(more, gate.metric, gate.label)) for gate in self.score_gates
        ]
        if outcomes:
            more["gates"] = [
                {"option": one.option, "condition": one.text, "broken": one.broken, "reason": one.reason}
                for one in outcomes
            ]
        return more, outcomes

    def _intervals(self, done: Any, now: Mapping[str, Any], console: Console) -> dict[str, Any]:
        from dlcli.metrics.bootstrap import LEVEL, bootstrap_intervals

        names = (*self.metrics.means, *self.metrics.of_a_class)
        with console.progress("resampling") as bar:
            found = bootstrap_intervals(
                done.metric.value, done.scores.images, names, self.resamples, self.options.seed, bar.at
            )
        return {
            "level": LEVEL,
            "resamples": self.resamples,
            "seed": self.options.seed,
            "means": {name: _bounds(found[name]) for name in self.metrics.means},
            "classes": [
                {"label": entry["label"]} | {name: _bounds(found[name][:, place]) for name in self.metrics.of_a_class}
                for place, entry in enumerate(now["classes"])
            ],
        }


def read_eval_gates(options: EvalOptions, metrics: MetricNames) -> EvalGates:
    """UsageError: a bad gate, or a baseline of another task, set or settings. DataError: an unusable baseline."""
    floors = parse_score_gates(MIN, options.min or (), metrics)
    drops = parse_score_gates(MAX_DROP, options.max_drop or (), metrics)
    if drops and options.baseline is None:
        way = f"--baseline FILE, which `dlcli eval {metrics.task} DATA --json > FILE` writes"
        raise UsageError(f"{MAX_DROP} '{drops[0].text}': needs the earlier scores; name them by {way}")
    before = None
    if options.baseline is not None:
        before = read_baseline(options.baseline, metrics)
        place = {"data": str(options.data), "split": options.split}
        check_settings(options.baseline, before, place | options.settings())
        check_metrics(options.baseline, before, drops)
    asked = RESAMPLES if floors or drops or before is not None else 0
    resamples = asked if options.bootstrap is None else options.bootstrap
    return EvalGates(metrics, options, floors + drops, before, resamples)


def interval_of(more: Mapping[str, Any], name: str, label: str | None = None) -> list[float] | None:
    """A metric's interval among what `answers` gave; None where it has none."""
    intervals = more.get("intervals")
    place = intervals and (intervals["means"] if label is None else class_of(intervals, label))
    return place.get(name) if place else None


def _bounds(pair: Any) -> list[float] | None:
    low, high = (rounded(float(value)) for value in pair)
    return None if low is None or high is None else [low, high]
