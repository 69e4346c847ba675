"""Finds the tasks: every folder beside this file that has a task.py with a TASK."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dlcli.errors import DataError, UsageError
from dlcli.records import RECORD_KINDS, RECORD_PARTS
from dlcli.tasks.contract import Task


@cache
def all_tasks() -> dict[str, Task]:
    """Command name -> task, sorted by name. Records of these tasks, and no others, can be read from then on.

    DataError: a task.py cannot be imported, or has no TASK.
    """
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/task.py"))
    tasks = [_task_of(folder) for folder in folders]
    RECORD_PARTS.update({task.name: task.schema for task in tasks})
    RECORD_KINDS.update({task.name: task.kind for task in tasks if task.kind is not None})
    return {task.name: task for task in tasks}


def _task_of(folder: str) -> Task:
    name = f"dlcli.tasks.{folder}.task"
    try:
        module = import_module(name)
    except Exception as error:  # whatever the code of a new task may raise
        raise DataError(f"{name}: cannot be imported: {type(error).__name__}: {error}") from error
    task = getattr(module, "TASK", None)
    if not isinstance(task, Task):
        raise DataError(f"{module.__file__}: has no TASK; expected TASK = ..., an object of a class that inherits Task")
    return task


def find_task(name: str) -> Task:
    """The task of that name. UsageError names those that exist."""
    if name not in all_tasks():
        raise UsageError(f"no task {name}; expected one of: {', '.join(all_tasks())}")
    return all_tasks()[name]


def import_name(name: str) -> Any:
    """What a task names as "module:name", such as its exporter, imported now."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
