"""Conditions on the scores of an evaluation: `--min map50=0.55`, `--max-drop 'ap50[dog]=0.02'`. Light: no NumPy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.errors import UsageError
from dlcli.evaluation.metric_names import MetricNames, difference, value_of
from dlcli.frozen import dataclass

MIN, MAX_DROP = "--min", "--max-drop"
FORM = "NAME=VALUE, such as {name}=0.55, or of one class '{part}[CLASS]=0.5'"


@dataclass(frozen=True)
class ScoreGate:
    """option: MIN or MAX_DROP. text: as typed. metric: its name in the JSON. label: of a class, None: of all classes.

    limit: in [0, 1]; the least that the metric may be, or the most that it may have fallen.
    """

    option: str
    text: str
    metric: str
    label: str | None
    limit: float

    @property
    def name(self) -> str:
        return self.metric if self.label is None else f"{self.metric}[{self.label}]"


def parse_score_gates(option: str, texts: Iterable[str], metrics: MetricNames) -> tuple[ScoreGate, ...]:
    """UsageError: a text is no NAME=VALUE, NAME no metric of the task, or VALUE no number from 0 to 1."""
    return tuple(_parse(option, text, metrics) for text in texts)


def check_labels(gates: Iterable[ScoreGate], labels: Sequence[str]) -> None:
    """UsageError: a gate is on a class that is none of the labels."""
    for gate in gates:
        if gate.label is not None and gate.label not in labels:
            shown = ", ".join(labels[:30]) + (f" and {len(labels) - 30} more" if len(labels) > 30 else "")
            raise UsageError(f"{gate.option} '{gate.text}': the model has no class {gate.label!r}; it knows: {shown}")


def judge(
    gate: ScoreGate,
    now: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    interval: Sequence[float] | None,
) -> GateOutcome:
    """Whether the metric itself meets the gate; `interval` is reported, and decides nothing.

    now, before: JSON of evaluations; before is needed by MAX_DROP and has a value there. A metric without a value now
    breaks its gate.
    """
    value = value_of(now, gate.metric, gate.label)
    if value is None:
        return GateOutcome(gate.option, gate.text, True, (), f"{gate.name} has no value on these images")
    interval_text = f" (95 %: {interval[0]:.4f} to {interval[1]:.4f})" if interval else ""
    if gate.option == MIN:
        return GateOutcome(
            gate.option, gate.text, value < gate.limit, (), f"{gate.name} is {_plain(value)}{interval_text}"
        )
    past = None if before is None else value_of(before, gate.metric, gate.label)
    change = difference(value, past)
    if past is None or change is None:
        raise ValueError(f"{gate.text}: no value before")
    return GateOutcome(
        gate.option, gate.text, -change > gate.limit, (), _moved(gate.name, past, value, change) + interval_text
    )


def _parse(option: str, text: str, metrics: MetricNames) -> ScoreGate:
    name, equals, number = text.rpartition("=")
    found = re.fullmatch(r"\s*([^\[\]]+?)\s*(?:\[(.+)\])?\s*", name, re.DOTALL)
    mean, part = next(iter(metrics.class_of.items()))
    if not equals or not found:
        form = FORM.format(name=mean, part=part)
        raise UsageError(f"{option} '{text}': expected {form}")
    metric, label = found.groups()
    problem = _name_problem(metric, label, metrics)
    if problem:
        raise UsageError(f"{option} '{text}': {problem}; known: {metrics.known}")
    return ScoreGate(option, text, metric, label, _limit(option, text, number.strip()))


def _name_problem(metric: str, label: str | None, metrics: MetricNames) -> str:
    if (label is None and metric in metrics.means) or (label is not None and metric in metrics.of_a_class):
        return ""
    if metric in metrics.of_a_class:
        return f"{metric} is of one class, so write {metric}[CLASS]"
    if metric in metrics.means:
        return f"{metric} is of all classes; of one class there is {metrics.class_of[metric]}[{label}]"
    return f"`eval {metrics.task}` measures no {metric!r}"


def _limit(option: str, text: str, number: str) -> float:
    """Digits only: "1e-3" is a number, "nan", "inf" and "1_0" are none."""
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", number, re.ASCII):
        value = float(number)
        if 0 <= value <= 1:
            return value
        percent = f"; for {number} % write {value / 100:g}" if 1 < value <= 100 else ""
        raise UsageError(f"{option} '{text}': expected a number from 0 to 1, got {number}{percent}")
    raise UsageError(f"{option} '{text}': expected a number from 0 to 1 after =, got {number!r}")


def _moved(name: str, past: float, value: float, change: float) -> str:
    if not change:
        return f"{name} is {_plain(value)}, as before"
    return f"{name} {'rose' if change > 0 else 'fell'} by {_plain(abs(change))}, from {_plain(past)} to {_plain(value)}"


def _plain(value: float) -> str:
    """As in the JSON, six decimals at most, so that no metric looks like a limit that it misses."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
