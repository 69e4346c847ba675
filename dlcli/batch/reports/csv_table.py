"""A table for spreadsheets and data frames: a row a find, a column list for each task that stays as it is.

A picture without finds has one row with empty cells, and so has one that failed, with its error. RFC 4180: commas,
CRLF, quotes doubled; UTF-8 without a mark. Numbers are as in the record. A spreadsheet takes a cell that begins with
= + - @ for a formula, which a file's name must not become: such a path gets "./" in front, which names the same file,
any other such text an apostrophe. The records (--json) hold every text as it is.
"""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from typing import Any

from dlcli.batch.reports.predictions import Record
from dlcli.batch.reports.summary import RunFacts

_FIRST = ("source", "crop", "frame", "width", "height")
_LAST = ("error_kind", "error_message")
COLUMNS = {
    "detect": (*_FIRST, "label", "class_id", "score", "x1", "y1", "x2", "y2", *_LAST),
    "classify": (*_FIRST, "rank", "label", "class_id", "score", "sorted_to", *_LAST),
    "segment": (*_FIRST, "label", "class_id", "share", *_LAST),
    "style-transfer": (*_FIRST, "method", "styles", "output", *_LAST),
    "preprocess": (
        *(*_FIRST, "bits", "output", "output_width", "output_height"),
        *("format", "frames", "hash", "finding", "finding_message", *_LAST),
    ),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def render(facts: RunFacts, records: Sequence[Record]) -> bytes:
    """The head and the rows, in the order of the run."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS[facts.task], restval="", lineterminator="\r\n", extrasaction="ignore")
    table.writeheader()
    for record in records:
        first = _first(record)
        for row in _rows(record) or [{}]:
            table.writerow({name: _cell(name, value) for name, value in {**first, **row}.items()})
    return text.getvalue().encode("utf-8", "replace")


def _first(record: Record) -> dict[str, Any]:
    """Cells that every row of a picture has."""
    cells = {"source": record["source"], "crop": record["crop"]["index"] if "crop" in record else ""}
    cells["frame"] = record.get("frame", "")
    if not record["ok"]:
        return {**cells, "error_kind": record["error"]["kind"], "error_message": record["error"]["message"]}
    own = {name: record[name] for name in ("width", "height", "sorted_to", "method") if name in record}
    if "styles" in record:
        own["styles"] = " + ".join(f"{item['style']} {item['share']}" for item in record["styles"])
    if "bits" in record:
        own |= {name: record[name] for name in ("bits", "format", "frames", "hash") if name in record}
        own |= dict(zip(("output_width", "output_height"), record.get("size", ()), strict=False))
    return cells | own


def _rows(record: Record) -> list[dict[str, Any]]:
    """Cells that differ from find to find."""
    return [*_found(record)]


def _found(record: Record) -> Iterator[dict[str, Any]]:
    for item in record.get("detections", ()):
        yield {**_plain(item), **dict(zip(("x1", "y1", "x2", "y2"), item["box"], strict=True))}
    for rank, item in enumerate(record.get("classes", ()), 1):
        yield _plain(item) if "rle" in item else {"rank": rank, **_plain(item)}
    for name in record.get("outputs", ()):
        yield {"output": name}
    for item in record.get("findings", ()):
        yield {"finding": item["kind"], "finding_message": item["message"]}


def _plain(item: Record) -> dict[str, Any]:
    return {name: item[name] for name in ("label", "class_id", "score", "share") if name in item}


def _cell(column: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "\\x00")
    if not text.startswith(_FORMULA) or text == "-":  # standard input
        return text
    return os.path.join(".", text) if column in ("source", "output", "sorted_to") else f"'{text}"
