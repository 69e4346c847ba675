"""Where records go: each writer takes one at a time, in input order, and is closed at the end."""

import json
import os
from pathlib import Path
from typing import Any, Protocol

from dlcli.batch.outputs import PART, RESULTS
from dlcli.batch.picture import Done
from dlcli.console import Console
from dlcli.errors import DlcliError
from dlcli.tasks.contract import Predictor


class Writer(Protocol):
    def write(self, done: Done) -> None: ...

    def close(self, complete: bool) -> None:
        """complete: every picture was written; otherwise the run was cut short."""


def to_line(record: dict[str, Any]) -> str:
    """A record as a line of JSON, the same bytes for the same record."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class JsonLines:
    """Records for programs, each as soon as it is ready."""

    def __init__(self, console: Console):
        self.console = console

    def write(self, done: Done) -> None:
        self.console.data(to_line(done.record))

    def close(self, complete: bool) -> None:
        pass


class PeopleLines:
    """A line a picture; a table where there is one picture and a person to look at it."""

    def __init__(self, console: Console, single: bool):
        self.console = console
        self.as_table = single and console.talks_to_person

    def write(self, done: Done) -> None:
        if done.result is None:
            return
        columns, rows = done.result.table() if self.as_table else ([], [])
        if rows:
            self.console.table(done.source.text, columns, rows)
        else:
            self.console.line(f"{done.source.text}: {done.result.line()}")

    def close(self, complete: bool) -> None:
        pass


class ClosingTable:
    """What a task has to say of all pictures together, when they are done or the run is cut short."""

    def __init__(self, console: Console, predictor: Predictor):
        self.console, self.predictor = console, predictor

    def write(self, done: Done) -> None:
        pass

    def close(self, complete: bool) -> None:
        closing = self.predictor.closing()
        if self.console.talks_to_person and closing.rows:
            self.console.table("", list(closing.columns), [list(row) for row in closing.rows])
            return
        for row in closing.rows:
            self.console.line(f"{row[0]}: {row[-1]}")


class FailureLines:
    """Failures for people, whatever else is shown."""

    def __init__(self, console: Console):
        self.console = console

    def write(self, done: Done) -> None:
        if done.failure is not None:
            self.console.failure(done.failure.message)

    def close(self, complete: bool) -> None:
        pass


class ResultsFile:
    """OUT/results.jsonl: grows as .results.jsonl.part and gets its name when it is whole."""

    def __init__(self, out: Path):
        self.out, self.part = out, out / PART
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / RESULTS).unlink(missing_ok=True)
            self.file = self.part.open("wb", buffering=0)
        except OSError as error:
            raise DlcliError(f"--out {out}: cannot be written: {error.strerror}") from error

    def write(self, done: Done) -> None:
        try:
            line = (to_line(done.record) + "\n").encode()
            while line:
                line = line[self.file.write(line) :]
        except OSError as error:
            raise DlcliError(f"{self.part}: cannot be written: {error.strerror}; free some space") from error

    def close(self, complete: bool) -> None:
        self.file.close()
        if complete:
            os.replace(self.part, self.out / RESULTS)
