"""What a task takes of memory, for --max-memory; batch/memory asks. Light.

Bytes a pixel are growth of the whole program's peak between images of 12 and 24 megapixels, measured by
`python -m tests.benchmarks.memory` and rounded up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass

if TYPE_CHECKING:
    from dlcli.imaging.footprint import Changed

UNKNOWN = 4.0  # bytes a pixel of a prediction about which nothing is known yet
DRAWN = 10.2  # of an image that is drawn on: a copy in Pillow, which comes back as another
REDRAWN = frozenset({"annotated", "overlay", "redacted"})  # kinds of --save whose image is encoded after it is drawn on
WORKER = 8 << 20


@dataclass(frozen=True)
class MemoryModel:
    """What a task takes beside the image itself. Without arguments nothing is known, and first images are measured.

    worker: bytes that a worker comes to hold for good, such as the activations that ONNX Runtime's arena keeps.
    worker_input: pixels of the network's input for which `worker` was measured; 0: it does not depend on it.
    predict: bytes a pixel of the image while predicting; None: unknown.
    result: bytes a pixel of the image that the result holds from then on.
    saves: bytes a pixel of the image for each kind of --save, in the order of their making, before it is encoded.
    left: bytes a pixel that a kind of --save leaves alive while the next kinds are made.
    reads_again: the file's bytes are alive to the end, for its metadata.
    """

    worker: int = WORKER
    worker_input: int = 0
    predict: float | None = None
    result: float = 0
    saves: Mapping[str, float] = field(default_factory=dict)
    left: Mapping[str, float] = field(default_factory=dict)
    reads_again: bool = False

    @property
    def known(self) -> bool:
        return self.predict is not None

    def once(self, options: Any) -> int:
        """Bytes that these options take once, whatever the image."""
        return 0

    def all_pages(self, options: Any) -> bool:
        """Whether the pages and frames behind the first are read as well."""
        return False

    def prediction(self, options: Any, changed: "Changed", pixels: int) -> tuple[float, float]:
        """Bytes that predicting takes, and bytes that its result holds from then on.

        changed: what the --pre steps have made. pixels: of the image.
        """
        return (UNKNOWN if self.predict is None else self.predict) * pixels, self.result * pixels

    def saving(self, options: Any, save: str, changed: "Changed", pixels: int, suffix: str) -> float:
        """Bytes that a kind of file takes beside the image and the result. suffix: of the image's name."""
        need = self.saves.get(save, DRAWN) * pixels
        if save not in REDRAWN:
            return need
        from dlcli.imaging.footprint import ENCODE, written

        return max(need, (3 + ENCODE[written(suffix)][0]) * pixels)

    def ordered(self, saves: Sequence[str]) -> list[str]:
        """Kinds of --save in the order in which they are made."""
        return [save for save in (self.saves or saves) if save in saves]
