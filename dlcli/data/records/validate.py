"""Whether a record that was read back is one that dlcli writes, so that nobody after it need ask.

`dlcli schema TASK` is the measure. Records are edited by hand and made by other programs.
"""

from typing import Any

from dlcli.data.records.schema import check_of, schema_name, schema_of, task_of_schema
from dlcli.data.records.schema_check import with_whole_numbers
from dlcli.messages import short_repr
from dlcli.records import RECORD_PARTS

_SHOWN = 60  # characters of a value that a message repeats


def problem_of(record: dict[str, Any]) -> str | None:
    """What is wrong, as a clause such as "detections[0].box: expected a list of 4, got [1, 2]"; None: nothing."""
    name = record.get("schema")
    task = task_of_schema(name) if isinstance(name, str) else ""
    if not task:
        known = ", ".join(map(schema_name, RECORD_PARTS))
        return f"schema: expected one of {known}, got {short_repr(name, _SHOWN)}"
    problem = check_of(task)(record)
    return None if problem is None else problem.lstrip(".:").lstrip()


def usual(record: dict[str, Any]) -> dict[str, Any]:
    """The record with 7 for 7.0 where a whole number is meant, which JSON Schema has as the same."""
    task = task_of_schema(str(record.get("schema")))
    return with_whole_numbers(record, schema_of(task)) if task else record
