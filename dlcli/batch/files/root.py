"""The root of a run: the folder whose tree is mirrored below --out. It is stored with the run, so that --resume writes
each image where the first run did, whatever is searched now.
"""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from dlcli.batch.files.run_files import JsonlIndex, Names
from dlcli.errors import UsageError
from dlcli.messages import as_text
from dlcli.records import Source

ROOT = "root"
NAMED = 3  # images in a message


def stored_root(out: Path, names: Names) -> str:
    """The root of the run in `out`, from the first line of its state; "" where there is none."""
    for name in names.of_state:
        with suppress(OSError, ValueError, RecursionError), (out / name).open("rb") as file:
            head = json.loads(file.readline())
            found = head.get(ROOT) if isinstance(head, dict) else None
            if isinstance(found, str) and "\0" not in found:
                return found
    return ""


def root_of(sources: Iterable[Source]) -> str:
    """The folder below which the sources have their places, relative if their names are; "" where nothing tells."""
    for source in sources:
        if source.path is None or source.failure is not None or ".." in source.place.parts:
            continue
        path = os.path.abspath(source.path)
        above = path.removesuffix(os.sep + str(source.place))
        if above != path:
            return (above or os.sep) if os.path.isabs(source.name) else os.path.relpath(above or os.sep)
    return ""


def refuse_moved(
    out: Path, states: JsonlIndex, sources: Iterable[Source], names: Callable[[PurePosixPath], list[PurePosixPath]]
) -> None:
    """UsageError: images of the earlier run would get other files than it wrote, so that both would stand.

    states: of the earlier run. names: what is written for an image at a place.
    """
    moved = []
    for source in sources:
        files = (states.get(source.key) or {}).get("files")
        if source.failure is not None or not isinstance(files, dict) or not files:
            continue
        goals = names(source.place)
        stray = [name for name in files if not any(PurePosixPath(name).is_relative_to(goal) for goal in goals)]
        if goals and stray:
            moved.append(f"{source.text} (was {as_text(Path(stray[0]))}, would be {as_text(goals[0])})")
    if moved:
        more = f" and {len(moved) - NAMED:,} more" if len(moved) > NAMED else ""
        raise UsageError(
            f"--resume: files in {out} would move: {', '.join(moved[:NAMED])}{more}, as the images lie below another "
            "folder than in the run there; give the same sources or --root as then, name another --out, or start over "
            "with --overwrite"
        )
