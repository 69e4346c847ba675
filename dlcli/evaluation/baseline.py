"""The JSON that an earlier `dlcli eval ... --json` wrote, as what later scores are held against. Light: no NumPy."""

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dlcli.errors import DataError, UsageError
from dlcli.evaluation.gates import MAX_DROP, ScoreGate
from dlcli.evaluation.metric_names import MetricNames, value_of
from dlcli.spelling import keys_of_today

NAMED = 5  # differences named


def read_baseline(path: Path, metrics: MetricNames) -> dict[str, Any]:
    """The report in a file. UsageError: it is not there, or of another task. DataError: it is no such JSON."""
    again = f"write it by `dlcli eval {metrics.task} DATA --json > FILE`"
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"--baseline {path}: no such file; {again}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; {again}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not JSON of `dlcli eval`, but other bytes; {again}") from error
    if not text.strip():
        raise DataError(f"{path}: is empty; {again} (and send the new scores to another file)")
    try:
        report = json.loads(text, parse_constant=_no_number)
        report = keys_of_today(report) if isinstance(report, dict) else report
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: expected one line of JSON, but {error}; {again}") from error
    schema = report.get("schema") if isinstance(report, dict) else None
    if schema != metrics.schema and isinstance(schema, str) and schema.startswith("dlcli.eval."):
        raise UsageError(f"{path}: is of {schema}, expected {metrics.schema}; {again}")
    problem = _problem(report, metrics)
    if problem:
        raise DataError(f"{path}: is not a report of `dlcli eval {metrics.task}`: {problem}; {again}")
    return report


def check_settings(path: Path, report: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """UsageError: the scores of the report were measured in another way. wanted: data, split and settings, as in JSON;
    None: it should have none of that name.

    Of the data only the last name counts, since a pipeline may lay the set elsewhere; check_images looks closer.
    """
    other = [
        f"{name} was {_word(report.get(name))} and is {_word(value)}"
        for name, value in wanted.items()
        if (_last(report.get(name)) != _last(value) if name == "data" else report.get(name) != value)
    ]
    if other:
        raise UsageError(f"{path}: cannot be compared, {'; '.join(other)}; measure both in the same way")


def check_metrics(path: Path, report: Mapping[str, Any], gates: Iterable[ScoreGate]) -> None:
    """DataError: a gate asks how far a metric has fallen, and the report has no value for it."""
    for gate in gates:
        if gate.option == MAX_DROP and value_of(report, gate.metric, gate.label) is None:
            raise DataError(f"{path}: has no value for {gate.name}, which {MAX_DROP} '{gate.text}' asks for")


def check_images(path: Path, report: Mapping[str, Any], now: Mapping[str, Any], metrics: MetricNames) -> None:
    """DataError: the report was measured on other images, or these have other truth today."""
    before, today = _amounts(report, metrics), _amounts(now, metrics)
    before, today = {"images": report["images"]} | before, {"images": now["images"]} | today
    other = [
        f"{name}: {before.get(name, 0):,} then, {today.get(name, 0):,} now"
        for name in {**before, **today}
        if before.get(name, 0) != today.get(name, 0)
    ]
    if other:
        more = f" and {len(other) - NAMED} more" if len(other) > NAMED else ""
        changes = "; ".join(other[:NAMED])
        raise DataError(
            f"{path}: was measured on other images or labels ({changes}{more}); measure the baseline again on these"
        )


def _amounts(report: Mapping[str, Any], metrics: MetricNames) -> dict[str, int]:
    """How much truth there is of each class, "truths of dog" to 41."""
    noun = metrics.amount.replace("_", " ")
    return {f"{noun} of {entry['label']}": entry[metrics.amount] for entry in report["classes"]}


def _problem(report: Any, metrics: MetricNames) -> str:
    """What a file of JSON lacks; "" where it can be used."""
    if not isinstance(report, dict) or report.get("schema") != metrics.schema:
        return f"it says no schema {metrics.schema}"
    entries = report.get("classes")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return "it has no list of classes"
    if not all(isinstance(entry.get("label"), str) for entry in entries):
        return "a class has no label"
    labels = [entry["label"] for entry in entries]
    if len(set(labels)) < len(labels):
        return f"it has the class {next(label for label in labels if labels.count(label) > 1)} twice"
    if not isinstance(report.get("model"), str):
        return "it names no model"
    for place, names in [(report, metrics.means), *((entry, metrics.of_a_class) for entry in entries)]:
        for name in names:
            if name not in place or not _is_share(place[name]):
                whose = f" of {place['label']}" if place is not report else ""
                return f"expected a number from 0 to 1 or null as {name}{whose}, got {_word(place.get(name))}"
    counts = [("images", report.get("images")), *((metrics.amount, entry.get(metrics.amount)) for entry in entries)]
    bad = next(((name, value) for name, value in counts if type(value) is not int or value < 0), None)
    return f"expected a count as {bad[0]}, got {_word(bad[1])}" if bad else ""


def _is_share(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 1)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _last(place: Any) -> str:
    return os.path.basename(os.path.abspath(place)) if isinstance(place, str) else ""


def _word(value: Any) -> str:
    try:
        text = "not set" if value is None else json.dumps(value)
    except RecursionError:
        text = "lists within lists"
    return text if len(text) <= 60 else text[:57] + "..."
