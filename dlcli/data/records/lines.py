"""Records as dlcli writes them, one a line of JSON: read back, with the file and the line named where one is none."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlcli.data.files import read_bytes
from dlcli.data.records.validate import problem_of, usual
from dlcli.errors import DataError
from dlcli.messages import short_repr

Record = dict[str, Any]


def read_records(path: Path) -> Iterator[Record]:
    """The records of a JSONL file. DataError: it cannot be read, or a line is no record of dlcli."""
    return parse_records(read_bytes(path, pipes=True), str(path))


def parse_records(data: bytes, name: str) -> Iterator[Record]:
    """The same of bytes; `name` is the file in messages. Empty lines are skipped."""
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield parse_record(line, f"{name}: line {number}")


def parse_record(line: bytes, where: str) -> Record:
    """One line. DataError, which begins with `where`, for anything but a record as `dlcli schema` has it."""
    return checked(load_record(line, where), where)


def load_record(line: bytes, where: str) -> Any:
    """The JSON of a line that may be a record. DataError: it is none, or the state of a run."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not valid JSON ({short_repr(str(error), 80)})") from None
    if isinstance(record, dict) and "fingerprint" in record:
        raise DataError(f"{where}: this is the state of a run; its records are in the file without .state in its name")
    return record


def checked(record: Any, where: str) -> Record:
    """The record itself; with 7 for 7.0 a new one, if it has such. DataError, which begins with `where`: it is none."""
    if not is_record(record):
        raise DataError(f"{where}: expected a record of dlcli with schema, source and ok, got {short_repr(record)}")
    if problem_of(record) is None:
        return record
    record = usual(record)
    problem = problem_of(record)
    if problem is not None:
        raise DataError(f"{where}: {problem}; see `dlcli schema TASK`, or make the record again")
    return record


def is_record(value: Any) -> bool:
    """Whether the value has what every record has."""
    return (
        isinstance(value, dict)
        and str(value.get("schema", "")).startswith("dlcli.")
        and isinstance(value.get("source"), str)
        and isinstance(value.get("ok"), bool)
    )


def task_of(record: Record) -> str:
    """The image command that made the record: "detect" of "dlcli.detect/1"."""
    return str(record["schema"]).removeprefix("dlcli.").partition("/")[0]
