"""The JSON Schema of records: what they all have, around what a task adds; and the check of it."""

from functools import cache
from typing import Any

from dlcli.data.records.schema_check import Check, Schema, compiled
from dlcli.records import RECORD_PARTS, RecordPart

LONGEST_SIDE = (1 << 31) - 1  # pixels of an image
_BASE64 = {"type": "string", "contentEncoding": "base64"}


def schema_name(task: str) -> str:
    """What the "schema" of its records is."""
    return f"dlcli.{task}/1"


def task_of_schema(name: str) -> str:
    """The way back; "" where no task makes such records. RuntimeError: dlcli.tasks.registry has not been asked yet."""
    if not RECORD_PARTS:
        raise RuntimeError("no task is known yet; call dlcli.tasks.registry.all_tasks before reading records")
    task = name.removeprefix("dlcli.").partition("/")[0]
    return task if task in RECORD_PARTS and schema_name(task) == name else ""


def schema_of(task: str) -> dict[str, Any]:
    """The JSON Schema of a task's records."""
    return record_schema(task, RECORD_PARTS[task]())


def check_of(task: str) -> Check:
    """The same as a function, see data/schema_check.py."""
    return _check(task, RECORD_PARTS[task])


@cache
def _check(task: str, part: RecordPart) -> Check:
    return compiled(record_schema(task, part()))


def record_schema(task: str, own: Schema) -> dict[str, Any]:
    """JSON Schema 2020-12 of one line of a task's JSONL: a result, or a failure. own: the task's part, Task.schema."""
    head: dict[str, Any] = {
        "schema": {"const": schema_name(task)},
        "source": {"type": "string"},
        "source_bytes": _BASE64 | {"description": "the name in base64, where it is not UTF-8"},
        "crop": _CROP,
        "frame": {"type": "integer", "minimum": 0, "description": "of a video, from 0"},
        "time_s": {"type": "number", "minimum": 0, "description": "of the frame, from the start of the video"},
        "shard": _SHARD,
    }
    good = head | {
        "ok": {"const": True},
        "width": _SIDE,
        "height": _SIDE,
        "exif_orientation": {"type": "integer", "minimum": 1, "maximum": 8},
        "notes": _NOTES,
        "model": {"type": "string"},
        **own["properties"],
        **(_OUTPUTS_BYTES if "outputs" in own["properties"] else {}),
        "timings": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    }
    bad = head | {"ok": {"const": False}, "error": _ERROR}
    needed = ["schema", "source", "ok"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"a record of dlcli {task}",
        "oneOf": [
            _object(good, [*needed, "width", "height", "exif_orientation", "model", *own["required"]]),
            _object(bad, [*needed, "error"]),
        ],
    }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_SIDE = {"type": "integer", "minimum": 1, "maximum": LONGEST_SIDE}

_NOTES = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "description": "what of the file was not read, or was read by a rule that the file does not state",
}

_OUTPUTS_BYTES = {
    "outputs_bytes": {
        "type": "array",
        "items": _BASE64,
        "description": "outputs in base64, where one of the names is not UTF-8",
    }
}

_CROP = {
    "description": "with --from-jsonl: the part of the source that the record is about, as that command found it",
    "type": "object",
    "properties": {
        "index": {"type": "integer", "minimum": 0},
        "label": {"type": "string"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "box": {
            "description": "x1, y1, x2, y2 in pixels of the upright source",
            "type": "array",
            "items": {"type": "number"},
            "minItems": 4,
            "maxItems": 4,
        },
    },
    "required": ["index", "label", "box"],
    "additionalProperties": False,
}

_SHARD = {
    "description": "with --shard: the image's number among all, for dlcli merge, which leaves this out",
    "type": "object",
    "properties": {
        "index": {"type": "integer", "minimum": 0},
        "of": {"type": "integer", "minimum": 1},
        "run": {"type": "string", "description": "equal for shards of one run: the model, the options, the list"},
    },
    "required": ["index", "of", "run"],
    "additionalProperties": False,
}

_ERROR = {
    "type": "object",
    "properties": {"kind": {"type": "string"}, "message": {"type": "string"}},
    "required": ["kind", "message"],
    "additionalProperties": False,
}
