"""Where reports may go: over no input of the run, and over none of its other files. Light."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from dlcli.batch.reports.recognize import is_report
from dlcli.batch.reports.spec import ReportSpec
from dlcli.errors import UsageError
from dlcli.records import Source
from dlcli.whole_file import is_replaced


def refuse_inputs(specs: Sequence[ReportSpec], inputs: Iterable[str | Path | None]) -> None:
    """UsageError: a report would be written over a file that is read. inputs: files, whatever way they are named."""
    wanted = _by_place(specs)
    for name in inputs if wanted else ():
        spec = wanted.get(_real(name)) if name else None
        if spec is not None:
            raise UsageError(f"--report {spec.kind}={spec.path}: would write over an input; name another file")


def refuse_files(specs: Sequence[ReportSpec]) -> None:
    """UsageError: a report would replace a file that is no such report of dlcli, or make what a link names.

    An empty file may be replaced, but not through a link; a report of dlcli also through one.
    """
    for spec in specs:
        path = spec.path
        if path is not None:
            _refuse_unwritable(spec.kind, path)
        if path is None or not is_replaced(path):
            continue
        if not os.path.exists(path):
            raise UsageError(
                f"--report {spec.kind}={path}: is a link to nothing; name another file, or remove the link"
            )
        empty = os.path.isfile(path) and os.path.getsize(path) == 0 and not os.path.islink(path)
        if os.path.isfile(path) and not empty and not is_report(spec.kind, path):
            raise UsageError(
                f"--report {spec.kind}={path}: exists already, and is not a {spec.kind} report of dlcli; name "
                "another file, or move it away"
            )


def _refuse_unwritable(kind: str, path: Path) -> None:
    """UsageError: the report could not be written at the end of the run. Leaves nothing behind."""
    try:
        if os.path.lexists(path) and not is_replaced(path):  # a device, a FIFO
            return
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with suppress(FileNotFoundError):
            os.lstat(path)  # a name that no file can have
        folder = Path(os.path.abspath(path)).parent
        while not os.path.lexists(folder):
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"--report {kind}={path}: cannot be written: {reason}; name another file") from None


def refuse_outputs(
    specs: Sequence[ReportSpec],
    out: Path | None,
    of_run: Iterable[str | PurePosixPath],
    sources: Iterable[Source],
    names: Callable[[PurePosixPath], list[PurePosixPath]],
) -> None:
    """UsageError: a report would be written over another file of the run.

    of_run, names: files below `out` that the run writes as a whole, and for an image at a place.
    """
    wanted = _by_place(specs) if out is not None else {}
    if not wanted or out is None:
        return
    root = os.path.realpath(out)
    for name in [*of_run, *(name for source in sources for name in names(source.place))]:
        spec = wanted.get(os.path.join(root, name))
        if spec is not None:
            raise UsageError(
                f"--report {spec.kind}={spec.path}: the run writes its own {name} there; name another file"
            )


def _by_place(specs: Sequence[ReportSpec]) -> dict[str, ReportSpec]:
    return {_real(spec.path): spec for spec in specs if spec.path is not None}


def _real(name: str | Path) -> str:
    return os.path.abspath(name) if "\0" in str(name) else os.path.realpath(name)
