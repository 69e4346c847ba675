"""Whether a file is a report that dlcli wrote: by its exact beginning and end, not by a word somewhere in it. Light."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from dlcli.tasks.registry import all_tasks

HEAD, TAIL = 4096, 256  # bytes that a report is known by
SARIF = b'{\n "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n "version": "2.1.0",\n "runs": [\n'
_LAST_LINE = re.compile(rb"\n(?:Model [^\n]+, )?dlcli [^\n]+, run [0-9a-f]+\n\Z")  # the last line of Markdown
_HTML = re.compile(
    rb'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" '
    rb'content="[^"\n]+">\n(?:<(?:meta|link) [^\n]+>\n)+<title>dlcli ([a-z-]+): '
)


def is_report(kind: str, path: Path) -> bool:
    """Whether the regular file is a report of this kind. One that cannot be read is none."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            return _CHECKS[kind](path, head, file.read(TAIL))
    except OSError:
        return False


def _tasks() -> Iterator[bytes]:
    return (name.encode() for name in all_tasks())


def _junit(_path: Path, head: bytes, tail: bytes) -> bool:
    start = b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites name=\"dlcli %b\" tests="
    return head.startswith(tuple(start % task for task in _tasks())) and tail.endswith(b"\n</testsuites>\n")


def _sarif(path: Path, head: bytes, _tail: bytes) -> bool:
    if not head.startswith(SARIF):
        return False
    try:
        runs = json.loads(path.read_bytes())["runs"]
        return bool(len(runs) == 1 and runs[0]["tool"]["driver"]["name"] == "dlcli")
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _markdown(_path: Path, head: bytes, tail: bytes) -> bool:
    return head.startswith(tuple(b"## dlcli %b\n\n" % task for task in _tasks())) and bool(_LAST_LINE.search(tail))


def _csv(_path: Path, head: bytes, tail: bytes) -> bool:
    from dlcli.batch.reports.csv_table import columns_of

    return head.startswith(tuple(",".join(columns_of(task)).encode() + b"\r\n" for task in all_tasks())) and (
        tail.endswith(b"\r\n")
    )


def _html(_path: Path, head: bytes, tail: bytes) -> bool:
    found = _HTML.match(head)
    return found is not None and found[1] in _tasks() and tail.endswith(b"</script></body></html>")


_CHECKS: dict[str, Callable[[Path, bytes, bytes], bool]] = {
    "junit": _junit,
    "sarif": _sarif,
    "markdown": _markdown,
    "csv": _csv,
    "html": _html,
}
