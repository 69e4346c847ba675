"""A file of records by image. Lines stay as they were read, so that large files take little memory."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlcli.batch.sources.standard_input import STDIN, read_stdin
from dlcli.data.files import read_bytes
from dlcli.data.records.lines import checked, load_record, task_of
from dlcli.errors import DataError, UsageError
from dlcli.evaluation.diff.change import Record
from dlcli.frozen import dataclass
from dlcli.records import record_key

Key = tuple[str, str, int, int]  # source, source_bytes or "", number of the crop and of the frame or -1
OF_THE_RUN = ("model", "schema")  # equal in all records of a run; reported once


@dataclass(frozen=True)
class RecordFile:
    """name: for people. lines: by image, its line in the file and the number of that. tasks: in order of appearance.

    run: the values of OF_THE_RUN in the file, in order of appearance.
    """

    name: str
    lines: dict[Key, tuple[int, bytes]]
    tasks: tuple[str, ...]
    run: dict[str, tuple[str, ...]]

    def line(self, key: Key) -> bytes | None:
        """As it was read, None if the file has none."""
        return self.lines[key][1] if key in self.lines else None

    def record(self, key: Key) -> Record | None:
        """The record of an image, None if the file has none."""
        line = self.line(key)
        return None if line is None else json.loads(line)

    def place(self, key: Key) -> str:
        """File and line of an image, for messages; "" if the file has none."""
        return f"{self.name}: line {self.lines[key][0]}" if key in self.lines else ""


def read_record_file(file: str) -> RecordFile:
    """A JSONL file, "-" for standard input.

    UsageError: there is no such file. DataError: it cannot be read, a line is no record as `dlcli schema` has it, an
    image is in it twice.
    """
    if file == STDIN:
        return sort_records(read_stdin(), "standard input")
    if not Path(file).exists():
        raise UsageError(f"{file}: no such file; give the records of a run, as --json and --out write them")
    return sort_records(read_bytes(Path(file), pipes=True), file)


def sort_records(data: bytes, name: str) -> RecordFile:
    """The same of bytes; `name` is the file in messages. Empty lines are skipped."""
    lines: dict[Key, tuple[int, bytes]] = {}
    tasks: dict[str, None] = {}
    run: dict[str, dict[str, None]] = defaultdict(dict)
    for number, line in _filled_lines(data):
        place = f"{name}: line {number}"
        loaded = load_record(line, place)
        record = checked(loaded, place)
        if record is not loaded:
            line = json.dumps(record).encode()
        key = key_of(record)
        if key in lines:
            raise DataError(
                f"{place}: {shown(key)} is in line {lines[key][0]} too; expected one record an image, so compare runs "
                "one by one"
            )
        lines[key] = number, line
        tasks[task_of(record)] = None
        for field in OF_THE_RUN:
            run[field].update({str(record[field]): None} if record.get(field) else {})
    return RecordFile(name, lines, tuple(tasks), {field: tuple(run[field]) for field in OF_THE_RUN})


def key_of(record: Record) -> Key:
    """What makes two records be about one input."""
    source, raw, crop, frame = record_key(record)
    return source, raw or "", -1 if crop is None else crop, -1 if frame is None else frame


def shown(key: Key) -> str:
    """The image's name for people, as `Source.shown`."""
    source, _, crop, frame = key
    return source + (f"#{crop}" if crop >= 0 else "") + (f", frame {frame}" if frame >= 0 else "")


def key_fields(key: Key) -> dict[str, Any]:
    """The image's name as JSON values."""
    source, raw, crop, frame = key
    more = {"source_bytes": raw or None, "crop": crop if crop >= 0 else None, "frame": frame if frame >= 0 else None}
    return {"source": source} | {name: value for name, value in more.items() if value is not None}


def _filled_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip())
