"""`dlcli schema TASK`: the JSON Schema of a task's records."""

import json
from typing import Annotated, Any

import typer

from dlcli.console import Console
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import find_task


def add_to(app: typer.Typer) -> None:
    app.command("schema", help="Print the JSON Schema of a task's records.")(schema)


def schema(task: Annotated[str, typer.Argument(help="A picture command, such as detect.")]) -> None:
    Console().data(json.dumps(record_schema(find_task(task))))


def record_schema(task: Task) -> dict[str, Any]:
    """JSON Schema 2020-12 of one line of the task's JSONL: a result, or a failure."""
    own = task.schema()
    head: dict[str, Any] = {
        "schema": {"const": f"dlcli.{task.name}/1"},
        "source": {"type": "string"},
        "source_bytes": {"type": "string", "description": "the name in base64, where it is not UTF-8"},
        "crop": _CROP,
        "frame": {"type": "integer", "minimum": 0, "description": "of a video, from 0"},
        "time_s": {"type": "number", "minimum": 0, "description": "of the frame, from the start of the video"},
        "shard": _SHARD,
    }
    good = head | {
        "ok": {"const": True},
        "width": {"type": "integer", "minimum": 1},
        "height": {"type": "integer", "minimum": 1},
        "exif_orientation": {"type": "integer", "minimum": 1, "maximum": 8},
        "model": {"type": "string"},
        **own["properties"],
        **(_OUTPUTS_BYTES if "outputs" in own["properties"] else {}),
        "timings": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    }
    bad = head | {"ok": {"const": False}, "error": _ERROR}
    needed = ["schema", "source", "ok"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"a record of dlcli {task.name}",
        "oneOf": [
            _object(good, [*needed, "width", "height", "exif_orientation", "model", *own["required"]]),
            _object(bad, [*needed, "error"]),
        ],
    }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_OUTPUTS_BYTES = {
    "outputs_bytes": {
        "type": "array",
        "items": {"type": "string"},
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
    "description": "with --shard: the picture's number among all, for dlcli merge, which leaves this out",
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
