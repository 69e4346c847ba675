"""Files of records become one, as if one run had written it; what does not belong together is refused."""

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from dlcli.batch.sources.standard_input import STDIN, read_stdin
from dlcli.data.records.lines import Record, parse_records, read_records, task_of
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.records import SourceKey, record_key
from dlcli.tasks.registry import find_task

NAMED = 5  # numbers of missing images


@dataclass(frozen=True)
class Part:
    """One file. name: for messages."""

    name: str
    records: list[Record]


@dataclass(frozen=True)
class Merged:
    """records: in the order of the whole run, without what only shards carry."""

    task: str
    model: str
    records: list[Record]


def read_part(name: str) -> Part:
    """The records of a file, or of standard input. UsageError: there is no such file."""
    if name != STDIN and not os.path.exists(name):
        raise UsageError(f"FILE {name}: no such file")
    return Part(name, list(parse_records(read_stdin(), STDIN) if name == STDIN else read_records(Path(name))))


def merge(parts: Sequence[Part]) -> Merged:
    """DataError: an image is in two files, one is in none, or the files are of different runs. UsageError: of a task
    that does not exist."""
    found = [(part.name, record) for part in parts for record in part.records]
    if not found:
        raise DataError(f"{parts[0].name}: no records in any of the files; give those that dlcli wrote")
    task = _the_same("the task", [(name, task_of(record)) for name, record in found])
    find_task(task)
    model = _the_same("the model", [(name, record["model"]) for name, record in found if record.get("model")])
    sharded = [(name, record) for name, record in found if "shard" in record]
    if not sharded:
        _refuse_overlap([(name, record_key(record)) for name, record in found])
        return Merged(task, model, [record for _, record in found])
    if len(sharded) < len(found):
        other = next(name for name, record in found if "shard" not in record)
        raise DataError(f"{other}: holds records without --shard, the other files with it; merge shards of one run")
    return Merged(task, model, _in_order(sharded))


def _in_order(found: list[tuple[str, Record]]) -> list[Record]:
    """All images of a run by their numbers."""
    try:
        shards = [(name, record, record["shard"]) for name, record in found]
        _the_same("the number of images", [(name, shard["of"]) for name, _, shard in shards])
        _the_same("the run (its options, model or list of images)", [(name, shard["run"]) for name, _, shard in shards])
        numbers = [(name, int(shard["index"])) for name, _, shard in shards]
        count = int(shards[0][2]["of"])
        if not all(0 <= number < count for _, number in numbers):
            raise ValueError("index is not below of")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{found[0][0]}: a record's shard is damaged ({error!r}); make it again") from None
    _refuse_overlap(numbers)
    missing = count - len(numbers)  # `of` may be a huge number, if somebody has changed it
    if missing:
        there = {number for _, number in numbers}
        first = ", ".join(map(str, islice((i for i in range(count) if i not in there), NAMED)))
        first += ", ..." if missing > NAMED else ""
        raise DataError(
            f"{missing:,} of the run's {count:,} images are in none of these files (numbers {first}); "
            "give the files of all shards"
        )
    ordered = sorted(shards, key=lambda item: int(item[2]["index"]))
    return [{name: value for name, value in record.items() if name != "shard"} for _, record, _ in ordered]


def _the_same(what: str, values: list[tuple[str, Any]]) -> Any:
    """The one value that all have; "" where there is none."""
    for name, value in values:
        if value != values[0][1]:
            raise DataError(f"{name}: {what} is {value}, in {values[0][0]} {values[0][1]}; merge files of one run")
    return values[0][1] if values else ""


def _refuse_overlap(found: Sequence[tuple[str, int | SourceKey]]) -> None:
    seen: dict[int | SourceKey, str] = {}
    for name, key in found:
        if key in seen:
            what = key[0] if isinstance(key, tuple) else f"image number {key}"
            raise DataError(f"{name}: {what} is in {seen[key]} too; give each shard once")
        seen[key] = name
