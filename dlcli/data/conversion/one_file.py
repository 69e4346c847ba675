"""A set that is one file, with NAME.ids.json beside it, which also says how the file was written.

A file that is there is replaced as long as it is as dlcli convert wrote it: its size and SHA-256 are those that
NAME.ids.json has.
"""

import json
import os
from pathlib import Path

from dlcli.data.conversion.ids_file import NAME, ids_path, read_ids
from dlcli.data.conversion.manifest import Entry, entry_of, is_as_written
from dlcli.data.files import read_bytes
from dlcli.errors import UsageError

WRITTEN = "written"  # the key in NAME.ids.json


def files_of(staged: Path, target: Path) -> dict[str, bytes]:
    """What was converted in the folder `staged`, as the file `target` and its ids, by name."""
    found = next(path for path in sorted(staged.rglob(f"*{target.suffix.lower()}")) if path.name != NAME)
    content = json.loads((staged / NAME).read_text(encoding="utf-8")) | {WRITTEN: entry_of(found)}
    ids = json.dumps(content, ensure_ascii=False, indent=0) + "\n"
    return {ids_path(target).name: ids.encode(), target.name: found.read_bytes()}


def refuse_others(target: Path) -> None:
    """UsageError: what is in the place of the file, or of its ids, is not as dlcli convert wrote it."""
    ids = ids_path(target)
    real = Path(os.path.realpath(target))
    if real.is_file() and not is_as_written(real, _written(ids)):
        raise UsageError(
            f"{target}: is not as dlcli convert wrote it (by {ids.name}), so --overwrite leaves it alone; "
            "remove it yourself, or name another place"
        )
    if os.path.lexists(ids) and read_ids(ids) is None:
        raise UsageError(f"{ids}: was not written by dlcli convert; move it away, or name another place")


def _written(ids: Path) -> Entry | None:
    if read_ids(ids) is None:
        return None
    entry = json.loads(read_bytes(ids).decode("utf-8-sig")).get(WRITTEN)
    return entry if isinstance(entry, dict) else None
