"""Two files of records compared image by image: what changed, how far the rest drifted."""

from collections import Counter
from collections.abc import Callable

from dlcli.data.records.lines import task_of
from dlcli.errors import DataError, UsageError
from dlcli.evaluation.diff import other_fields
from dlcli.evaluation.diff.change import Change, Drift, Findings, Limits, Record
from dlcli.evaluation.diff.parts import kinds_of, partial_name
from dlcli.evaluation.diff.record_file import OF_THE_RUN, Key, RecordFile
from dlcli.frozen import dataclass


@dataclass(frozen=True)
class Note:
    """What differs between the runs and is no change of an image, such as the model. a, b: the values there."""

    name: str
    a: tuple[str, ...]
    b: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """changes: by image, images ordered by name; empty where nothing changed above the limits.

    images: "a", "b": records in each file; "compared": those in both; "same": those of them without a change.
    """

    a: str
    b: str
    task: str
    limits: Limits
    changes: list[tuple[Key, Change]]
    images: dict[str, int]
    drift: Drift
    notes: list[Note]

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """By thing and kind."""
        return Counter((change.thing, change.kind) for _, change in self.changes)


def compare(a: RecordFile, b: RecordFile, limits: Limits, step: Callable[[], None] = lambda: None) -> Difference:
    """What changed from a to b; b to a gives the same mirrored.

    step: called for each image. UsageError: the files are of different commands. DataError: see the parts.
    """
    task = _one_task(a, b)
    part = partial_name(task)
    changes: list[tuple[Key, Change]] = []
    whole = Findings()
    changed = 0
    for key in sorted(a.lines.keys() | b.lines.keys()):
        whole.changes = []
        if a.line(key) == b.line(key):
            whole.drift.add(**vars(part.NO_DRIFT if part else Drift()))
        else:
            compare_images(a.record(key), b.record(key), (a.place(key), b.place(key)), limits, whole)
        changed += bool(whole.changes) and key in a.lines and key in b.lines
        changes += [(key, change) for change in whole.changes]
        step()
    both = len(a.lines.keys() & b.lines.keys())
    images = {"a": len(a.lines), "b": len(b.lines), "compared": both, "same": both - changed}
    return Difference(a.name, b.name, task, limits, changes, images, whole.drift, _notes(a, b, whole))


def compare_images(
    a: Record | None, b: Record | None, places: tuple[str, str], limits: Limits, found: Findings
) -> None:
    """Add what changed in one image. None: it is not in that file. places: file and line of each, for messages."""
    if a is None or b is None:
        found.changes.append(Change("new" if a is None else "lost", "image", "", _state(a), _state(b)))
    elif a["ok"] != b["ok"]:
        found.changes.append(Change("failed" if a["ok"] else "recovered", "image", "", _state(a), _state(b)))
    elif not a["ok"]:
        if _state(a) != _state(b):
            found.changes.append(Change("changed", "field", "error", _state(a), _state(b)))
    else:
        part = partial_name(task_of(a))
        try:
            if part is not None:
                part.diff(a, b, places, limits, found)
            other_fields.diff(a, b, part.FIELDS if part else frozenset(), limits, found)
        except (RecursionError, OverflowError) as error:
            raise DataError(f"{places[0]}, {places[1]}: cannot be compared ({error})") from None
    _in_order(found.changes, task_of(a or b or {}))


def _in_order(changes: list[Change], task: str) -> None:
    """The task's own thing first, each in the order of its kinds; within a kind as they are in the records."""
    kinds = [(thing, kind) for thing, of_thing in kinds_of(task).items() for kind in of_thing]
    order = {kind: number for number, kind in enumerate(kinds)}
    changes.sort(key=lambda change: order[change.thing, change.kind])


def _state(record: Record | None) -> str | None:
    """ "ok", or the kind of the failure; None where there is no record."""
    if record is None or record["ok"]:
        return None if record is None else "ok"
    error = record.get("error")
    return str(error.get("kind", "error")) if isinstance(error, dict) else "error"


def _one_task(a: RecordFile, b: RecordFile) -> str:
    tasks = list(dict.fromkeys(a.tasks + b.tasks))
    if len(tasks) > 1:
        has = " and ".join(f"{file.name} has {', '.join(file.tasks)}" for file in (a, b) if file.tasks)
        raise UsageError(f"records of different commands cannot be compared: {has}; give two files of one command")
    return tasks[0] if tasks else ""


def _notes(a: RecordFile, b: RecordFile, found: Findings) -> list[Note]:
    """Of the run where both files have values and not the same; of class ids, a note a label."""
    run = [Note(name, a.run[name], b.run[name]) for name in OF_THE_RUN if a.run[name] and b.run[name]]
    ids = [Note(f"class_id of {label}", (str(x),), (str(y),)) for label, (x, y) in sorted(found.class_ids.items())]
    return [note for note in run if set(note.a) != set(note.b)] + ids
