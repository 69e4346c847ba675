"""Is this installation sound? All checks in turn, light ones first; none of them can end the others."""

from collections.abc import Callable, Iterable, Iterator

from dlcli.doctor import machine
from dlcli.doctor.finding import Finding, fault
from dlcli.doctor.models import check_model_files
from dlcli.doctor.name import check_name
from dlcli.doctor.versions import check_versions

Check = Callable[[], Iterable[Finding]]


def examine() -> Iterator[Finding]:
    """Findings as they come. Nothing is written, but for one file in the folder for temporary ones, which goes."""
    before = machine.sockets()
    yield from check_versions()
    yield from guarded("name", lambda: [check_name()])
    yield from machine.check_machine()
    yield from guarded("imports", _imports)
    yield from guarded("devices", lambda: [machine.check_runtimes()])
    yield from guarded("model", _models)
    yield from guarded("sums", check_model_files)
    yield from guarded("tuned", _tuned)
    yield machine.check_silence(before)


def guarded(name: str, check: Check) -> Iterator[Finding]:
    """The findings of a check; what it raises becomes a fault of that name."""
    try:
        yield from check()
    except Exception as error:  # a broken library raises anything, also when it is imported
        lines = str(error).strip().splitlines() or [""]
        yield fault(name, f"{type(error).__name__}: {lines[0][:300]}", "install what it names, or dlcli again")


def _imports() -> Iterator[Finding]:
    """A fault for OpenCV or NumPy that is installed and cannot be loaded; nothing where they can."""
    import cv2
    import numpy  # noqa: F401

    cv2.getVersionString()
    return iter(())


def _tuned() -> Iterator[Finding]:
    from dlcli.doctor.tune import check_tuned

    yield check_tuned()


def _models() -> Iterator[Finding]:
    from dlcli.doctor.bundled import check_bundled

    return check_bundled()
