"""`dlcli schema TASK`: the JSON Schema of a task's records."""

import json
from typing import Annotated, Any

import typer

from dlcli.cli.task_choices import task_choices
from dlcli.console import Console
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import all_tasks, find_task


def add_to(app: typer.Typer) -> None:
    Name = task_choices(all_tasks())  # noqa: N806  a class

    @app.command("schema", help="Print the JSON Schema of a task's records.")
    def schema(task: Annotated[Name, typer.Argument(help="An image command.")]) -> None:  # type: ignore[valid-type]
        Console().data(json.dumps(record_schema(find_task(str(task)))))


def record_schema(task: Task) -> dict[str, Any]:
    """JSON Schema 2020-12 of one line of the task's JSONL: a result, or a failure."""
    from dlcli.data.records import schema as record_schema

    return record_schema.record_schema(task.name, task.schema())
