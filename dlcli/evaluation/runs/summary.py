"""What a run came to, read from its folder; runs of before there was a run.json have less to say."""

import csv
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlcli.errors import DlcliError, MissingError, UsageError
from dlcli.file_lock import is_held
from dlcli.frozen import dataclass
from dlcli.models.run_folder import CONFIG, LOCK, RUN_RECORD, read_run

METRICS = "metrics.csv"
RUNNING, KILLED = "running", "killed"


@dataclass(frozen=True)
class RunSummary:
    """task: of `dlcli train`. state: running, stopped, done, diverged or killed, "" where it is not known.

    metric: that chose the best epoch, with its value, None where it has none. last: the row of the last epoch.
    data: the fingerprint. seconds: None where they were not kept.
    """

    path: str
    task: str
    state: str
    epochs: int
    metric: str
    best: float | None
    best_epoch: int | None
    seconds: float | None
    began: str
    data: str
    options: Mapping[str, Any]
    versions: Mapping[str, str]
    last: Mapping[str, float]


def find_runs(folders: list[Path]) -> list[Path]:
    """Folders with a config.json of a training, below these and themselves, sorted. UsageError: there is none."""
    found: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            raise MissingError(f"{folder}: no such folder")
        inside = [Path(place) for place, _, files in os.walk(folder) if CONFIG in files]
        found |= dict.fromkeys(sorted(place for place in inside if _is_run(place)))
    if not found:
        listed = ", ".join(map(str, folders))
        raise UsageError(f"{listed}: no run in there; expected a folder that dlcli train wrote (--out)")
    return list(found)


def _is_run(folder: Path) -> bool:
    """Whether its config.json is ours: others use that name too."""
    try:
        read_run(folder)
    except DlcliError:
        return False
    return True


def summarize(folder: Path) -> RunSummary:
    """Of one run. MissingError: none is there. DataError: its config.json cannot be used."""
    run, record, rows = read_run(folder), record_of(folder), list(rows_of(folder))
    sittings = record.get("sittings") or [{}]
    return RunSummary(
        path=str(folder),
        task=run.task,
        state=_state(folder, str(record.get("state", ""))),
        epochs=int(record.get("epochs", len(rows))),
        metric=str(record.get("metric", "")),
        best=record.get("best"),
        best_epoch=int(record["best_epoch"]) if record.get("best_epoch") is not None else None,
        seconds=record.get("seconds"),
        began=str(sittings[0].get("began", "")),
        data=str(record.get("data", {}).get("fingerprint", "")),
        options=run.options,
        versions={"dlcli": str(record.get("dlcli", "")), **record.get("versions", {})},
        last=rows[-1] if rows else {},
    )


def _state(folder: Path, written: str) -> str:
    """As the training wrote it; one that says it is running, and holds no lock any more, had no time to write."""
    return KILLED if written == RUNNING and is_held(folder / LOCK) is False else written


def record_of(folder: Path) -> dict[str, Any]:
    """run.json; empty where there is none, or a damaged one."""
    try:
        found = json.loads((folder / RUN_RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def rows_of(folder: Path) -> Iterator[dict[str, float]]:
    """Of metrics.csv, an epoch each; none where there is none."""
    try:
        lines = (folder / METRICS).read_text("utf-8").splitlines()
    except OSError:
        return
    for row in csv.DictReader(lines):
        yield {name: float(value) for name, value in row.items() if value}
