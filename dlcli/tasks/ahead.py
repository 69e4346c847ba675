"""The model of a run is opened in a thread of its own while OpenCV loads, which takes as long: 20 ms of a start.

What goes wrong there is not told: the model is then opened in its place, and says what it has to. Light.
"""

from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlcli.models.store import ModelFile
    from dlcli.runtime.session import Session

Asked = tuple[Any, ...]


class _Opening(Thread):
    """found: the model and its session; None where there was something wrong, or it is none of ONNX Runtime's."""

    def __init__(self, options: Any, task: str, threads: int, workers: int):
        super().__init__(name="open-model")
        self.asked: Asked = options, task, threads, workers
        self.found: tuple[ModelFile, Session] | None = None

    def run(self) -> None:
        try:
            self.found = _find_and_open(*self.asked)
        except Exception:  # whoever asks does it again, where an error has its place
            self.found = None


_begun: list[_Opening] = []


def begin(options: Any, task: str, threads: int, workers: int) -> None:
    """Start to open what `taken` will be asked for with the same arguments; see tasks.network.open_network."""
    _begun[:] = [_Opening(options, task, threads, workers)]
    _begun[0].start()


def taken(options: Any, task: str, threads: int, workers: int) -> "tuple[ModelFile, Session] | None":
    """What was begun with these arguments, once it is there; None where nothing was, or nothing came of it."""
    while _begun:
        opening = _begun.pop()
        opening.join()
        if opening.asked == (options, task, threads, workers):
            return opening.found
    return None


def _find_and_open(options: Any, task: str, threads: int, workers: int) -> "tuple[ModelFile, Session] | None":
    from dlcli.tasks.runtimes import resolve

    if resolve(options, task)[0] != "onnx":
        return None
    from dlcli.models.store import find_model
    from dlcli.runtime.session import open_session

    found = find_model(options.model, task)
    return found, open_session(found.path, threads, options.device, workers, digest=found.digest)
