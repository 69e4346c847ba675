"""`dlcli schema TASK`: the JSON Schema of a task's records."""

import json
from typing import Annotated, Any

import typer

from dlcli.console import Console
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import find_task


def add_to(app: typer.Typer) -> None:
    app.command("schema", help="Print the JSON Schema of a task's records.")(schema)


def schema(task: Annotated[str, typer.Argument(help="An image command, such as detect.")]) -> None:
    Console().data(json.dumps(record_schema(find_task(task))))


def record_schema(task: Task) -> dict[str, Any]:
    """JSON Schema 2020-12 of one line of the task's JSONL: a result, or a failure."""
    from dlcli.data.records import schema as record_schema

    return record_schema.record_schema(task.name, task.schema())
