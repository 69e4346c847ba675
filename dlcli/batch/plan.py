"""Everything that can be refused before a model is opened: options, steps, sources, outputs. Light."""

from dataclasses import dataclass, fields
from typing import Any

from dlcli.batch.options import BatchOptions
from dlcli.batch.outputs import chosen_saves, refuse_collisions, refuse_used_folder
from dlcli.batch.sources import STDIN, find_pictures, read_list, refuse_other_habits
from dlcli.errors import UsageError
from dlcli.imaging.steps import Step, parse_steps
from dlcli.records import Source
from dlcli.tasks.contract import Task


@dataclass(frozen=True)
class Plan:
    """steps: what --pre asks for; None: the model's own. saves: the kinds of files for each picture."""

    task: Task
    options: Any
    batch: BatchOptions
    sources: list[Source]
    steps: tuple[Step, ...] | None
    saves: tuple[str, ...]


def make_plan(task: Task, options: Any, batch: BatchOptions) -> Plan:
    """The plan of a run. UsageError, without any work done, for whatever is wrong with it."""
    task.check(options)
    pre = task.chain(options, batch.pre)
    task = task.given(options, pre)
    if task.needs_out and batch.out is None:
        raise UsageError(f"dlcli {task.name} makes pictures: say where to by --out DIR")
    steps = None if pre is None else parse_steps(pre)
    saves = chosen_saves(task, batch)
    refuse_used_folder(batch)
    inputs = [*(batch.sources or []), *_listed(batch)]
    refuse_other_habits(inputs, option_names(options, batch))
    nothing_listed = batch.files_from and not inputs  # a branch that changes no picture is no mistake
    sources = [] if nothing_listed else find_pictures(inputs, batch.recursive, batch.out)
    task.check_inputs(options, batch, inputs, sources)
    fresh = task.needs_out and not batch.overwrite
    refuse_collisions(sources, lambda place: task.output_names(place, saves), batch.out, task.run_names(saves), fresh)
    return Plan(task, options, batch, sources, steps, saves)


def option_names(*options: Any) -> list[str]:
    """Every option of these, as typed without its dashes."""
    return [field.name.strip("_").replace("_", "-") for group in options for field in fields(group)]


def _listed(batch: BatchOptions) -> list[str]:
    if not batch.files_from:
        if batch.null:
            raise UsageError("--null: says how --files-from is read; give --files-from FILE or -")
        return []
    if batch.files_from == STDIN and STDIN in (batch.sources or []):
        raise UsageError("standard input cannot be both a picture (-) and the list of --files-from -")
    return read_list(batch.files_from, batch.null)
