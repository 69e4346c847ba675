"""The card of an exported model: the training's, with its command, and what the user adds by flags."""

import shlex
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import PurePath
from typing import Any

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.evaluation.runs.compare import option_name
from dlcli.export.options import ExportOptions
from dlcli.models.run_folder import RunFolder
from dlcli.training.registry import options_of

SCORE_FORM = "'METRIC=VALUE | DATA | COMMAND'"
OF_THE_MACHINE = {"out", "workers", "threads", "checkpoint_minutes", "resume", "quiet"}  # change no weight


def finished_card(run: RunFolder, options: ExportOptions) -> ModelCard:
    """The run's card with name, license, credits, scores and the command that trained it. UsageError: a bad flag."""
    try:
        return replace(
            run.card,
            name=options.name or run.card.name,
            license=options.license,
            credits=tuple(options.credit or ()),
            scores=tuple(parse_score(text) for text in options.score or ()),
            training={**run.card.training, "command": training_command(run.card.task, run.options, run.card.name)},
        )
    except ValueError as error:
        raise UsageError(f"the card cannot hold this: {error}") from error


def parse_score(text: str) -> dict[str, Any]:
    """ "map50=0.65 | voc2007 test | dlcli eval detect ..." as the card holds it. UsageError shows the form."""
    parts = [part.strip() for part in text.split("|", 2)]
    metric, _, value = parts[0].partition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if len(parts) != 3 or not all((*parts, metric.strip())) or not abs(number) < float("inf"):
        raise UsageError(f"--score {text}: expected {SCORE_FORM}, such as 'map50=0.65 | voc2007 test | dlcli eval ...'")
    return {"metric": metric.strip(), "value": number, "data": parts[1], "command": parts[2]}


def training_command(task: str, options: Mapping[str, Any], name: str) -> str:
    """The command that trains such a run again: options that differ from their defaults, folders by their last name."""
    words = ["dlcli", "train", task, PurePath(str(options.get("data", "DATA"))).name, "--out", name]
    for item in fields(options_of(task)):
        value = options.get(item.name, item.default)
        if item.name == "data" or item.name in OF_THE_MACHINE or str(value) == str(item.default):
            continue
        flag = option_name(item.name)
        for each in value if isinstance(value, list) else [value]:
            words += [flag] if each is True else [flag, str(each)]
    return shlex.join(words)
