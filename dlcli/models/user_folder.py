"""The folder of the models that a user brought in: NAME.onnx each, with NAME.sha256 as it was recorded."""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dlcli.errors import DataError, DlcliError, MissingError, UsageError
from dlcli.models import BUNDLED
from dlcli.models.checksums import file_digest
from dlcli.models.sums import read_sums, write_sums
from dlcli.signals import unbroken
from dlcli.whole_file import write_whole

VARIABLE = "DLCLI_MODELS"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


def user_folder() -> Path | None:
    """DLCLI_MODELS, or dlcli/models below XDG_DATA_HOME or ~/.local/share; None where the environment has none of them.

    It need not exist. A relative XDG_DATA_HOME does not count, as the XDG specification has it.
    """
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if data.is_absolute():
        return data / "dlcli" / "models"
    home = os.environ.get("HOME")
    return Path(home, ".local", "share", "dlcli", "models") if home else None


def imported_models() -> dict[str, Path]:
    """Names to files, in the order of the names; {} where there is no folder, or one that cannot be read."""
    folder = user_folder()
    try:
        files = sorted(folder.glob("*.onnx")) if folder else []
        return {path.stem: path for path in files if re.fullmatch(NAME, path.stem) and path.is_file()}
    except OSError:
        return {}


def recorded_sum(path: Path) -> str | None:
    """The SHA-256 of an imported model when it came in; None: nothing is recorded. DataError: what is is damaged."""
    return read_sums(path.with_suffix(".sha256")).get(path.name)


def keep_model(name: str, model: bytes) -> Path:
    """Write NAME.onnx and what `recorded_sum` reads; the file. The sum is there before the model is.

    UsageError: no name for a model, one that is taken, no folder to keep it in, or a NAME.sha256 that no import wrote.
    DlcliError: it cannot be written.
    """
    path = _place(name)
    with _alone(path):
        if os.path.lexists(path):
            raise UsageError(
                f"--name {name}: is taken by {path}; run `dlcli models remove {name}` first, or choose another"
            )
        sums = path.with_suffix(".sha256")
        if os.path.lexists(sums) and _own_sum(path) is None:
            raise UsageError(f"--name {name}: {sums} is there already, and no import wrote it; choose another name")
        with _writing(path), unbroken():
            write_sums(sums.with_suffix(".sha256"), {path.name: hashlib.sha256(model).hexdigest()})
            try:
                write_whole(path, model)
            except BaseException:
                sums.unlink(missing_ok=True)
                raise
    return path


def remove_model(name: str) -> Path:
    """Remove an imported model; the file that is gone.

    UsageError: no name for one, or a file that no import wrote, or that was changed since. MissingError: none of it.
    """
    path = _place(name)
    if not os.path.lexists(path):
        known = ", ".join(imported_models()) or "none"
        if (BUNDLED / f"{name}.onnx").is_file():
            raise UsageError(f"{name}: is bundled with dlcli, so it stays; imported models, which can go: {known}")
        raise MissingError(f"{name}: no model of that name was imported; there are: {known}")
    with _alone(path):
        if not _is_as_imported(path):
            raise UsageError(
                f"{name}: {path} is not as an import wrote it, so it is not removed; delete it, and the .sha256 beside "
                "it, yourself if it may go"
            )
        with _writing(path):
            path.unlink()
            path.with_suffix(".sha256").unlink(missing_ok=True)
    return path


def _is_as_imported(path: Path) -> bool:
    recorded = _own_sum(path)
    if recorded is None or path.is_symlink() or not path.is_file():
        return False
    try:
        return file_digest(path) == recorded
    except OSError:
        return False


def _own_sum(path: Path) -> str | None:
    """What an import recorded of the model; None where what is beside it is no record of an import, or nothing is."""
    if path.with_suffix(".sha256").is_symlink():
        return None
    try:
        sums = read_sums(path.with_suffix(".sha256"))
    except DataError:
        return None
    return sums[path.name] if set(sums) == {path.name} else None


def check_name(name: str) -> None:
    """UsageError where it cannot be a model's name: letters, digits, dots, dashes and underscores, at most 100."""
    if re.fullmatch(NAME, name) is None or ".." in name:
        raise UsageError(
            f"{name!r}: expected a name of letters, digits, '.', '_', '-' without '..', such as night-cars"
        )


def _place(name: str) -> Path:
    check_name(name)
    folder = user_folder()
    if folder is None:
        raise MissingError(
            f"no folder for models: none of {VARIABLE}, XDG_DATA_HOME and HOME is set; set {VARIABLE} to one"
        )
    return folder / f"{name}.onnx"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While inside, nobody else brings a model into its folder or takes one away; waits for who does.

    File systems without locks are taken as they are.
    """
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """What fails within is reported with the advice that helps here."""
    try:
        yield
    except (OSError, DlcliError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        reason = cause.strerror if isinstance(cause, OSError) else str(error)
        raise DlcliError(
            f"{path}: cannot be written: {reason}; set {VARIABLE} to a folder that can be written"
        ) from error
