"""A table for spreadsheets and data frames: a row a prediction, a column list for each task that stays as it is.

An image without predictions has one row with empty cells, and so has one that failed, with its error. RFC 4180: commas,
CRLF, quotes doubled; UTF-8 without a mark. Numbers are as in the record. A spreadsheet takes a cell that begins with
= + - @ for a formula, which a file's name must not become: such a path gets "./" in front, which names the same file,
any other such text an apostrophe. The records (--json) hold every text as it is. What was
not looked at has a row a kind at the end, without a source.
"""

import csv
import io
import os
from collections.abc import Sequence
from typing import Any

from dlcli.batch.reports.summary import RunSummary
from dlcli.batch.sources.skipped import shown
from dlcli.tasks.answers import Record
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import find_task

_FIRST = ("source", "crop", "frame", "width", "height")
_LAST = ("error_kind", "error_message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def render(summary: RunSummary, records: Sequence[Record]) -> bytes:
    """The head and the rows, in the order of the run."""
    text = io.StringIO(newline="")
    task = find_task(summary.task)
    table = csv.DictWriter(text, columns_of(summary.task), restval="", lineterminator="\r\n", extrasaction="ignore")
    table.writeheader()
    for record in records:
        first = _first(task, record)
        for row in (task.rows(record) if record["ok"] else []) or [{}]:
            table.writerow({name: _cell(name, value) for name, value in {**first, **row}.items()})
    for kind, number in summary.skipped.items():
        table.writerow({"error_kind": "skipped", "error_message": f"not looked at: {shown(kind, number)}"})
    return text.getvalue().encode("utf-8", "replace")


def columns_of(task: str) -> tuple[str, ...]:
    """A list for each task that stays as it is."""
    return (*_FIRST, *find_task(task).columns, *_LAST)


def _first(task: Task, record: Record) -> dict[str, Any]:
    """Cells that every row of an image has."""
    cells = {"source": record["source"], "crop": record["crop"]["index"] if "crop" in record else ""}
    cells["frame"] = record.get("frame", "")
    if not record["ok"]:
        return {**cells, "error_kind": record["error"]["kind"], "error_message": record["error"]["message"]}
    return cells | {"width": record["width"], "height": record["height"]} | task.cells(record)


def _cell(column: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "\\x00")
    if not text.startswith(_FORMULA) or text == "-":  # standard input
        return text
    return os.path.join(".", text) if column in ("source", "output", "sorted_to") else f"'{text}"
